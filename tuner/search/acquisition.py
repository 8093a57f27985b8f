"""The parts of a candidate's score, as logarithms: expected improvement, probability of feasibility, user priors."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import scipy  # its parts are loaded when they are first used, which no study's first trials wait for

from tuner.events import Scalar
from tuner.search.encoding import Array, Encoding

PRIOR_WIDTH = 0.15
"""Standard deviation of a prior on an ordered parameter, as a share of its range."""

OTHER_CHOICE = 0.2
"""Weight of any other choice than the prior's."""

PRIOR_FLOOR = 0.02
"""Least weight of a value, where the prior's has 1: a wrong prior delays the search but forbids nothing."""

RIDGE = 0.1
"""Ridge penalty of the border between feasible and infeasible, in features from -0.5 to 0.5."""

WALL = 1000.0
"""Factor of the logarithm of the probability beyond the border."""


def log_expected_improvement(mean: Array, deviation: Array, best: float) -> Array:
    """Logarithm of E[max(0, f - best)], f normal; shapes (n,).

    In logarithms, so that candidates without expected improvement can still be ranked: Ament et al., Unexpected
    Improvements to Expected Improvement (2023), equation 9 and appendix A.
    """
    z = (mean - best) / deviation
    log_density = -0.5 * z * z - 0.5 * math.log(2 * math.pi)
    near = z > -1
    close = np.maximum(z, -1.0)
    direct = np.log(np.exp(-0.5 * close * close) / math.sqrt(2 * math.pi) + close * scipy.special.ndtr(close))
    away = np.minimum(z, -1.0)
    # For z < -1: log(phi + z Phi) = log phi + log(1 - |z| sqrt(pi/2) erfcx(|z| / sqrt 2)); beyond -1e4 the bracket is
    # 1 / z^2 to the last digit.
    scaled = np.minimum(-away * scipy.special.erfcx(-away / math.sqrt(2)) * math.sqrt(math.pi / 2), 1 - 1e-16)
    tail = log_density + np.where(away > -1e4, scipy.special.log1p(-scaled), -2 * np.log(-away))
    improvement: Array = np.where(near, direct, tail) + np.log(deviation)
    return improvement


class Feasibility:
    """Probability that a configuration is feasible: a logistic regression on the features.

    A network's size grows along its hyperparameters, so the border is linear; the ridge keeps it soft without evidence.
    """

    def __init__(self, feasible: Array, infeasible: Array) -> None:
        """Fit the border to the features, shape (n, columns), of both kinds of configurations."""
        self._weights: Array | None = None
        if not len(infeasible):
            return
        rows = np.vstack([feasible, infeasible])
        rows = np.column_stack([rows - 0.5, np.ones(len(rows))])
        labels = np.concatenate([np.ones(len(feasible)), np.zeros(len(infeasible))])
        penalty = np.append(np.full(rows.shape[1] - 1, RIDGE), 0.1 * RIDGE)
        weights = np.zeros(rows.shape[1])
        for _ in range(15):  # Newton's steps; the ridge makes the problem strictly convex
            probability = scipy.special.expit(rows @ weights)
            gradient = rows.T @ (labels - probability) - penalty * weights
            curvature = (rows.T * (probability * (1 - probability))) @ rows + np.diag(penalty)
            weights = weights + np.linalg.solve(curvature, gradient)
        self._weights = weights

    def probability(self, features: Array) -> Array:
        """Probabilities in [0, 1], shape (n,); all 1 while no configuration has been infeasible."""
        if self._weights is None:
            return np.ones(len(features))
        probability: Array = scipy.special.expit(
            np.column_stack([features - 0.5, np.ones(len(features))]) @ self._weights
        )
        return probability

    def log_weight(self, features: Array) -> Array:
        """Logarithm of the probability, shape (n,), with a penalty below a half that no improvement can outweigh."""
        log_probability = np.log(self.probability(features) + 1e-9)
        weight: Array = log_probability + WALL * np.minimum(0.0, log_probability - math.log(0.5))
        return weight


class UserPriors:
    """Values that the user believes to be best, as a prior over configurations (Hvarfner et al., piBO, 2022)."""

    def __init__(self, encoding: Encoding, priors: Mapping[str, Scalar]) -> None:
        """Take values by parameter name, for all variants. An unknown choice is ignored; a number is clipped."""
        self._axes = encoding.axes
        given = [(axis, priors.get(axis.parameter.name)) for axis in self._axes]
        self._coordinates = np.array([math.nan if value is None else axis.coordinate(value) for axis, value in given])

    def __bool__(self) -> bool:
        return bool(np.isfinite(self._coordinates).any())

    def near(self, coordinates: Array, rng: np.random.Generator, width: float) -> Array:
        """Shape (n, axes): these points of the unit cube, moved near the prior.

        `width` is the standard deviation along ordered axes, and the probability to stay where it was along others.
        """
        moved = coordinates.copy()
        for place in np.flatnonzero(np.isfinite(self._coordinates)):
            if self._axes[place].ordered:
                error = rng.normal(0.0, width, len(moved))
                moved[:, place] = np.clip(self._coordinates[place] + error, 0.0, 1.0)
            else:
                keeps = rng.random(len(moved)) >= width
                moved[keeps, place] = self._coordinates[place]
        return moved

    def log_weight(self, coordinates: Array) -> Array:
        """Shape (n,), from log(PRIOR_FLOOR) to 0: 0 where all parameters equal the prior or are absent."""
        total = np.zeros(len(coordinates))
        for place in np.flatnonzero(np.isfinite(self._coordinates)):
            off = np.nan_to_num(coordinates[:, place] - self._coordinates[place])
            if self._axes[place].ordered:
                total -= 0.5 * (off / PRIOR_WIDTH) ** 2
            else:
                total += np.where(np.abs(off) > 1e-9, math.log(OTHER_CHOICE), 0.0)
        weight: Array = np.maximum(total, math.log(PRIOR_FLOOR))
        return weight
