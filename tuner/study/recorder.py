"""The one writer of a study: a Ray Tune callback that appends every report to the store, in order."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from ray import tune

from tuner.devices import Allocation
from tuner.events import (
    DurableEvent,
    EpochProgress,
    Finding,
    HealthAlert,
    NewBest,
    TrialCause,
    TrialComplete,
    TrialStart,
    TrialStatus,
    durable_event,
    now,
)
from tuner.objectives import better, violations
from tuner.runners.failures import trial_failure
from tuner.runners.shared_folder import open_folder
from tuner.runners.state_files import state_file
from tuner.search.rungs import Rungs
from tuner.search.scheduler_report import SUGGESTED_BY
from tuner.search.stateless import Stateless
from tuner.spec import StudySpec, TrialSpec
from tuner.store import Store, TrialRow
from tuner.study.device_allocation import allocation_of
from tuner.study.event_text import event_line
from tuner.study.paths import StudyPaths
from tuner.study.stop_signal import StopSignal
from tuner.training.training_curve import TrainingCurve

log = logging.getLogger("tuner.study")

WINNERS = ("completed", "pruned", "cancelled")
"""Statuses of trials that may become the best: their weights are kept."""

WORKER_LOSSES = 3
"""Times a trial, or the saving of the best model, is started again after its process was lost, and again after Ray Tune
gave it up. A trial that crashes by itself is never retried."""

UNFINISHED: TrialStatus = "cancelled"
"""Status of a trial that `tuner resume` goes on with: its state is kept too."""


class Recorder(Stateless, tune.Callback):  # type: ignore[misc]
    """Writes what workers report, ends the trials that no worker ended, and keeps the best one's weights."""

    def __init__(
        self,
        store: Store,
        spec: StudySpec,
        paths: StudyPaths,
        signal: StopSignal,
        rungs: Rungs,
    ) -> None:
        assert spec.run_name is not None
        self._store = store
        self._spec = spec
        self._study = spec.run_name
        self._states = open_folder(paths.states)
        self._signal = signal
        self._rungs = rungs
        so_far = store.study(spec.run_name)
        self.best_objective, self._best_trial = so_far.best_objective, so_far.best_trial_number
        self._running: dict[int, TrainingCurve] = {}
        self._started: dict[int, TrialStart] = {}
        self._reported_at: dict[int, datetime] = {}
        """Time of each running trial's latest event, by the clock of its worker, as of its start."""
        self.losses: Counter[int] = Counter()
        """How often Ray Tune gave up each trial, by its number, since its worker was lost."""
        self.second_chance: Callable[[int], bool] = lambda number: False
        """Whether a trial that ran out of memory, by its number, is to be tried once more."""
        self.learners: list[Callable[[DurableEvent], None]] = []
        """Told of each event once it is stored."""

    def mend(self) -> None:
        """Do what a killed run left undone after a trial's end: say that it leads, remove states that nobody needs."""
        ended = [trial for trial in self._store.trials(self._study) if trial.completed_at is not None]
        for trial in sorted(ended, key=lambda trial: trial.completed_at or now()):
            self._ended(trial)

    def append(self, event: DurableEvent) -> None:
        """Write one event to the store and the log, then tell the learners."""
        self._store.append(self._study, event)
        log.info(event_line(event))
        for learn in self.learners:
            learn(event)

    def on_trial_result(
        self, iteration: int, trials: list[Any], trial: Any, result: dict[str, Any], **info: Any
    ) -> None:
        for value in result["events"]:
            event = durable_event.validate_python(value)
            self._reported_at[_spec_of(trial).trial_number] = event.time
            match event:
                case TrialStart():
                    event = _with_reasons(event, allocation_of(trial.config))
                    event = event.model_copy(update={"suggested_by": trial.config.get(SUGGESTED_BY)})
                    self._running[event.trial_number] = self._curve(_spec_of(trial), event)
                    self._started[event.trial_number] = event
                case EpochProgress():
                    curve = self._running[event.trial_number]
                    if event.epoch <= curve.last_epoch:
                        continue  # told again after an interruption, and stored already
                    curve.add(event)
                case TrialComplete():
                    if (ran := self._running.get(event.trial_number)) is not None:
                        self._alert(event.trial_number, event.findings[len(ran.findings) :])
                    else:  # rejected by its worker, before it started
                        event = event.model_copy(update={"suggested_by": trial.config.get(SUGGESTED_BY)})
                    if event.cause == "out_of_memory" and self.second_chance(event.trial_number):
                        reason = f"{event.reason}; it is tried once more, with twice the share of a GPU"
                        event = event.model_copy(update={"status": UNFINISHED, "reason": reason})
            self.append(event)
            if isinstance(event, EpochProgress):
                self._alert(event.trial_number, event.findings)
            if isinstance(event, TrialComplete):
                self._ended(event)
        if ended := result.get("ended"):  # by a worker that only waited, and knows no more than how
            self._end(_spec_of(trial), ended["status"], ended["cause"], ended["reason"])

    def _alert(self, number: int, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self.append(HealthAlert(trial_number=number, finding=finding))

    def on_trial_complete(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        spec = _spec_of(trial)
        if spec.trial_number not in self._started:
            return  # the worker ended it itself
        if self._signal.stop is not None:
            self._end(spec, UNFINISHED, self._signal.stop.cause, f"the study stopped: {self._signal.stop.reason}")
        else:
            self._end(spec, "pruned", "pruned", self._why_pruned(self._running[spec.trial_number]))

    def on_trial_error(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        failure, spec = trial_failure(trial), _spec_of(trial)
        number = spec.trial_number
        if failure.kind == "worker_lost" and self.losses[number] < WORKER_LOSSES:
            # Ray Tune retries neither a reused worker that died before its trial began nor one that died while it
            # started again. The study lacks the trial still, and another search goes on with it: `Search.fell_short`.
            self.losses[number] += 1
            if number in self._started:
                self._end(spec, UNFINISHED, "worker_lost", "its worker was lost; it goes on with another")
        elif failure.kind == "worker_lost":
            self._end(spec, "failed", "worker_lost", "its worker was lost again and again", error=failure.error)
        elif failure.kind == "storage":
            # Neither the network's fault nor a lost worker: the trial goes on once that is mended.
            self._signal.request("failed", failure.reason)
            self._end(spec, UNFINISHED, "cancelled", "its state could not be written")
        else:
            self._end(spec, "failed", "error", failure.reason, error=failure.error)

    def _curve(self, trial: TrialSpec, start: TrialStart) -> TrainingCurve:
        """What the trial had done before it started, now or again."""
        curve = TrainingCurve(trial)
        if start.resumed_from_epoch:
            for row in self._store.epochs(self._study, start.cloned_from or start.trial_number):
                if row.epoch <= start.resumed_from_epoch:
                    curve.add(row.event(trial.epochs))
        return curve

    def _why_pruned(self, curve: TrainingCurve) -> str:
        scheduler = self._spec.scheduler
        rung = self._rungs.number(curve.last_epoch, curve.training_time_s)
        at = f" at rung {rung}" if scheduler in ("asha", "hyperband") else ""
        return f"pruned by {scheduler}{at}, after epoch {curve.last_epoch}"

    def _end(
        self, trial: TrialSpec, status: TrialStatus, cause: TrialCause, reason: str, error: str | None = None
    ) -> None:
        """End a trial that its worker did not end."""
        curve = self._running.get(trial.trial_number)
        start = self._started.get(trial.trial_number)
        best = curve.best if curve else None
        values = curve.values(start.architecture.total_parameters) if curve and start else {}
        event = TrialComplete(
            trial_number=trial.trial_number,
            trial_id=trial.trial_id,
            status=status,
            cause=cause,
            reason=reason,
            error=error,
            hyperparameters=start.hyperparameters if start else trial.hyperparameters,
            performance=curve and curve.performance,
            objective=values.get(trial.objective),
            values=values,
            health_metrics=best and best.health_metrics,
            vital_signs=best and best.vital_signs,
            findings=curve.findings if curve else (),
            resources=curve.resources if curve else None,
            best_epoch=best and best.epoch,
            epochs_trained=curve.last_epoch if curve else 0,
            duration_seconds=(self._reported_at[trial.trial_number] - start.time).total_seconds() if start else 0.0,
        )
        self.append(event)
        self._ended(event)

    def _ended(self, event: TrialComplete | TrialRow) -> None:
        """Doing it again changes nothing."""
        self._running.pop(event.trial_number, None)
        self._started.pop(event.trial_number, None)
        self._reported_at.pop(event.trial_number, None)
        if self._leads(event):
            displaced, self._best_trial, self.best_objective = self._best_trial, event.trial_number, event.objective
            self._lead(event)
            if displaced is not None:
                self._remove_state(displaced)
        elif event.status != UNFINISHED and event.trial_number != self._best_trial:
            self._remove_state(event.trial_number)

    def _remove_state(self, number: int) -> None:
        try:
            self._states.remove(state_file(number))
        except OSError as error:  # it is of no use and of no harm; the study's end removes the folder
            log.warning("cannot remove the state of trial %d: %s", number, error)

    def _leads(self, event: TrialComplete | TrialRow) -> bool:
        if event.status not in WINNERS or event.objective is None:
            return False
        if any(violation > 0 for violation in violations(self._spec.bounds, event.values).values()):
            return False
        return better(self._spec.objectives[0], event.objective, self.best_objective)

    def _lead(self, event: TrialComplete | TrialRow) -> None:
        assert event.objective is not None
        assert event.performance is not None
        self.append(NewBest(trial_number=event.trial_number, objective=event.objective, performance=event.performance))
        target, objective = self._spec.target_score, self._spec.objectives[0]
        if target is not None and not better(objective, target, event.objective):
            self._signal.request(
                "completed", f"target reached: {objective} {event.objective:.4f}", cause="target_reached"
            )


def _with_reasons(event: TrialStart, given: Allocation | None) -> TrialStart:
    """What the worker told of its devices, and before it why it was given them."""
    if given is None or event.devices is None:
        return event
    why = (given.why, *event.devices.why)
    return event.model_copy(update={"devices": event.devices.model_copy(update={"why": why, "retried": given.retried})})


def _spec_of(trial: Any) -> TrialSpec:
    return TrialSpec.model_validate(trial.config["trial"])
