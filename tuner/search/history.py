"""What a study has seen so far, as arrays a model can learn from.

Values are turned so that larger is better. Nothing here depends on how often or when it was asked: the same trials give
the same arrays, whether they were told one by one or all at once when a study is resumed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState
from scipy.stats import norm

from tuner.search.encoding import Array, Encoding, Identity, identity

INFEASIBLE = "infeasible"
"""User attribute of a failed trial whose configuration can never work, such as a network too large for its worker."""

STATUS, DIVERGED = "status", "diverged"
"""User attribute of an ended trial, and its value for a training whose loss was no longer finite."""

PRUNED_NOISE = 4.0
"""How many times the noise variance of a complete trial the last value of a stopped one has."""


@dataclass(frozen=True)
class History:
    """Coordinates have shape (n, axes). Observed trials come in the order in which they ended."""

    observed: Array
    values: Array
    noise_factors: Array
    pending: Array
    so_far: Array
    """Shape (pending,): the best value of each running trial until now, NaN before its first."""
    infeasible: Array
    taken: frozenset[Identity]
    """All configurations that ran, run or failed."""

    def __len__(self) -> int:
        return len(self.values)

    def reached(self) -> Array:
        """What the running trials have reached, in units of `half_ranked`; -inf where that says nothing."""
        order = np.argsort(self.values, kind="stable")
        targets = half_ranked(self.values)[order]
        placed: Array = np.interp(self.so_far, self.values[order], targets, left=-math.inf)
        return np.where(np.isnan(self.so_far), -math.inf, placed)


class Historian:
    """Reads a study's trials; remembers the coordinates of those that ended."""

    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding
        self._known: dict[int, tuple[Array, Identity]] = {}

    def read(self, trials: Iterable[FrozenTrial], direction: StudyDirection, asking: int) -> History:
        """All trials but number `asking`, which is the one that is being planned."""
        complete, pruned, diverged, pending, infeasible = [], [], [], [], []
        so_far = []
        taken = set()
        sign = 1.0 if direction == StudyDirection.MAXIMIZE else -1.0
        others = [trial for trial in trials if trial.number != asking and trial.state != TrialState.WAITING]
        for trial, (coordinates, same) in zip(others, self._places(others), strict=True):
            taken.add(same)
            if trial.state == TrialState.RUNNING:
                pending.append(coordinates)
                so_far.append(max((sign * value for value in _curve(trial)), default=math.nan))
            elif trial.state == TrialState.FAIL:
                if trial.user_attrs.get(INFEASIBLE):
                    infeasible.append(coordinates)
                elif trial.user_attrs.get(STATUS) == DIVERGED:
                    diverged.append((trial, coordinates))
            elif any(violation > 0 for violation in trial.constraints.values()):
                infeasible.append(coordinates)
            elif trial.state == TrialState.COMPLETE and trial.value is not None and math.isfinite(trial.value):
                complete.append((trial, coordinates, sign * trial.value))
            elif trial.state == TrialState.PRUNED and (curve := _curve(trial)):
                pruned.append((trial, coordinates, sign * curve[-1]))
        # A trial was stopped because it was worse than others at its age; a large early value is no reason to go back.
        ceiling = float(np.median([value for _, _, value in complete])) if complete else math.inf
        rows = [(_when(trial), at, value, 1.0) for trial, at, value in complete]
        rows += [(_when(trial), at, min(value, ceiling), PRUNED_NOISE) for trial, at, value in pruned]
        # Hyperparameters make a training diverge: that is as bad as the worst that was seen.
        worst = min((row[2] for row in rows), default=0.0)
        rows += [(_when(trial), at, worst, 1.0) for trial, at in diverged]
        rows.sort(key=lambda row: row[0])
        return History(
            observed=self._stack([row[1] for row in rows]),
            values=np.array([row[2] for row in rows]),
            noise_factors=np.array([row[3] for row in rows]),
            pending=self._stack(pending),
            so_far=np.array(so_far),
            infeasible=self._stack(infeasible),
            taken=frozenset(taken),
        )

    def _places(self, trials: Sequence[FrozenTrial]) -> list[tuple[Array, Identity]]:
        """Where each trial lies; all that are not remembered are placed at once, which a long history is glad of."""
        new = [trial for trial in trials if trial.number not in self._known]
        coordinates = self._encoding.coordinates([trial.params for trial in new])
        placed = {trial.number: (row, identity(trial.params)) for trial, row in zip(new, coordinates, strict=True)}
        self._known |= {trial.number: placed[trial.number] for trial in new if trial.state.is_finished()}
        return [placed.get(trial.number) or self._known[trial.number] for trial in trials]

    def _stack(self, rows: list[Array]) -> Array:
        return np.array(rows).reshape(len(rows), len(self._encoding.axes))


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
        quantiles = norm.ppf((order + 0.5) / count)
        warped = np.where(better, warped, spread * quantiles)
    scale = float(warped.std())
    standard: Array = (warped - warped.mean()) / scale if scale > 0 else np.zeros(count)
    return standard


def _curve(trial: FrozenTrial) -> list[float]:
    return [value for _, value in sorted(trial.intermediate_values.items()) if math.isfinite(value)]


def _when(trial: FrozenTrial) -> tuple[float, int]:
    ended = trial.datetime_complete
    return (ended.timestamp() if ended else 0.0, trial.number)
