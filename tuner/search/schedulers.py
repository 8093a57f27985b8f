"""Creates the scheduler that a spec names: it decides after each epoch whether a trial continues."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from types import SimpleNamespace
from typing import Any

from ray.tune.experiment import Trial
from ray.tune.schedulers import ASHAScheduler, FIFOScheduler, MedianStoppingRule, TrialScheduler

from tuner.objectives import direction
from tuner.ray_internals import trials_without_started_worker
from tuner.search.pbt import PbtScheduler
from tuner.search.rungs import REDUCTION_FACTOR, Rungs
from tuner.search.scheduler_report import EPOCH, OBJECTIVE, TRAINED_S, scheduler_report
from tuner.search.space import Space
from tuner.spec import StudySpec
from tuner.store import EpochRow, TrialRow

BRACKETS = 3
"""Brackets of hyperband: a trial's first rung is the first, the second or the third one."""


class LongestWaitingFirst:
    """Mixin for schedulers that pause no trial: the next worker is for the longest waiting trial that has none yet.

    Ray Tune's own schedulers would let a trial whose worker is starting take over a worker whose trial has ended, and
    stop the worker that starts. With trials shorter than the start of a worker, no further worker would ever be ready,
    and its place in the cluster would stay idle. They also read the list of all trials twice in each step of Ray Tune.
    """

    def choose_trial_to_run(self, tune_controller: Any) -> Trial | None:
        without_worker = trials_without_started_worker(tune_controller)
        return min((trial for trial in without_worker if trial.status == Trial.PENDING), key=_number, default=None)


def _number(trial: Trial) -> int:
    number: int = trial.config["trial"]["trial_number"]
    return number


class Asha(LongestWaitingFirst, ASHAScheduler):  # type: ignore[misc]
    """Ends trials at rungs."""


class Median(LongestWaitingFirst, MedianStoppingRule):  # type: ignore[misc]
    """Ends trials that are worse than the median."""


class Fifo(LongestWaitingFirst, FIFOScheduler):  # type: ignore[misc]
    """Ends no trial."""


def make_scheduler(spec: StudySpec, space: Space, rungs: Rungs) -> TrialScheduler:
    """The scheduler that the spec names; asha and hyperband end trials at the rungs."""
    common = {"time_attr": EPOCH, "metric": OBJECTIVE, "mode": direction(spec.monitor)[:3]}
    match spec.scheduler:
        case "asha" | "hyperband":
            return Asha(
                **common | {"time_attr": EPOCH if rungs.unit == "epoch" else TRAINED_S},
                grace_period=rungs.first,
                # Above the last epoch, so that the worker ends the trial: only then is it complete.
                max_t=rungs.last + 1,
                reduction_factor=REDUCTION_FACTOR,
                brackets=BRACKETS if spec.scheduler == "hyperband" else 1,
            )
        case "median":
            # Without pauses: Ray Tune pauses trials so that waiting ones can run, but none waits that could run.
            return Median(**common, grace_period=spec.min_epochs_per_trial, min_time_slice=inf)
        case "pbt":
            return PbtScheduler(space, spec.seed, spec.max_epochs_per_trial, **common)
        case "none":
            return Fifo()


def remember(
    scheduler: TrialScheduler, spec: StudySpec, trials: Sequence[TrialRow], epochs: Sequence[EpochRow]
) -> None:
    """Report the curves of an earlier run's trials to a new scheduler, so that it compares new trials with them."""
    if isinstance(scheduler, PbtScheduler):
        return  # it compares only running trials
    known = {row.trial_number: _EndedTrial(row.trial_id) for row in trials if row.status in ("completed", "pruned")}
    for trial in known.values():
        scheduler.on_trial_add(None, trial)
    controller = SimpleNamespace(get_live_trials=list)  # Ray Tune's, without running trials
    trained_s: dict[int, float] = defaultdict(float)
    for epoch in epochs:
        trained_s[epoch.trial_number] += epoch.duration_s
        if epoch.trial_number in known:
            seconds = trained_s[epoch.trial_number]
            result = scheduler_report(spec.min_epochs_per_trial, epoch.epoch, epoch.objective, seconds)
            decision = scheduler.on_trial_result(controller, known[epoch.trial_number], result)
            if decision == TrialScheduler.STOP and isinstance(scheduler, MedianStoppingRule):
                del known[epoch.trial_number]  # it accepts no further result of a trial that it ended


@dataclass(frozen=True)
class _EndedTrial:
    """What a scheduler needs of a trial that ended in an earlier run. Schedulers keep trials in sets."""

    trial_id: str
