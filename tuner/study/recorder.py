"""The one writer of a study: a Ray Tune callback that appends everything the workers report to the log, in order.

It decides after each epoch and each end which trial leads, ends the trials that no worker ended, and removes the states
of trials that nothing needs any more.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, TypeVar

from ray import tune

from tuner.devices.allocation import Allocation
from tuner.events import (
    EpochProgress,
    Finding,
    HealthAlert,
    NewBest,
    Scalar,
    StoppedBy,
    TrialCause,
    TrialComplete,
    TrialStart,
    TrialStatus,
    durable_event,
    now,
)
from tuner.health.remedies import with_remedies
from tuner.objectives import better
from tuner.runners.failures import trial_failure
from tuner.search.comparison import Comparison
from tuner.search.rungs import Rungs
from tuner.search.scheduler_report import CLONED_FROM, SUGGESTED_AT, SUGGESTED_BY
from tuner.search.stateless import Stateless
from tuner.spec import StudySpec
from tuner.store import TrialRow
from tuner.study.device_allocation import allocation_of
from tuner.study.kept_models import KeptStates
from tuner.study.leader import UNFINISHED, Leader, Reached
from tuner.study.paths import StudyPaths
from tuner.study.stop_signal import StopSignal
from tuner.study.study_log import StudyLog
from tuner.study.trial_end import BY_PERSON, trial_end
from tuner.training.training_curve import TrainingCurve
from tuner.trial_spec import TrialSpec

log = logging.getLogger("tuner.study")

WORKER_LOSSES = 3
"""How often a trial, or the saving of the best model, is started again after its process was lost. For a trial that Ray
Tune gave up for that, so often once more. A trial that crashes by itself is never started again."""


class Recorder(Stateless, tune.Callback):  # type: ignore[misc]
    """Writes what workers report, and what follows from it.

    Args:
        more_memory: Returns whether the trial of this number, which ran out of memory, can be started again with more.
        comparison: Returns the comparison by which the scheduler ended a trial, by Ray Tune's identifier.
    """

    def __init__(
        self,
        study_log: StudyLog,
        spec: StudySpec,
        paths: StudyPaths,
        signal: StopSignal,
        rungs: Rungs,
        leader: Leader,
        more_memory: Callable[[int], bool] = lambda number: False,
        comparison: Callable[[str], Comparison | None] = lambda trial_id: None,
    ) -> None:
        self._log, self._spec = study_log, spec
        self._states = KeptStates(spec, paths.states)
        self._signal = signal
        self._rungs = rungs
        self._leader, self._more_memory, self._comparison = leader, more_memory, comparison
        self._running: dict[int, TrainingCurve] = {}
        self._started: dict[int, TrialStart] = {}
        self._losses: Counter[int] = Counter()
        """How often Ray Tune gave up each trial because its worker was lost."""
        self.restarts = 0
        """Number of trial ends after which this process starts the trial again."""
        self._reported_at: dict[int, datetime] = {}
        """Time of each running trial's latest event, by the clock of its worker, as of its start."""
        self._waits_again_since: dict[int, datetime] = {}
        """When each trial lost its worker, of those that Ray Tune starts again."""

    def mend(self) -> None:
        """Announce the leader and remove useless states if a killed run did not; a second call changes nothing."""
        ended = [trial for trial in self._log.store.trials(self._log.name) if trial.completed_at is not None]
        for trial in sorted(ended, key=lambda trial: trial.completed_at or now()):
            self._ended(trial)

    def on_trial_result(
        self, iteration: int, trials: list[Any], trial: Any, result: dict[str, Any], **info: Any
    ) -> None:
        for value in result["events"]:
            event = durable_event.validate_python(value)
            self._reported_at[_spec_of(trial).trial_number] = event.time
            match event:
                case TrialStart():
                    event = _with_reasons(event, allocation_of(trial.config))
                    update = {"suggested_by": trial.config.get(SUGGESTED_BY), "queued_s": self._queued_s(trial)}
                    event = event.model_copy(update=update)
                    self._running[event.trial_number] = self._curve(_spec_of(trial), event)
                    self._started[event.trial_number] = event
                case EpochProgress():
                    curve = self._running[event.trial_number]
                    if event.epoch <= curve.last_epoch:
                        continue  # reported again after an interruption, and stored already
                    event = _with_remedies(event, self._started[event.trial_number].hyperparameters)
                    curve.add(event)
                case TrialComplete():
                    event = _with_remedies(event, event.hyperparameters)
                    if (ran := self._running.get(event.trial_number)) is not None:
                        self._alert(event.trial_number, event.findings[len(ran.findings) :])
                    else:  # rejected by its worker, before it started
                        event = event.model_copy(update={"suggested_by": trial.config.get(SUGGESTED_BY)})
                    if event.cause == "out_of_memory" and self._more_memory(event.trial_number):
                        self.restarts += 1
                        reason = f"{event.reason}; it starts again with twice the share of a GPU"
                        event = event.model_copy(update={"status": UNFINISHED, "reason": reason})
            self._log.append(event)
            if isinstance(event, EpochProgress):
                self._alert(event.trial_number, event.findings)
            if isinstance(event, TrialComplete):
                self._ended(event)
            elif isinstance(event, TrialStart | EpochProgress):
                self._reached(event.trial_number)
        if ended := result.get("ended"):  # by a worker that only waited for a remote trial
            self._end(_spec_of(trial), ended["status"], ended["cause"], ended["reason"])

    def _queued_s(self, trial: Any) -> float | None:
        """Seconds for which a trial that starts now has waited; None for a copy of another one, which did not wait."""
        if CLONED_FROM in trial.config or SUGGESTED_AT not in trial.config:
            return None
        suggested_at = datetime.fromtimestamp(trial.config[SUGGESTED_AT], UTC)
        since = self._waits_again_since.pop(_spec_of(trial).trial_number, suggested_at)
        return max(0.0, (now() - since).total_seconds())

    def on_trial_recover(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        self._waits_again_since[_spec_of(trial).trial_number] = now()

    def _alert(self, number: int, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self._log.append(HealthAlert(trial_number=number, finding=finding))

    def on_trial_complete(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        spec = _spec_of(trial)
        if spec.trial_number not in self._started:
            return  # the worker ended it itself
        stop = self._signal.stop
        leader = self._leader.current
        if stop and stop.cause == "target_reached" and leader and spec.trial_number == leader.trial_number:
            self._end(spec, "completed", stop.cause, stop.reason)
        elif spec.trial_number in self._signal.trials_to_cancel:
            self._cancelled(spec)
        elif stop is not None:
            self._end(spec, UNFINISHED, stop.cause, f"the study stopped: {stop.reason}")
        else:
            curve = self._running[spec.trial_number]
            stopped_by = self._stopped_by(trial, curve)
            self._end(spec, "pruned", "pruned", self._why_pruned(curve), stopped_by=stopped_by)

    def on_trial_error(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        failure, spec = trial_failure(trial), _spec_of(trial)
        number = spec.trial_number
        if failure.kind == "worker_lost" and number in self._started and number in self._signal.trials_to_cancel:
            self._cancelled(spec)
        elif failure.kind == "worker_lost" and self._losses[number] < WORKER_LOSSES:
            # Ray Tune retries neither a reused worker that died before its trial began nor a worker that died while it
            # started again. The study still lacks this trial: the next round of Ray Tune starts it again.
            self._losses[number] += 1
            self.restarts += 1
            if number in self._started:
                reason = f"its worker was lost; it continues on another one: {failure.reason}"
                self._end(spec, UNFINISHED, "worker_lost", reason)
            else:
                log.warning("the worker of trial %d was lost before its start: %s", number, failure.reason)
        elif failure.kind == "worker_lost":
            reason = f"its worker was lost {WORKER_LOSSES + 1} times, the last time: {failure.reason}"
            self._end(spec, "failed", "worker_lost", reason, error=failure.error)
        elif failure.kind == "storage":
            # Neither the network nor the worker is at fault: the trial can continue once the folder is usable again.
            self._signal.request("failed", failure.reason)
            self._end(spec, UNFINISHED, "cancelled", "the state of its training could not be written")
        else:
            self._end(spec, "failed", "error", failure.reason, error=failure.error)

    def _curve(self, trial: TrialSpec, start: TrialStart) -> TrainingCurve:
        """Return the epochs that the trial had done before it started, now or again."""
        curve = TrainingCurve(trial)
        if start.resumed_from_epoch:
            for row in self._log.store.epochs(self._log.name, start.cloned_from or start.trial_number):
                if row.epoch <= start.resumed_from_epoch:
                    curve.add(row.event(trial.epochs))
        return curve

    def _why_pruned(self, curve: TrainingCurve) -> str:
        rung = self._rung(curve)
        at = "" if rung is None else f" at rung {rung}"
        return f"pruned by {self._spec.scheduler}{at}, after epoch {curve.last_epoch}"

    def _rung(self, curve: TrainingCurve) -> int | None:
        """The rung at which a trial was compared; None: its scheduler has none."""
        if self._spec.scheduler not in ("asha", "hyperband"):
            return None
        return self._rungs.number(curve.last_epoch, curve.training_time_s)

    def _stopped_by(self, trial: Any, curve: TrainingCurve) -> StoppedBy | None:
        found = self._comparison(trial.trial_id)
        if found is None:
            return None
        return StoppedBy(scheduler=self._spec.scheduler, rung=self._rung(curve), **asdict(found))

    def _end(
        self,
        trial: TrialSpec,
        status: TrialStatus,
        cause: TrialCause,
        reason: str,
        error: str | None = None,
        stopped_by: StoppedBy | None = None,
        *,
        by_person: bool = False,
    ) -> None:
        number = trial.trial_number
        start = self._started.get(number)
        event = trial_end(
            trial,
            start,
            self._running.get(number),
            status=status,
            cause=cause,
            reason=reason,
            seconds=(self._reported_at[number] - start.time).total_seconds() if start else 0.0,
            error=error,
            stopped_by=stopped_by,
            by_person=by_person,
        )
        self._log.append(event)
        self._ended(event)

    def _cancelled(self, trial: TrialSpec) -> None:
        """End a trial for good that a person cancelled alone."""
        self._end(trial, "cancelled", "cancelled", BY_PERSON, by_person=True)

    def _reached(self, number: int) -> None:
        """See whether a running trial leads after its latest epoch."""
        curve, start = self._running[number], self._started[number]
        if curve.best is not None and curve.performance is not None:
            values = curve.values(start.architecture.total_parameters)
            self._announce(self._leader.add_epoch(number, curve.best, values, curve.performance))

    def _ended(self, event: TrialComplete | TrialRow) -> None:
        """See whether a trial that ended leads, and remove the states that are of no use now."""
        number = event.trial_number
        self._running.pop(number, None)
        self._started.pop(number, None)
        self._reported_at.pop(number, None)
        self._announce(self._leader.add_end(event))
        if not event.continues:
            self._states.add_end(event, self._leader.best_ended)

    def _announce(self, best: Reached | None) -> None:
        """Record a new leader, and end the study if it has reached the target."""
        if best is None:
            return
        self._log.append(
            NewBest(trial_number=best.trial_number, objective=best.objective, performance=best.performance)
        )
        target, objective = self._spec.target_score, self._spec.objectives[0]
        if target is not None and not better(objective, target, best.objective):
            self._signal.request(
                "completed", f"target reached: {objective} {best.objective:.4f}", cause="target_reached"
            )


def _with_reasons(event: TrialStart, given: Allocation | None) -> TrialStart:
    """Return a start whose reasons for its devices begin with the one for their allocation."""
    if given is None or event.devices is None:
        return event
    why = (given.why, *event.devices.why)
    return event.model_copy(update={"devices": event.devices.model_copy(update={"why": why, "retried": given.retried})})


Measured = TypeVar("Measured", EpochProgress, TrialComplete)


def _with_remedies(event: Measured, hyperparameters: Mapping[str, Scalar]) -> Measured:
    """Return an event whose findings have remedies."""
    if not event.findings:
        return event
    return event.model_copy(update={"findings": with_remedies(event.findings, hyperparameters)})


def _spec_of(trial: Any) -> TrialSpec:
    return TrialSpec.model_validate(trial.config["trial"])
