"""The configuration of a space that costs least by some measure, such as the number of weights."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, product
from typing import Any

from tuner.events import Scalar
from tuner.search.parameter import Hyperparameters, Parameter
from tuner.search.space import Space

FEW_VALUES = 17
"""A whole number with at most so many values is tried with each of them, any other number with its two ends."""


def smallest(space: Space, cost: Callable[[Hyperparameters], float]) -> Hyperparameters:
    """Return the configuration with the lowest cost.

    A local search that changes one value or two at a time, from the lowest values. It finds the optimum where the cost
    rises or falls with each number and no three values must change together.
    """
    candidates = {parameter.key: _candidates(parameter) for parameter in space.parameters}
    chosen = {key: values[0] for key, values in candidates.items()}

    def value(changes: dict[str, Any]) -> float:
        return cost(_configuration(space, chosen | changes))

    best = value({})
    varied = [key for key, values in candidates.items() if len(values) > 1]
    improved = True
    while improved:
        improved = False
        for keys in [*((key,) for key in varied), *combinations(varied, 2)]:
            for values in product(*(candidates[key] for key in keys)):
                changes = dict(zip(keys, values, strict=True))
                if (changed := value(changes)) < best:
                    best, improved = changed, True
                    chosen |= changes
    return _configuration(space, chosen)


def _configuration(space: Space, chosen: dict[str, Scalar]) -> Hyperparameters:
    return space.choose(lambda parameter: chosen[parameter.key])


def _candidates(parameter: Parameter) -> list[Scalar]:
    if parameter.choices is not None:
        return list(parameter.choices)
    low, high = parameter.bounds
    if parameter.integer and parameter.size <= FEW_VALUES:
        return list(range(int(low), int(high) + 1))
    return [int(low), int(high)] if parameter.integer else [low, high]
