"""Encodes configurations as numbers. Three forms of one configuration, each made from the one before it:

- values: Optuna's values by `Parameter.key`, only of parameters that exist under the conditions of the space.
- coordinates: an array of shape (axes,) in [0, 1], NaN where the parameter does not exist. Every point of the unit cube
  decodes to a configuration that the space allows, so a sampler may draw, move and cross coordinates freely.
- features: columns whose squared Euclidean distance measures dissimilarity. Per axis at most 1 between two values, plus
  1 if the parameter exists in only one of the two configurations.

Parameters with a single possible value are never suggested, so they have no axis.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tuner.events import Scalar
from tuner.search.parameter import Hyperparameters, Parameter, is_number
from tuner.search.space import Space

Array = NDArray[np.float64]
Indices = NDArray[np.intp]
Identity = frozenset[tuple[str, Scalar]]


@dataclass(frozen=True)
class Configuration:
    """A complete configuration: `hyperparameters` by name as a network takes them, `values` by key as Optuna does."""

    hyperparameters: Hyperparameters
    values: dict[str, Scalar]


def identity(values: Mapping[str, Scalar]) -> Identity:
    """A key that is equal for equal configurations, whatever the order of their values."""
    return frozenset(values.items())


@dataclass(frozen=True)
class Axis:
    """Maps one parameter to [0, 1].

    Values of a finite parameter lie in the middle of equal parts of the interval (logarithmic integers: of parts of
    logarithmic width). Choices that are all numbers are ordered by size and spaced by rank.
    """

    parameter: Parameter

    @cached_property
    def choices(self) -> tuple[Scalar, ...] | None:
        """The choices in the order in which they lie on the axis; None for a range of numbers."""
        choices = self.parameter.choices
        return tuple(sorted(choices)) if choices is not None and self.ordered else choices

    @cached_property
    def ordered(self) -> bool:
        """Whether neighbours on the axis are alike."""
        return all(map(is_number, self.parameter.choices or ()))

    @cached_property
    def levels(self) -> int | None:
        """Number of values; None for a continuous parameter."""
        if self.choices is not None:
            return len(self.choices)
        low, high = self.parameter.bounds
        return round(high - low) + 1 if self.parameter.integer else None

    @property
    def width(self) -> int:
        """Number of feature columns: the value (one per choice where they have no order), and whether it exists."""
        return 2 if self.ordered else 1 + len(self.choices or ())

    def values(self, coordinates: Array) -> list[Scalar]:
        """The parameter's values at coordinates in [0, 1] of shape (n,)."""
        if self.choices is not None:
            last = len(self.choices) - 1
            levels = np.clip((coordinates * (last + 1)).astype(int), 0, last)
            return [self.choices[level] for level in levels.tolist()]
        low, high = self.parameter.bounds
        start, end = self._ends
        numbers = start + coordinates * (end - start)
        numbers = np.exp(numbers) if self.parameter.log else numbers
        if self.parameter.integer:
            return list(np.clip(np.rint(numbers), low, high).astype(int).tolist())
        return list(np.clip(numbers, low, high).tolist())

    def coordinates(self, values: Sequence[Scalar]) -> Array:
        """The inverse of `values`. A number out of range gets the nearer end, an unknown choice NaN."""
        if self.choices is not None:
            places = {choice: (level + 0.5) / len(self.choices) for level, choice in enumerate(self.choices)}
            return np.array([places.get(value, math.nan) for value in values])
        start, end = self._ends
        numbers = np.clip(np.array(values, dtype=float), *self.parameter.bounds)
        placed: Array = ((np.log(numbers) if self.parameter.log else numbers) - start) / (end - start)
        return placed

    def coordinate(self, value: Scalar) -> float:
        """The coordinate of one value."""
        return float(self.coordinates([value])[0])

    def at(self, level: int) -> float:
        """The coordinate of the value with this index from 0; the middle for a continuous parameter."""
        if self.levels is None:
            return 0.5
        if self.choices is not None:
            return (level + 0.5) / self.levels
        return self.coordinate(self.parameter.bounds[0] + level)

    def features(self, coordinates: Array) -> Array:
        """Columns of shape (n, width) for coordinates of shape (n,)."""
        present = ~np.isnan(coordinates)
        if self.ordered:
            first, last = self.coordinates(self.values(np.array([0.0, 1.0])))
            # An absent value lies in the middle, where its largest distance to any value is smallest.
            places = np.where(present, (coordinates - first) / (last - first), 0.5)
            return np.column_stack([places, present])
        count = len(self.choices or ())
        chosen = np.where(present, np.minimum(count - 1, np.nan_to_num(coordinates) * count), -1).astype(int)
        # Two one-hot vectors differ in two columns; so the squared distance of two choices is 1, as of two ends.
        return np.column_stack([(chosen[:, None] == np.arange(count)) / math.sqrt(2), present])

    @cached_property
    def _ends(self) -> tuple[float, float]:
        low, high = self.parameter.bounds
        # Half a step more at either end, so that the first and last integers get parts as wide as the others.
        margin = 0.5 if self.parameter.integer else 0.0
        low, high = low - margin, high + margin
        return (math.log(low), math.log(high)) if self.parameter.log else (low, high)


class Encoding:
    """The coordinates and features of one space."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self.axes = tuple(Axis(parameter) for parameter in space.parameters if parameter.only_value is None)
        self.index = {axis.parameter.key: place for place, axis in enumerate(self.axes)}
        self.groups = np.repeat(np.arange(len(self.axes)), [axis.width for axis in self.axes])
        """The axis of each feature column: a model has one length scale per axis, not per column."""

    def decode(self, points: Array, fixed: Mapping[str, Scalar] | None = None) -> list[Configuration]:
        """The configurations at points of the unit cube, shape (n, axes), with the `fixed` values by key instead.

        The points have no NaN, since which coordinates matter shows only while decoding.
        """
        columns = {axis.parameter.key: axis.values(points[:, place]) for place, axis in enumerate(self.axes)}
        for key, value in (fixed or {}).items():
            columns[key] = [value] * len(points)
        return [self._configuration(columns, row) for row in range(len(points))]

    def coordinates(self, configurations: Sequence[Mapping[str, Scalar]]) -> Array:
        """Coordinates of these values by key, shape (n, axes); NaN for absent parameters."""
        placed = np.full((len(configurations), len(self.axes)), math.nan)
        for place, axis in enumerate(self.axes):
            key = axis.parameter.key
            rows = [row for row, values in enumerate(configurations) if key in values]
            if rows:
                placed[rows, place] = axis.coordinates([configurations[row][key] for row in rows])
        return placed

    def features(self, coordinates: Array) -> Array:
        """Shape (n, columns) for coordinates of shape (n, axes)."""
        if not self.axes:
            return np.zeros((len(coordinates), 0))
        return np.hstack([axis.features(coordinates[:, place]) for place, axis in enumerate(self.axes)])

    def _configuration(self, columns: Mapping[str, Sequence[Scalar]], row: int) -> Configuration:
        values: dict[str, Scalar] = {}

        def pick(parameter: Parameter) -> Scalar:
            value = values[parameter.key] = columns[parameter.key][row]
            return value

        return Configuration(self._space.choose(pick), values)
