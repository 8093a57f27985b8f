"""Creates the scheduler that a spec names: it decides after each epoch whether a trial continues."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite, nan
from types import SimpleNamespace
from typing import Any

import numpy as np
from ray.tune.experiment import Trial
from ray.tune.schedulers import ASHAScheduler, FIFOScheduler, MedianStoppingRule, TrialScheduler

from tuner.objectives import direction
from tuner.ray_internals import compare_with_at_least, median_comparison, trials_without_started_worker
from tuner.search.comparison import Comparisons
from tuner.search.pbt import PbtScheduler
from tuner.search.resilience import ResilientScheduler
from tuner.search.rungs import LEAST_OTHERS, REDUCTION_FACTOR, Rungs
from tuner.search.scheduler_report import EPOCH, OBJECTIVE, TRAINED_S, batches_per_epoch, scheduler_report
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


class Asha(LongestWaitingFirst, ResilientScheduler, ASHAScheduler):  # type: ignore[misc]
    """Ends trials at rungs."""

    def __init__(self, comparisons: Comparisons, **options: Any) -> None:
        super().__init__(**options)
        self._comparisons, self._sign = comparisons, 1 if options["mode"] == "max" else -1
        self._compared: tuple[float, Sequence[float]] | None = None
        """Cutoff and values of the other trials in the latest comparison; larger ones are better."""
        compare_with_at_least(self, LEAST_OTHERS, self._remember)

    def _remember(self, cutoff: float, values: Sequence[float]) -> None:
        self._compared = cutoff, values

    def on_trial_result(self, tune_controller: Any, trial: Any, result: dict[str, Any]) -> str:
        self._compared = None
        decision = super().on_trial_result(tune_controller, trial, result)
        if decision == TrialScheduler.STOP and self._compared is not None:
            cutoff, others = self._compared
            values = [self._sign * value for value in others]
            self._comparisons.add(trial.trial_id, result[OBJECTIVE], self._sign * cutoff, values)
        return decision  # type: ignore[no-any-return]


class Median(LongestWaitingFirst, ResilientScheduler, MedianStoppingRule):  # type: ignore[misc]
    """Ends trials whose best value is worse than the median of the other trials' means up to the same epoch."""

    def __init__(self, comparisons: Comparisons, **options: Any) -> None:
        super().__init__(**options)
        self._comparisons = comparisons

    def on_trial_result(self, tune_controller: Any, trial: Any, result: dict[str, Any]) -> str:
        # Before the first epoch it is NaN, and to Ray Tune the best of NaN and any value is NaN.
        if not isfinite(result.get(OBJECTIVE, nan)):
            return TrialScheduler.CONTINUE  # type: ignore[no-any-return]
        decision = super().on_trial_result(tune_controller, trial, result)
        if decision == TrialScheduler.STOP:
            best, means = median_comparison(self, trial, result[EPOCH])
            self._comparisons.add(trial.trial_id, best, float(np.median(means)), means)
        return decision  # type: ignore[no-any-return]


class Fifo(LongestWaitingFirst, FIFOScheduler):  # type: ignore[misc]
    """Ends no trial."""


class OrderedAsha(LongestWaitingFirst, FIFOScheduler):  # type: ignore[misc]
    """Ends trials at rungs, whichever of the running trials is faster (`deterministic=true`).

    A trial is compared with those that had ended when it was suggested: all before it but the last `concurrent` - 1.
    Ray Tune's own asha compares it with all that have reached the rung by then.
    """

    def __init__(self, rungs: Rungs, mode: str, concurrent: int, comparisons: Comparisons) -> None:
        super().__init__()
        self._rungs, self._sign, self._concurrent = rungs, 1 if mode == "max" else -1, concurrent
        self._comparisons = comparisons
        self._places: dict[str, int] = {}
        """Place of each trial in the order of suggestions, by its identifier."""
        self._reached: dict[int, dict[int, float]] = defaultdict(dict)
        """What trials had reached at each rung, by their places."""

    def on_trial_add(self, tune_controller: Any, trial: Any) -> None:
        self._places.setdefault(trial.trial_id, len(self._places))

    def on_trial_result(self, tune_controller: Any, trial: Any, result: dict[str, Any]) -> str:
        rung = self._rungs.number(result.get(EPOCH, 0), 0.0)
        place, reached = self._places[trial.trial_id], self._reached[rung]
        if not rung or place in reached:
            return TrialScheduler.CONTINUE  # type: ignore[no-any-return]
        reached[place] = self._sign * result[OBJECTIVE]
        known = [value for other, value in reached.items() if other <= place - self._concurrent]
        if len(known) < LEAST_OTHERS:
            return TrialScheduler.CONTINUE  # type: ignore[no-any-return]
        cutoff = float(np.percentile(known, 100 * (1 - 1 / REDUCTION_FACTOR)))
        if reached[place] >= cutoff:
            return TrialScheduler.CONTINUE  # type: ignore[no-any-return]
        values = [self._sign * value for value in known]
        self._comparisons.add(trial.trial_id, result[OBJECTIVE], self._sign * cutoff, values)
        return TrialScheduler.STOP  # type: ignore[no-any-return]

    def on_trial_complete(self, tune_controller: Any, trial: Any, result: dict[str, Any]) -> None:
        if result.keys() >= {EPOCH, OBJECTIVE}:
            self.on_trial_result(tune_controller, trial, result)


def make_scheduler(
    spec: StudySpec, space: Space, rungs: Rungs, concurrent: int = 1, comparisons: Comparisons | None = None
) -> TrialScheduler:
    """The scheduler that the spec names; asha and hyperband end trials at the rungs.

    `concurrent` is the number of trials that train at once; `comparisons` gets why trials were ended.
    """
    comparisons = comparisons or Comparisons(direction(spec.monitor)[:3])
    common = {"time_attr": EPOCH, "metric": OBJECTIVE, "mode": direction(spec.monitor)[:3]}
    match spec.scheduler:
        case "asha" if spec.deterministic:
            return OrderedAsha(rungs, common["mode"], concurrent, comparisons)
        case "asha" | "hyperband":
            return Asha(
                comparisons,
                **common | {"time_attr": EPOCH if rungs.unit == "epoch" else TRAINED_S},
                grace_period=rungs.first,
                # Above the last epoch, so that the worker ends the trial: only then is it complete.
                max_t=rungs.last + 1,
                reduction_factor=REDUCTION_FACTOR,
                brackets=BRACKETS if spec.scheduler == "hyperband" else 1,
            )
        case "median":
            # Without pauses: Ray Tune pauses trials so that waiting ones can run, but none waits that could run.
            return Median(comparisons, **common, grace_period=spec.min_epochs_per_trial, min_time_slice=inf)
        case "pbt":
            return PbtScheduler(space, spec.seed, spec.max_epochs_per_trial, **common)
        case "none":
            return Fifo()


def remember(
    scheduler: TrialScheduler, spec: StudySpec, trials: Sequence[TrialRow], epochs: Sequence[EpochRow], samples: int
) -> None:
    """Report the curves of an earlier run's trials to a new scheduler, so that it compares new trials with them.

    `samples` is the number of training samples.
    """
    if isinstance(scheduler, PbtScheduler):
        return  # it compares only running trials
    known = {row.trial_number: _EndedTrial(row.trial_id) for row in trials if row.status in ("completed", "pruned")}
    for trial in known.values():
        scheduler.on_trial_add(None, trial)
    batches = {row.trial_number: batches_per_epoch(samples, row.hyperparameters, row.devices) for row in trials}
    controller = SimpleNamespace(get_live_trials=list)  # Ray Tune's, without running trials
    trained_s: dict[int, float] = defaultdict(float)
    for epoch in epochs:
        trained_s[epoch.trial_number] += epoch.duration_s
        if epoch.trial_number in known:
            seconds = trained_s[epoch.trial_number]
            steps = batches[epoch.trial_number]
            result = scheduler_report(spec.min_epochs_per_trial, epoch.epoch, epoch.objective, seconds, steps)
            decision = scheduler.on_trial_result(controller, known[epoch.trial_number], result)
            if decision == TrialScheduler.STOP and isinstance(scheduler, MedianStoppingRule):
                del known[epoch.trial_number]  # it accepts no further result of a trial that it ended


@dataclass(frozen=True)
class _EndedTrial:
    """What a scheduler needs of a trial that ended in an earlier run. Schedulers keep trials in sets."""

    trial_id: str
