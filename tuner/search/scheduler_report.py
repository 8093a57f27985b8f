"""What a worker reports to Ray Tune, for the scheduler. Apart from it, since a waiting worker has to stay small."""

from __future__ import annotations

from typing import Any

OBJECTIVE, EPOCH, TRAINED_S = "objective", "epoch", "trained_s"
"""Keys of the report: the monitored objective, after which epoch, and after how many seconds of training and
validation."""


def scheduler_report(min_epochs: int, epoch: int, objective: float, trained_s: float) -> dict[str, Any]:
    """What a scheduler is told after an epoch. Rungs of seconds hold only once a trial has trained `min_epochs`."""
    result = {EPOCH: epoch, OBJECTIVE: objective}
    return result | {TRAINED_S: trained_s} if epoch >= min_epochs else result
