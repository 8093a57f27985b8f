"""All configurations of a space without ranges of real numbers, so that none is trained twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from math import inf

from tuner.events import Scalar
from tuner.search.parameter import Hyperparameters
from tuner.search.space import Space


def is_finite(space: Space) -> bool:
    """Whether the space has a finite number of configurations."""
    return all(parameter.size < inf for parameter in space.varied())


def combinations(space: Space) -> Iterator[tuple[Hyperparameters, dict[str, Scalar]]]:
    """All configurations of a finite space, the last parameter changing fastest.

    Each is given by name, as a network takes it, and by key without the fixed parameters, as samplers do.
    """
    return _completed(space, 0, {}, {})


def number_of_combinations(space: Space, most: int) -> int | None:
    """The number of configurations; None if it is above `most` or infinite."""
    if not is_finite(space):
        return None
    number = sum(1 for _ in islice(combinations(space), most + 1))
    return number if number <= most else None


def _completed(
    space: Space, place: int, known: Mapping[str, Scalar], values: Mapping[str, Scalar]
) -> Iterator[tuple[Hyperparameters, dict[str, Scalar]]]:
    """The configurations that begin with these values of the parameters before `place`."""
    parameters = space.parameters
    while place < len(parameters) and not parameters[place].when(known):
        place += 1
    if place == len(parameters):
        yield dict(known), dict(values)
        return
    parameter = parameters[place]
    for value in parameter.values:
        varied = {} if parameter.only_value is not None else {parameter.key: value}
        yield from _completed(space, place + 1, {**known, parameter.name: value}, {**values, **varied})
