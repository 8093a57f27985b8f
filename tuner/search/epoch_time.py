"""How long trials will take on the workers at hand, learned from the epochs that were measured."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from tuner.search.encoding import Array

PRIOR = np.array([5e-11, 2e-3, 2e-4, 3.0])
"""Seconds per operation (20 GFLOP/s), per batch, per step within a batch, and of a trial's start, on one CPU core."""

PRIOR_WEIGHT = 0.02
"""Of the prior, against one measured epoch."""

MOST_EPOCHS = 300
"""The last ones, which the model is fitted to."""


@dataclass(frozen=True)
class EpochWork:
    """What one epoch of a trial takes."""

    flops: float
    """Floating-point operations of its training and validation."""
    batches: float
    steps: float
    """Steps of all its batches that can only be taken one after the other."""


class EpochTimeModel:
    """Seconds of an epoch: a sum of non-negative rates times its work, and more for the first epoch of a trial.

    Fitted by non-negative least squares to relative errors, so that an epoch of 0.1 s counts like one of 100 s. Without
    any measurement it answers from `PRIOR`.
    """

    def __init__(self) -> None:
        self._rows: deque[Array] = deque(maxlen=MOST_EPOCHS)
        self._rates = PRIOR
        self._fitted = 0
        self._learned = 0

    def learn(self, work: EpochWork, seconds: float, *, first: bool) -> None:
        """Take in a measured epoch; `first`: of its trial, so that its graphs were built within it."""
        if seconds > 0:
            self._rows.append(_row(work, first) / seconds)
            self._learned += 1

    def epoch(self, work: EpochWork) -> float:
        """Expected seconds of an epoch."""
        return float(_row(work, first=False) @ self._fit())

    @property
    def start(self) -> float:
        """Expected seconds that a trial's first epoch takes longer than the others."""
        return float(self._fit()[-1])

    def _fit(self) -> Array:
        if self._fitted < self._learned:
            scale = PRIOR_WEIGHT * np.eye(len(PRIOR))
            rows = np.vstack([np.array(self._rows) * PRIOR, scale])
            shares, _ = nnls(rows, np.concatenate([np.ones(len(self._rows)), np.full(len(PRIOR), PRIOR_WEIGHT)]))
            self._rates = np.maximum(shares, 1e-3) * PRIOR
            self._fitted = self._learned
        return self._rates


def _row(work: EpochWork, first: bool) -> Array:
    return np.array([work.flops, work.batches, work.steps, float(first)])
