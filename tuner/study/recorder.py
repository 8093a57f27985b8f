"""The one writer of a study: a Ray Tune callback that appends every report to the store, in order."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from ray import tune

from tuner.events import (
    DurableEvent,
    EpochProgress,
    NewBest,
    Performance,
    TrialComplete,
    TrialStart,
    TrialStatus,
    durable_event,
    now,
)
from tuner.search.stateless import Stateless
from tuner.spec import StudySpec, TrialSpec, better
from tuner.store import Store
from tuner.study.lines import line
from tuner.study.stopping import StopSignal
from tuner.training.progress import Curve, performance_of

log = logging.getLogger("tuner.study")

WINNERS = ("completed", "pruned", "cancelled")
"""Statuses of trials that may become the best: their weights are kept."""


class Recorder(Stateless, tune.Callback):  # type: ignore[misc]
    """Writes what workers report, ends the trials that no worker ended, and keeps the best one's weights."""

    def __init__(self, store: Store, spec: StudySpec, signal: StopSignal) -> None:
        assert spec.run_name is not None
        self._store = store
        self._spec = spec
        self._study = spec.run_name
        self._signal = signal
        so_far = store.study(spec.run_name)
        self._best_objective, self._best_trial = so_far.best_objective, so_far.best_trial_number
        self._running: dict[str, Curve] = {}
        self._started: dict[str, TrialStart] = {}
        self._checkpoints: dict[int, Any] = {}

    def append(self, event: DurableEvent) -> None:
        """Write one event to the store and the log."""
        self._store.append(self._study, event)
        log.info(line(event))

    def rejected(self, trial: TrialSpec, reason: str) -> None:
        """A trial that never reached a worker."""
        self.append(_complete(trial, "rejected", reason))

    def on_trial_result(
        self, iteration: int, trials: list[Any], trial: Any, result: dict[str, Any], **info: Any
    ) -> None:
        for value in result["events"]:
            event = durable_event.validate_python(value)
            if isinstance(event, TrialStart):
                self._running[trial.trial_id] = Curve(_spec_of(trial))
                self._started[trial.trial_id] = event
            elif isinstance(event, EpochProgress):
                self._running[trial.trial_id].add(event)
            self.append(event)
            if isinstance(event, TrialComplete):
                self._ended(trial, event)

    def on_trial_complete(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        if trial.trial_id not in self._started:
            return  # the worker ended it itself
        curve = self._running[trial.trial_id]
        if self._signal.stop is not None:
            self._end(trial, "cancelled", f"the study stopped: {self._signal.stop.reason}")
        else:
            self._end(trial, "pruned", f"pruned by {self._spec.scheduler} at epoch {curve.last_epoch}")

    def on_trial_error(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        error = Path(trial.error_file).read_text() if trial.error_file else None
        self._end(trial, "failed", "its worker was lost again and again", error=error)

    def on_checkpoint(self, iteration: int, trials: list[Any], trial: Any, checkpoint: Any, **info: Any) -> None:
        number = _spec_of(trial).trial_number
        self._checkpoints[number] = checkpoint
        for loser in [n for n in self._checkpoints if n not in (self._best_trial, number)]:
            _delete(self._checkpoints.pop(loser))

    def _end(self, trial: Any, status: TrialStatus, reason: str, error: str | None = None) -> None:
        """End a trial that its worker did not end."""
        curve = self._running.get(trial.trial_id)
        start = self._started.get(trial.trial_id)
        best = curve.best if curve else None
        event = _complete(_spec_of(trial), status, reason, error).model_copy(
            update={
                "performance": best and performance_of(best),
                "objective": best and best.objective,
                "best_epoch": best and best.epoch,
                "epochs_trained": curve.last_epoch if curve else 0,
                "duration_seconds": (now() - start.time).total_seconds() if start else 0.0,
            }
        )
        self.append(event)
        self._ended(trial, event)

    def _ended(self, trial: Any, event: TrialComplete) -> None:
        self._running.pop(trial.trial_id, None)
        self._started.pop(trial.trial_id, None)
        if event.status not in WINNERS or event.objective is None or event.performance is None:
            return
        if better(self._spec.objective, event.objective, self._best_objective):
            self._best_objective, self._best_trial = event.objective, event.trial_number
            self._lead(event.trial_number, event.objective, event.performance)

    def _lead(self, trial_number: int, objective: float, performance: Performance) -> None:
        self.append(NewBest(trial_number=trial_number, objective=objective, performance=performance))
        target = self._spec.target_score
        if target is not None and (objective == target or better(self._spec.objective, objective, target)):
            self._signal.request("completed", f"target reached: {self._spec.objective} {objective:.4f}")


def _complete(trial: TrialSpec, status: TrialStatus, reason: str, error: str | None = None) -> TrialComplete:
    return TrialComplete(
        trial_number=trial.trial_number,
        trial_id=trial.trial_id,
        status=status,
        reason=reason,
        error=error,
        hyperparameters=trial.hyperparameters,
    )


def _spec_of(trial: Any) -> TrialSpec:
    return TrialSpec.model_validate(trial.config["trial"])


def _delete(checkpoint: Any) -> None:
    checkpoint.filesystem.delete_dir(checkpoint.path)
