"""What a trial's worker and Ray Tune exchange. Apart from the schedulers, so that a worker that waits stays small."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Any

from tuner.events import Devices, Scalar

SUGGESTED_BY = "suggested_by"
"""Key of a trial's config: the method that suggested it."""

SUGGESTED_AT = "suggested_at"
"""Key of a trial's config: when it was suggested, in seconds since 1970 by the clock of the study's process."""

CLONED_FROM = "cloned_from"
"""Key of a trial's config: the number of the trial whose weights it took over."""

OBJECTIVE, EPOCH, TRAINED_S = "objective", "epoch", "trained_s"
"""Keys of a report: the monitored objective, the epoch, and the seconds of training and validation so far."""

LEAST_STEPS = 100
"""Training steps before which no scheduler ends a trial: on small data, an epoch of four steps tells nothing yet."""


def scheduler_report(
    min_epochs: int, epoch: int, objective: float, trained_s: float, batches_per_epoch: int
) -> dict[str, Any]:
    """The report of an epoch for a scheduler, which judges a trial only at reports with its unit of time.

    So a report has no epoch before `LEAST_STEPS`, and seconds, for rungs, only once the trial has trained `min_epochs`.
    """
    result = {OBJECTIVE: objective}
    if epoch * batches_per_epoch < LEAST_STEPS:
        return result
    result |= {EPOCH: epoch}
    return result | {TRAINED_S: trained_s} if epoch >= min_epochs else result


def batches_per_epoch(samples: int, hyperparameters: Mapping[str, Scalar], devices: Devices | None) -> int:
    """Training steps of an epoch of so many samples; several GPUs take larger batches than the hyperparameters say."""
    batch_size = int(hyperparameters.get("batch_size", 1)) if devices is None else devices.batch_size
    return ceil(samples / max(1, batch_size))
