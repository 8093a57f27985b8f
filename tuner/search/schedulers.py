"""Schedulers by name: they decide after each epoch whether a trial goes on."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Any

from ray.tune.schedulers import ASHAScheduler, FIFOScheduler, MedianStoppingRule, TrialScheduler

from tuner.objectives import direction
from tuner.search.population import Population
from tuner.search.searcher import EPOCH, OBJECTIVE
from tuner.search.space import Space
from tuner.spec import StudySpec
from tuner.store import EpochRow, TrialRow

REDUCTION_FACTOR = 3
"""One of three trials passes each rung."""

BRACKETS = 3
"""Of hyperband: the first rung is at 1, 3 or 9 times min_epochs_per_trial."""


def make_scheduler(spec: StudySpec, space: Space) -> TrialScheduler:
    """The scheduler that the spec names. asha's rungs are at min_epochs, 3 min_epochs, 9 min_epochs, ..."""
    judged_by = {"time_attr": EPOCH, "metric": OBJECTIVE, "mode": direction(spec.monitor)[:3]}
    match spec.scheduler:
        case "asha" | "hyperband":
            return ASHAScheduler(
                **judged_by,
                grace_period=spec.min_epochs_per_trial,
                # One above what a trial trains: the worker ends it, and only then is it complete.
                max_t=spec.max_epochs_per_trial + 1,
                reduction_factor=REDUCTION_FACTOR,
                brackets=BRACKETS if spec.scheduler == "hyperband" else 1,
            )
        case "median":
            # It would pause trials for others that wait; here none waits that could run.
            return MedianStoppingRule(**judged_by, grace_period=spec.min_epochs_per_trial, min_time_slice=inf)
        case "pbt":
            return Population(space, spec.seed, spec.max_epochs_per_trial, **judged_by)
        case "none":
            return FIFOScheduler()


def remember(scheduler: TrialScheduler, trials: Sequence[TrialRow], epochs: Sequence[EpochRow]) -> None:
    """Show a new scheduler the curves of an earlier run's trials, so that rungs and medians hold from the start."""
    if isinstance(scheduler, Population):
        return  # compares the trials that train now
    known = {row.trial_number: _Known(row.trial_id) for row in trials if row.status in ("completed", "pruned")}
    for trial in known.values():
        scheduler.on_trial_add(None, trial)
    for epoch in epochs:
        if epoch.trial_number in known:
            result = {EPOCH: epoch.epoch, OBJECTIVE: epoch.objective}
            decision = scheduler.on_trial_result(_Idle(), known[epoch.trial_number], result)
            if decision == TrialScheduler.STOP and isinstance(scheduler, MedianStoppingRule):
                del known[epoch.trial_number]  # it takes no more of a trial that it ended


def rung(spec: StudySpec, epoch: int) -> int:
    """The last rung, from 1, that a trial of asha or hyperband has reached after an epoch; 0: none yet."""
    reached, at = 0, spec.min_epochs_per_trial
    while at <= epoch:
        reached, at = reached + 1, at * REDUCTION_FACTOR
    return reached


class _Known:
    """What a scheduler needs of a trial that ended long ago."""

    def __init__(self, trial_id: str) -> None:
        self.trial_id = trial_id


class _Idle:
    """What a scheduler sees of Ray Tune while nothing runs."""

    def get_live_trials(self) -> list[Any]:
        return []
