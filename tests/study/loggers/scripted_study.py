"""A study told by events, with two trials, of which the second one is interrupted and resumed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.store.samples import BASELINE, DATA
from tuner.events import (
    Architecture,
    Baseline,
    BaselineFitted,
    BestModel,
    DataRead,
    DurableEvent,
    EpochProgress,
    LayerSummary,
    Metrics,
    NewBest,
    Performance,
    SearchParameter,
    StudyStatus,
    TrainingSummary,
    TrialComplete,
    TrialStart,
)
from tuner.spec import StudySpec
from tuner.store import Store
from tuner.study.paths import StudyPaths

BEGAN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
NAME = "digits-a"
WEIGHTS = (-0.5, -0.25, -0.125, 0.0, 0.125, 0.25, 0.5)
ZEROS = (0.0,) * 7
HYPERPARAMETERS: dict[str, Any] = {"optimizer": "adam", "learning_rate": 0.001, "batch_size": 32, "augmentation": True}


def parameter(name: str, **fields: Any) -> SearchParameter:
    plain = {"key": name, "meaning": name, "low": None, "high": None, "log": False, "choices": None, "when": {}}
    return SearchParameter(name=name, **{**plain, **fields})


SPACE = (
    parameter("optimizer", kind="choice", choices=("adam", "sgd")),
    parameter("learning_rate", kind="float", low=1e-4, high=1e-2, log=True),
    parameter("batch_size", kind="choice", choices=(32, 64)),
    parameter("augmentation", kind="bool", choices=(False, True)),
    parameter("learning_rate", key="learning_rate_sgd", kind="float", low=1e-3, high=1e-1, log=True),
)


def at(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def start(number: int, seconds: float, resumed_from: int = 0) -> TrialStart:
    return TrialStart(
        trial_number=number,
        trial_id=f"{NAME}-{number:05d}",
        hyperparameters=HYPERPARAMETERS,
        suggested_by="portfolio",
        architecture=Architecture(type="cnn", total_parameters=10, layers=[]),
        resumed_from_epoch=resumed_from,
        time=at(seconds),
    )


def epoch(number: int, epoch: int, accuracy: float, seconds: float) -> EpochProgress:
    layer = LayerSummary(
        layer_id="block1_conv", dead=0.25, saturated=0.0, gradient=0.5, weights=WEIGHTS, biases=ZEROS, drift=0.125
    )
    return EpochProgress(
        trial_number=number,
        epoch=epoch,
        epochs=4,
        train=Metrics(loss=2 - accuracy, accuracy=accuracy / 2),
        validation=Metrics(loss=1 - accuracy, accuracy=accuracy),
        objective=accuracy,
        duration_s=1.5,
        inference_ms=0.5,
        summary=TrainingSummary(learning_rate=0.001, layers=(layer,)),
        time=at(seconds),
    )


def complete(
    number: int, accuracy: float | None, epochs: int, seconds: float, status: Any = "completed"
) -> TrialComplete:
    scores = None if accuracy is None else Performance(total_score=accuracy, accuracy=accuracy, loss=1 - accuracy)
    values = {} if accuracy is None else {"val_accuracy": accuracy, "val_loss": 1 - accuracy, "parameter_count": 10.0}
    return TrialComplete(
        trial_number=number,
        trial_id=f"{NAME}-{number:05d}",
        status=status,
        cause={"completed": "all_epochs", "rejected": "too_large"}.get(status, status),
        reason="scripted",
        hyperparameters=HYPERPARAMETERS,
        performance=scores,
        objective=accuracy,
        values=values,
        best_epoch=epochs or None,
        epochs_trained=epochs,
        duration_seconds=10,
        time=at(seconds),
    )


def best(number: int, accuracy: float, seconds: float) -> NewBest:
    scores = Performance(total_score=accuracy, accuracy=accuracy, loss=1 - accuracy)
    return NewBest(trial_number=number, objective=accuracy, performance=scores, time=at(seconds))


BEFORE: list[DurableEvent] = [
    StudyStatus(status="running", time=at(0)),
    DataRead(data=DATA, space=SPACE, time=at(1)),
    start(1, 2),
    BaselineFitted(baseline=BASELINE, time=at(2.5)),
    epoch(1, 1, 0.5, 3),
    epoch(1, 2, 0.75, 4),
    best(1, 0.75, 4.5),
    complete(1, 0.75, 2, 5),
    complete(2, None, 0, 5.5, "rejected"),
    start(3, 6),
    epoch(3, 1, 0.25, 7),
    epoch(3, 2, 0.5, 8),
    complete(3, 0.5, 2, 9, "cancelled"),
    StudyStatus(status="cancelled", time=at(10)),
]
"""Until Ctrl-C. Trial 2 never starts."""
AFTER: list[DurableEvent] = [
    StudyStatus(status="running", time=at(20)),
    start(3, 21, resumed_from=1),
    epoch(3, 2, 0.625, 22),
    epoch(3, 3, 0.875, 23),
    best(3, 0.875, 23.5),
    complete(3, 0.875, 3, 24),
]
"""After `tuner resume`: trial 3 continues after its first epoch, whose state alone was saved."""


def best_model(folder: Path) -> BestModel:
    return BestModel(
        trial_number=3, val_accuracy=0.875, test_accuracy=0.8, test_loss=0.4, folder=str(folder), time=at(30)
    )


class ScriptedStudy:
    """A study in a new store of a folder, whose log grows by `append`."""

    def __init__(self, folder: Path, *loggers: str) -> None:
        self.url = f"sqlite:///{folder}/tuner.db"
        self.paths = StudyPaths(folder / NAME)
        self.paths.folder.mkdir()
        self.store = Store.open(self.url)
        self.store.create_study(StudySpec(run_name=NAME, loggers=loggers), folder=str(self.paths.folder))

    def append(self, *events: DurableEvent) -> None:
        for event in events:
            self.store.append(NAME, event)


__all__ = ["AFTER", "BEFORE", "NAME", "Baseline", "ScriptedStudy", "best_model"]
