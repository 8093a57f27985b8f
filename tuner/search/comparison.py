"""Why a scheduler ended a trial early: its value, the cutoff, and its place among the compared trials."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Comparison:
    """The comparison by which a scheduler ended a trial, in values of the monitored objective."""

    value: float
    cutoff: float
    """The value that the trial would have had to reach."""
    rank: int
    """Place of the trial among the compared ones, from 1; equal values share the better place."""
    of: int
    """Number of compared trials, with itself."""


class Comparisons:
    """The comparisons by which a study's schedulers ended trials, until they are recorded.

    Args:
        mode: `max` or `min`: whether the larger or the smaller value of the objective is better.
    """

    def __init__(self, mode: str) -> None:
        self._sign = 1 if mode == "max" else -1
        self._found: dict[str, Comparison] = {}

    def add(self, trial_id: str, value: float, cutoff: float, others: Collection[float]) -> None:
        """Keep why a trial was ended; `trial_id` is Ray Tune's, `others` are the values that it was compared with."""
        better = sum(self._sign * other > self._sign * value for other in others)
        self._found[trial_id] = Comparison(float(value), float(cutoff), better + 1, len(others) + 1)

    def take(self, trial_id: str) -> Comparison | None:
        """Return why a trial was ended, once; None: no scheduler ended it by a comparison."""
        return self._found.pop(trial_id, None)
