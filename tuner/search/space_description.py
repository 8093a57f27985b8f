"""A search space as plain values, which are stored with a study and sent to clients."""

from __future__ import annotations

from collections.abc import Sequence

from tuner.events import Scalar, SearchParameter
from tuner.search.parameter import Hyperparameters, Parameter
from tuner.search.space import Space

MOST_VALUES = 32
"""A parameter with more values is not tried as a condition of others."""
DRAWS = 256
"""Random configurations among which one is looked for that has a parameter."""


def described(space: Space) -> tuple[SearchParameter, ...]:
    """Return the parameters of a space, in order. One that no configuration of the space has is left out."""
    drawn = space.samples(DRAWS)
    first: dict[str, Hyperparameters] = {}
    """A configuration in which each parameter exists, by the parameter's key."""
    for values in drawn:
        for parameter in space.parameters:
            if parameter.key not in first and parameter.name in values and parameter.when(values):
                first[parameter.key] = values
    return tuple(
        _described(parameter, space.parameters, first[parameter.key])
        for parameter in space.parameters
        if parameter.key in first
    )


def _described(parameter: Parameter, others: Sequence[Parameter], values: Hyperparameters) -> SearchParameter:
    choices = parameter.choices
    kind = "choice" if choices is not None else "int" if parameter.integer else "float"
    if choices is not None and all(isinstance(choice, bool) for choice in choices):
        kind = "bool"
    return SearchParameter(
        key=parameter.key,
        name=parameter.name,
        meaning=parameter.meaning,
        kind=kind,
        low=parameter.low,
        high=parameter.high,
        log=choices is None and parameter.log,
        choices=choices,
        when=_condition(parameter, others, values),
    )


def _condition(
    parameter: Parameter, others: Sequence[Parameter], values: Hyperparameters
) -> dict[str, tuple[Scalar, ...]]:
    """Return the values of other parameters with which this one exists, if all else is as in these values.

    It exists in them. Conditions of the default spaces are conjunctions, of which this finds every part.
    """
    found: dict[str, tuple[Scalar, ...]] = {}
    for other in others:
        if other.name not in values or other.name == parameter.name or other.name in found:
            continue
        if not other.when(values) or not 1 < other.size <= MOST_VALUES:
            continue
        fitting = tuple(value for value in other.values if parameter.when(values | {other.name: value}))
        if len(fitting) < other.size:
            found[other.name] = fitting
    return found
