"""Schedulers by name: they decide after each epoch whether a trial goes on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import inf
from typing import Any

from ray.tune.schedulers import ASHAScheduler, FIFOScheduler, MedianStoppingRule, TrialScheduler

from tuner.objectives import direction
from tuner.search.pbt import PbtScheduler
from tuner.search.rungs import REDUCTION_FACTOR, Rungs
from tuner.search.scheduler_report import EPOCH, OBJECTIVE, TRAINED_S, scheduler_report
from tuner.search.space import Space
from tuner.search.trial_order import LongestWaitingFirst
from tuner.spec import StudySpec
from tuner.store import EpochRow, TrialRow

BRACKETS = 3
"""Of hyperband: a trial's first rung is the first, the second or the third one."""


class Asha(LongestWaitingFirst, ASHAScheduler):  # type: ignore[misc]
    """Ends trials at rungs."""


class Median(LongestWaitingFirst, MedianStoppingRule):  # type: ignore[misc]
    """Ends trials that are worse than the median."""


class Fifo(LongestWaitingFirst, FIFOScheduler):  # type: ignore[misc]
    """Ends none."""


def make_scheduler(spec: StudySpec, space: Space, rungs: Rungs) -> TrialScheduler:
    """The scheduler that the spec names; asha and hyperband end trials at the rungs."""
    judged_by = {"time_attr": EPOCH, "metric": OBJECTIVE, "mode": direction(spec.monitor)[:3]}
    match spec.scheduler:
        case "asha" | "hyperband":
            return Asha(
                **judged_by | {"time_attr": EPOCH if rungs.unit == "epoch" else TRAINED_S},
                grace_period=rungs.first,
                # Above what a trial trains: the worker ends it, and only then is it complete.
                max_t=rungs.last + 1,
                reduction_factor=REDUCTION_FACTOR,
                brackets=BRACKETS if spec.scheduler == "hyperband" else 1,
            )
        case "median":
            # It would pause trials for others that wait; here none waits that could run.
            return Median(**judged_by, grace_period=spec.min_epochs_per_trial, min_time_slice=inf)
        case "pbt":
            return PbtScheduler(space, spec.seed, spec.max_epochs_per_trial, **judged_by)
        case "none":
            return Fifo()


def remember(
    scheduler: TrialScheduler, spec: StudySpec, trials: Sequence[TrialRow], epochs: Sequence[EpochRow]
) -> None:
    """Show a new scheduler the curves of an earlier run's trials, so that rungs and medians hold from the start."""
    if isinstance(scheduler, PbtScheduler):
        return  # compares the trials that train now
    known = {row.trial_number: _Known(row.trial_id) for row in trials if row.status in ("completed", "pruned")}
    for trial in known.values():
        scheduler.on_trial_add(None, trial)
    trained_s: dict[int, float] = defaultdict(float)
    for epoch in epochs:
        trained_s[epoch.trial_number] += epoch.duration_s
        if epoch.trial_number in known:
            result = scheduler_report(
                spec.min_epochs_per_trial, epoch.epoch, epoch.objective, trained_s[epoch.trial_number]
            )
            decision = scheduler.on_trial_result(_Idle(), known[epoch.trial_number], result)
            if decision == TrialScheduler.STOP and isinstance(scheduler, MedianStoppingRule):
                del known[epoch.trial_number]  # it takes no more of a trial that it ended


class _Known:
    """What a scheduler needs of a trial that ended long ago."""

    def __init__(self, trial_id: str) -> None:
        self.trial_id = trial_id


class _Idle:
    """What a scheduler sees of Ray Tune while nothing runs."""

    def get_live_trials(self) -> list[Any]:
        return []
