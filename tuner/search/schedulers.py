"""Schedulers by name: they decide after each epoch whether a trial goes on."""

from __future__ import annotations

from ray.tune.schedulers import ASHAScheduler, FIFOScheduler, TrialScheduler

from tuner.search.searcher import OBJECTIVE
from tuner.spec import StudySpec, maximised

REDUCTION_FACTOR = 3
"""One of three trials passes each rung."""


def make_scheduler(spec: StudySpec) -> TrialScheduler:
    """The scheduler that the spec names. asha's rungs are at min_epochs, 3 min_epochs, 9 min_epochs, ..."""
    if spec.scheduler == "none":
        return FIFOScheduler()
    return ASHAScheduler(
        time_attr="epoch",
        metric=OBJECTIVE,
        mode="max" if maximised(spec.objective) else "min",
        grace_period=spec.min_epochs_per_trial,
        # One above what a trial trains: the worker ends it, and only then is it complete.
        max_t=spec.max_epochs_per_trial + 1,
        reduction_factor=REDUCTION_FACTOR,
    )
