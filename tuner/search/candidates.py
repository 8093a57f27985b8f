"""Candidate configurations: spread over the space, near good ones, crossed from good ones; each only once.

Candidates are drawn in the unit cube of an `Encoding` and decoded through the space, so the space allows each of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tuner.events import Scalar
from tuner.search.encoding import Array, Configuration, Encoding, Identity, identity

STEP = 0.2
"""Standard deviation of a mutation along an ordered axis, as a share of it."""


@dataclass
class CandidatePool:
    """Distinct candidates, none of which has been tried."""

    encoding: Encoding
    tried: frozenset[Identity]
    fixed: Mapping[str, Scalar]

    def __post_init__(self) -> None:
        self.configurations: list[Configuration] = []
        self.coordinates = np.zeros((0, len(self.encoding.axes)))
        """Shape (n, axes) of the configurations; NaN where a parameter does not exist."""
        self._known = set(self.tried)

    def __len__(self) -> int:
        return len(self.configurations)

    def add(self, points: Array) -> None:
        """Decode points of shape (n, axes) and add those that are new and untried."""
        self.include(self.encoding.decode(points, self.fixed))

    def include(self, configurations: Sequence[Configuration]) -> None:
        """Add the configurations that are new and untried."""
        new = []
        for configuration in configurations:
            if (key := identity(configuration.values)) not in self._known:
                self._known.add(key)
                new.append(configuration)
        self.configurations += new
        placed = self.encoding.coordinates([configuration.values for configuration in new])
        self.coordinates = np.vstack([self.coordinates, placed])


def spread(axes: int, seed: int, count: int) -> Array:
    """The first `count` points of a scrambled Sobol sequence, shape (count, axes).

    Raises:
        ValueError: scipy supports at most 21,201 axes.
    """
    if axes == 0:
        return np.zeros((count, 0))
    from scipy.stats import qmc  # takes half a second, which no study's first trials should wait for

    points: Array = qmc.Sobol(axes, scramble=True, rng=np.random.default_rng(seed)).random_base2(
        max(0, (count - 1).bit_length())
    )
    return points[:count]


def mutants(encoding: Encoding, parents: Array, each: int, rng: np.random.Generator) -> Array:
    """Shape (len(parents) * each, axes): every parent with a coordinate or two moved; absent coordinates are drawn."""
    children = np.repeat(parents, each, axis=0)
    count, axes = children.shape
    if axes == 0:
        return children
    fresh = rng.random(children.shape)
    exists = ~np.isnan(children)
    children = np.where(exists, children, fresh)
    # Two moves on average, at least one of them of a parameter that exists; a category may be drawn as it was.
    moves = rng.random(children.shape) < 1 / max(2, axes)
    first = np.argmax(rng.random(children.shape) * np.where(exists, 1.0, 1e-6), axis=1)
    moves[np.arange(count), first] = True
    for place, axis in enumerate(encoding.axes):
        moved = moves[:, place]
        if axis.ordered:
            step = rng.normal(0.0, STEP, count)
            if axis.levels is not None:  # at least to the neighbour
                step = np.copysign(np.maximum(np.abs(step), 1 / axis.levels), step)
            target = np.abs(children[:, place] + step)
            target = np.clip(np.where(target > 1, 2 - target, target), 0.0, 1.0)
        else:
            target = fresh[:, place]
        children[moved, place] = target[moved]
    return children


def neighbours(encoding: Encoding, parents: Array, rng: np.random.Generator) -> Array:
    """Shape (n, axes): each parent with one existing parameter changed, in every smallest step.

    To the next value on either side, to each other choice, or along a continuum by a small and a larger random step.
    """
    children = []
    for parent in parents:
        point = np.where(np.isnan(parent), rng.random(len(parent)), parent)
        for place in np.flatnonzero(~np.isnan(parent)):
            axis = encoding.axes[place]
            if axis.levels is None:
                targets = point[place] + rng.normal(0.0, (0.02, 0.02, 0.1))
            elif axis.ordered:
                targets = axis.coordinates(axis.values(point[place] + np.array([-1.0, 1.0]) / axis.levels))
            else:
                targets = axis.coordinates(axis.choices or ())
            for target in np.clip(targets, 0.0, 1.0):
                child = point.copy()
                child[place] = target
                children.append(child)
    return np.array(children).reshape(len(children), len(encoding.axes))


def crossed(parents: Array, count: int, rng: np.random.Generator) -> Array:
    """Shape (count, axes): each coordinate from one of two parents; absent ones are drawn."""
    pairs = rng.integers(len(parents), size=(2, count))
    from_first = rng.random((count, parents.shape[1])) < 0.5
    children = np.where(from_first, parents[pairs[0]], parents[pairs[1]])
    complete: Array = np.where(np.isnan(children), rng.random(children.shape), children)
    return complete


def first_untried(encoding: Encoding, pool: CandidatePool) -> Configuration | None:
    """An untried configuration of a small space, found by walking through it; None if all have been tried."""
    for configuration in _walk(encoding, pool.fixed):
        if identity(configuration.values) not in pool.tried:
            return configuration
    return None


def _walk(encoding: Encoding, fixed: Mapping[str, Scalar]) -> Iterator[Configuration]:
    """All configurations, the last parameter turning fastest as in an odometer. A continuum counts as its middle.

    A parameter's condition depends only on those before it, so after a step of one parameter all later ones begin anew.
    """
    levels = [0] * len(encoding.axes)
    while True:
        point = [axis.at(level) for axis, level in zip(encoding.axes, levels, strict=True)]
        (configuration,) = encoding.decode(np.array([point]), fixed)
        yield configuration
        asked = [encoding.index[key] for key in configuration.values if key not in fixed]
        turned = next((p for p in reversed(asked) if levels[p] + 1 < (encoding.axes[p].levels or 1)), None)
        if turned is None:
            return
        levels[turned] += 1
        levels[turned + 1 :] = [0] * (len(levels) - turned - 1)
