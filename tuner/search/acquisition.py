"""What a candidate is worth, all as logarithms: expected improvement, the chance that it works, a user's beliefs."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from scipy.special import erfcx, expit, log1p, ndtr

from tuner.events import Scalar
from tuner.search.encoding import Array, Encoding

BELIEF_WIDTH = 0.15
"""Standard deviation of a belief about an ordered parameter, as a share of its range."""

OTHER_CHOICE = 0.2
"""Weight of any other choice than the believed one."""

BELIEF_FLOOR = 0.02
"""Least weight of a value against the believed one: a wrong belief delays, it does not forbid."""

RIDGE = 0.1
"""Of the border between what works and what fails, in features from -0.5 to 0.5."""

WALL = 1000.0
"""How many times the logarithm of the chance counts beyond the border: more than any improvement could."""


def log_expected_improvement(mean: Array, deviation: Array, best: float) -> Array:
    """Logarithm of E[max(0, f - best)], f normal; shapes (n,).

    In logarithms, so that candidates of which nothing is expected can still be ranked: Ament et al., Unexpected
    Improvements to Expected Improvement (2023), equation 9 and appendix A.
    """
    z = (mean - best) / deviation
    log_density = -0.5 * z * z - 0.5 * math.log(2 * math.pi)
    near = z > -1
    close = np.maximum(z, -1.0)
    direct = np.log(np.exp(-0.5 * close * close) / math.sqrt(2 * math.pi) + close * ndtr(close))
    away = np.minimum(z, -1.0)
    # For z < -1: log(phi + z Phi) = log phi + log(1 - |z| sqrt(pi/2) erfcx(|z| / sqrt 2)); beyond -1e4 the bracket is
    # 1 / z^2 to the last digit.
    scaled = np.minimum(-away * erfcx(-away / math.sqrt(2)) * math.sqrt(math.pi / 2), 1 - 1e-16)
    tail = log_density + np.where(away > -1e4, log1p(-scaled), -2 * np.log(-away))
    improvement: Array = np.where(near, direct, tail) + np.log(deviation)
    return improvement


class Feasibility:
    """How likely a configuration works, learned from those that could not: logistic regression on the features.

    What makes a network too large grows along hyperparameters, so a linear border is the right guess; with ridge
    regularisation it stays soft until there is evidence.
    """

    def __init__(self, works: Array, fails: Array) -> None:
        """Features of shape (n, columns) of both kinds."""
        self._weights: Array | None = None
        if not len(fails):
            return
        rows = np.vstack([works, fails])
        rows = np.column_stack([rows - 0.5, np.ones(len(rows))])
        labels = np.concatenate([np.ones(len(works)), np.zeros(len(fails))])
        penalty = np.append(np.full(rows.shape[1] - 1, RIDGE), 0.1 * RIDGE)
        weights = np.zeros(rows.shape[1])
        for _ in range(15):  # Newton's steps; the ridge makes the problem strictly convex
            chance = expit(rows @ weights)
            gradient = rows.T @ (labels - chance) - penalty * weights
            curvature = (rows.T * (chance * (1 - chance))) @ rows + np.diag(penalty)
            weights = weights + np.linalg.solve(curvature, gradient)
        self._weights = weights

    def chance(self, features: Array) -> Array:
        """Between 0 and 1, shape (n,); 1 as long as nothing failed."""
        if self._weights is None:
            return np.ones(len(features))
        chance: Array = expit(np.column_stack([features - 0.5, np.ones(len(features))]) @ self._weights)
        return chance

    def log_weight(self, features: Array) -> Array:
        """Logarithm of the chance, shape (n,), with a wall where failing is likelier than not.

        Without it, a promise of much improvement beyond the border would outweigh any small chance, again and again.
        """
        log_chance = np.log(self.chance(features) + 1e-9)
        weight: Array = log_chance + WALL * np.minimum(0.0, log_chance - math.log(0.5))
        return weight


class UserPriors:
    """A user's believed best values, as a prior over configurations (Hvarfner et al., piBO, 2022)."""

    def __init__(self, encoding: Encoding, priors: Mapping[str, Scalar]) -> None:
        """Values by parameter NAME: they hold for every variant of it. A choice that a parameter does not have is no
        belief about it, and a number out of its range is one about the nearer end.

        Raises:
            ValueError: a belief about a number is none.
        """
        self._axes = encoding.axes
        believed = [priors.get(axis.parameter.name) for axis in self._axes]
        self._places = np.array(
            [
                math.nan if value is None else axis.coordinate(value)
                for axis, value in zip(self._axes, believed, strict=True)
            ]
        )

    def __bool__(self) -> bool:
        return bool(np.isfinite(self._places).any())

    def near(self, coordinates: Array, rng: np.random.Generator, width: float) -> Array:
        """Shape (n, axes): these points of the unit cube with the believed coordinates put in, less sure by `width`.

        Ordered ones get a normal error of that standard deviation; others stay as drawn with that chance.
        """
        moved = coordinates.copy()
        for place in np.flatnonzero(np.isfinite(self._places)):
            if self._axes[place].ordered:
                error = rng.normal(0.0, width, len(moved))
                moved[:, place] = np.clip(self._places[place] + error, 0.0, 1.0)
            else:
                keeps = rng.random(len(moved)) >= width
                moved[keeps, place] = self._places[place]
        return moved

    def log_weight(self, coordinates: Array) -> Array:
        """Shape (n,), at most 0 and at least the logarithm of BELIEF_FLOOR: 0 where all is as believed or absent."""
        total = np.zeros(len(coordinates))
        for place in np.flatnonzero(np.isfinite(self._places)):
            off = np.nan_to_num(coordinates[:, place] - self._places[place])
            if self._axes[place].ordered:
                total -= 0.5 * (off / BELIEF_WIDTH) ** 2
            else:
                total += np.where(np.abs(off) > 1e-9, math.log(OTHER_CHOICE), 0.0)
        weight: Array = np.maximum(total, math.log(BELIEF_FLOOR))
        return weight
