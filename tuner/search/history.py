"""A study's trials as arrays that a model can learn from.

Values are signed so that larger is better. The arrays depend only on the trials: they are the same whether the trials
were read one by one or all at once when a study is resumed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
import scipy  # its parts are loaded when they are first used, which no study's first trials wait for
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from tuner.events import Scalar
from tuner.search.encoding import Array, Encoding, Identity, Indices, identity

INFEASIBLE = "infeasible"
"""User attribute of a failed trial whose configuration can never run, such as a network too large for its worker."""

STATUS, DIVERGED = "status", "diverged"
"""User attribute of an ended trial, and its value for a training whose loss became infinite or NaN."""

PRUNED_NOISE = 4.0
"""Noise variance of a pruned trial's last value, in units of a complete trial's noise variance."""


@dataclass(frozen=True)
class TrialHistory:
    """Trials as arrays. Coordinates have shape (n, axes). Observed trials are in the order in which they ended."""

    observed: Array
    values: Array
    noise_factors: Array
    numbers: Indices
    """Of the observed trials."""
    pending: Array
    so_far: Array
    """Shape (pending,): the best value of each running trial until now, NaN before its first."""
    infeasible: Array
    tried: frozenset[Identity]
    """All configurations that have run or are running, also failed ones."""

    def __len__(self) -> int:
        return len(self.values)

    def with_pending(self, configurations: Sequence[Mapping[str, Scalar]], encoding: Encoding) -> TrialHistory:
        """This history as if these configurations, by key, were running too."""
        if not configurations:
            return self
        return replace(
            self,
            pending=np.vstack([self.pending, encoding.coordinates(configurations)]),
            so_far=np.append(self.so_far, np.full(len(configurations), math.nan)),
            tried=self.tried.union(map(identity, configurations)),
        )

    def reached_targets(self) -> Array:
        """Shape (pending,): best values of the running trials in units of `half_ranked`; -inf where unknown."""
        order = np.argsort(self.values, kind="stable")
        targets = half_ranked(self.values)[order]
        placed: Array = np.interp(self.so_far, self.values[order], targets, left=-math.inf)
        return np.where(np.isnan(self.so_far), -math.inf, placed)


_Kind = IntEnum("_Kind", ["NOTHING", "COMPLETE", "PRUNED", "DIVERGED", "INFEASIBLE"])
"""What an ended trial tells a model."""


class HistoryReader:
    """Reads a study's trials. It reads each ended trial once, so that a long history costs no more than a short one."""

    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding
        self._read = 0
        self._open: list[int] = []
        """Places, among those read, of the trials that had not ended."""
        self._tried: set[Identity] = set()
        # Of the ended trials, in the order in which they were read.
        self._ended = np.zeros((0, len(encoding.axes)))
        self._values, self._ended_at = np.zeros(0), np.zeros(0)
        self._kinds, self._numbers = np.zeros(0, dtype=int), np.zeros(0, dtype=int)

    def read(self, trials: Sequence[FrozenTrial], direction: StudyDirection, planned: int) -> TrialHistory:
        """The history of all trials (the new ones at the end) without the one with number `planned`."""
        sign = 1.0 if direction == StudyDirection.MAXIMIZE else -1.0
        places = [*self._open, *range(self._read, len(trials))]
        self._read = len(trials)
        self._open = [place for place in places if not trials[place].state.is_finished()]
        self._remember([trials[place] for place in places if trials[place].state.is_finished()], sign)
        waiting = [trials[place] for place in self._open]
        running = [trial for trial in waiting if trial.number != planned and trial.state == TrialState.RUNNING]
        kinds, values = self._kinds, self._values.copy()
        complete, pruned, diverged = (kinds == kind for kind in (_Kind.COMPLETE, _Kind.PRUNED, _Kind.DIVERGED))
        # A pruned trial was worse than others at its age: a large early value must not attract the search.
        if complete.any():
            values[pruned] = np.minimum(values[pruned], np.median(values[complete]))
        # Hyperparameters make a training diverge: it counts as much as the worst result.
        values[diverged] = values[complete | pruned].min() if (complete | pruned).any() else 0.0
        order = np.lexsort((self._numbers, self._ended_at))
        order = order[(complete | pruned | diverged)[order]]
        infeasible = np.flatnonzero(kinds == _Kind.INFEASIBLE)
        return TrialHistory(
            observed=self._ended[order],
            values=values[order],
            noise_factors=np.where(pruned, PRUNED_NOISE, 1.0)[order],
            numbers=self._numbers[order],
            pending=self._encoding.coordinates([trial.params for trial in running]),
            so_far=np.array([max((sign * value for value in _curve(trial)), default=math.nan) for trial in running]),
            infeasible=self._ended[infeasible[np.argsort(self._numbers[infeasible])]],
            tried=frozenset(self._tried.union(identity(trial.params) for trial in running)),
        )

    def _remember(self, ended: list[FrozenTrial], sign: float) -> None:
        if not ended:
            return
        outcomes = [_outcome(trial, sign) for trial in ended]
        self._tried.update(identity(trial.params) for trial in ended)
        self._ended = np.vstack([self._ended, self._encoding.coordinates([trial.params for trial in ended])])
        self._kinds = np.append(self._kinds, [kind for kind, _ in outcomes])
        self._values = np.append(self._values, [value for _, value in outcomes])
        self._numbers = np.append(self._numbers, [trial.number for trial in ended])
        times = [trial.datetime_complete for trial in ended]
        self._ended_at = np.append(self._ended_at, [time.timestamp() if time else 0.0 for time in times])


def _outcome(trial: FrozenTrial, sign: float) -> tuple[_Kind, float]:
    if trial.state == TrialState.FAIL:
        if trial.user_attrs.get(INFEASIBLE):
            return _Kind.INFEASIBLE, 0.0
        return (_Kind.DIVERGED if trial.user_attrs.get(STATUS) == DIVERGED else _Kind.NOTHING), 0.0
    if any(violation > 0 for violation in trial.constraints.values()):
        return _Kind.INFEASIBLE, 0.0
    if trial.state == TrialState.COMPLETE and trial.value is not None and math.isfinite(trial.value):
        return _Kind.COMPLETE, sign * trial.value
    if trial.state == TrialState.PRUNED and (curve := _curve(trial)):
        return _Kind.PRUNED, sign * curve[-1]
    return _Kind.NOTHING, 0.0


def half_ranked(values: Array) -> Array:
    """Targets with mean 0 and variance 1, of which only the better half keeps its distances.

    Failed trainings lie far below good ones, and how far says nothing about where the best is. The worse half becomes
    normal quantiles of its ranks, scaled by the spread of the better half (Song et al., The Vizier Gaussian Process
    Bandit Algorithm, 2024).
    """
    count = len(values)
    values = values / max(float(np.abs(values).max()), 1e-300)  # their squares would be too large or vanish
    middle = np.median(values)
    better = values >= middle
    spread = math.sqrt(float(np.mean((values[better] - middle) ** 2)))
    warped = values - middle
    if spread > 0:
        order = np.argsort(np.argsort(values, kind="stable"), kind="stable")
        quantiles = scipy.special.ndtri((order + 0.5) / count)
        warped = np.where(better, warped, spread * quantiles)
    scale = float(warped.std())
    standard: Array = (warped - warped.mean()) / scale if scale > 0 else np.zeros(count)
    return standard


def _curve(trial: FrozenTrial) -> list[float]:
    return [value for _, value in sorted(trial.intermediate_values.items()) if math.isfinite(value)]
