"""What a trial's worker and Ray Tune exchange. Apart from the schedulers, so that a worker that waits stays small."""

from __future__ import annotations

from typing import Any

SUGGESTED_BY = "suggested_by"
"""Key of a trial's config: the method that suggested it."""

CLONED_FROM = "cloned_from"
"""Key of a trial's config: the number of the trial whose weights it took over."""

OBJECTIVE, EPOCH, TRAINED_S = "objective", "epoch", "trained_s"
"""Keys of a report: the monitored objective, the epoch, and the seconds of training and validation so far."""


def scheduler_report(min_epochs: int, epoch: int, objective: float, trained_s: float) -> dict[str, Any]:
    """The report of an epoch for a scheduler. It has seconds, for rungs, only once a trial has trained `min_epochs`."""
    result = {EPOCH: epoch, OBJECTIVE: objective}
    return result | {TRAINED_S: trained_s} if epoch >= min_epochs else result
