"""Runs real studies for benchmarks, and trains their trials once more."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tuner import datasets
from tuner.events import EpochProgress, TrialComplete
from tuner.settings import Settings
from tuner.spec import StudySpec
from tuner.spec_parts import HealthSpec, HealthWeights
from tuner.store import Store, TrialRow
from tuner.trial_spec import TrialSpec

WATCHED = HealthSpec(accuracy_weight=0.7, weights=HealthWeights(), stop=False)


@dataclass(frozen=True)
class Found:
    """What one study came to."""

    curve: list[tuple[float, float]]
    """Of every epoch, the second since the first trial began and its validation accuracy."""
    trials: list[TrialRow]
    best: TrialRow
    test_accuracy: float

    @property
    def accuracies(self) -> list[float]:
        return [trial.performance.accuracy for trial in self.trials if trial.performance]

    @property
    def stopped(self) -> list[TrialRow]:
        return [trial for trial in self.trials if trial.cause == "health_stop"]

    def seconds_to(self, accuracy: float) -> float:
        """All its seconds, if it never came so far."""
        return min((second for second, value in self.curve if value >= accuracy), default=self.curve[-1][0])


def study(spec: StudySpec, settings: Settings) -> Found:
    """Runs it, on a Ray of its own unless this process has joined a cluster."""
    from tuner.study import run

    result = run(spec, settings=settings)
    with Store.open(settings.store_url()) as store:
        trials, epochs = store.trials(result.name), store.epochs(result.name)
    began = min(trial.started_at for trial in trials if trial.started_at)
    curve = sorted(((epoch.time - began).total_seconds(), epoch.val_accuracy) for epoch in epochs)
    assert result.best is not None
    assert result.test_accuracy is not None
    return Found(curve, trials, result.best, result.test_accuracy)


def trained_again(row: TrialRow, epochs: int, spec: StudySpec) -> tuple[list[float], TrialComplete]:
    """A trial of this study trained once more, watched and never stopped: its validation accuracies, and its end."""
    from tuner.training import run_trial

    data, _ = datasets.load(spec.data)
    trial = TrialSpec(
        study="again",
        trial_number=row.trial_number,
        data=spec.data,
        architecture="cnn",
        hyperparameters=row.hyperparameters,
        objective="val_accuracy",
        epochs=epochs,
        early_stopping_patience=None,
        health=WATCHED,
    )
    *events, end = run_trial(trial, data)
    assert isinstance(end, TrialComplete)
    return [event.validation.accuracy for event in events if isinstance(event, EpochProgress)], end


def conditions() -> dict[str, Any]:
    """When and on what a benchmark ran."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"processor": platform.machine(), "cores": os.cpu_count(), "system": platform.system()},
    }
