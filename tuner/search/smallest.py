"""The configuration of a space that costs least by some measure, such as the number of weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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
    varied = [key for key, values in candidates.items() if len(values) > 1]
    best, read = _try(space, chosen, cost)
    improved = True
    while improved:
        improved = False
        read_with: dict[tuple[str, Scalar], set[str]] = {}
        for key in varied:
            for value in candidates[key] if key in read else ():
                changed, read_with[key, value] = _try(space, chosen | {key: value}, cost)
                if changed < best:
                    best, read, improved = changed, read_with[key, value], True
                    chosen |= {key: value}
        if improved:
            continue
        for (one, other), values in _pairs(varied, candidates):
            # A change of what nobody reads changes no cost: then both together cost as much as one of them alone.
            if other in read_with.get((one, values[0]), read) and one in read_with.get((other, values[1]), read):
                changes = {one: values[0], other: values[1]}
                changed, read_by_both = _try(space, chosen | changes, cost)
                if changed < best:
                    best, read, improved = changed, read_by_both, True
                    chosen |= changes
                    break
    return space.choose(lambda parameter: chosen[parameter.key])


class _Watched(Hyperparameters):
    """A configuration that knows which of its values were read."""

    def __init__(self) -> None:
        super().__init__()
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> Scalar:
        self.read.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.read.add(name)
        return super().get(name, default)

    def __contains__(self, name: object) -> bool:
        self.read.add(str(name))
        return super().__contains__(name)

    def keys(self) -> Any:
        self.read.update(super().keys())
        return super().keys()

    def items(self) -> Any:
        self.read.update(super().keys())
        return super().items()

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())


def _try(space: Space, chosen: dict[str, Scalar], cost: Callable[[Hyperparameters], float]) -> tuple[float, set[str]]:
    """What a configuration costs, and the keys of the values that decided it."""
    values, picked = _Watched(), {}

    def pick(parameter: Parameter) -> Scalar:
        picked[parameter.key] = parameter.name
        return chosen[parameter.key]

    found = cost(space.choose(pick, values))
    return found, {key for key, name in picked.items() if name in values.read}


def _pairs(
    keys: Sequence[str], candidates: Mapping[str, Sequence[Scalar]]
) -> Iterator[tuple[tuple[str, str], tuple[Scalar, Scalar]]]:
    """All pairs of keys with all pairs of their values."""
    for one, other in combinations(keys, 2):
        for values in product(candidates[one], candidates[other]):
            yield (one, other), values


def _candidates(parameter: Parameter) -> list[Scalar]:
    if parameter.choices is not None:
        return list(parameter.choices)
    low, high = parameter.bounds
    if parameter.integer and parameter.size <= FEW_VALUES:
        return list(range(int(low), int(high) + 1))
    return [int(low), int(high)] if parameter.integer else [low, high]
