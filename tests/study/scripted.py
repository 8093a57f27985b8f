"""A study told by events, without Ray or TensorFlow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tuner.events import Architecture, EpochProgress, Metrics, Performance, StudyStatus, TrialComplete, TrialStart

BEGAN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HYPERPARAMETERS = {"optimizer": "adam", "epochs": 4}


def at(seconds: float) -> datetime:
    """A time that many seconds after the study began."""
    return BEGAN + timedelta(seconds=seconds)


def status(name: str, seconds: float) -> StudyStatus:
    return StudyStatus(status=name, time=at(seconds))


def start(number: int, seconds: float = 0) -> TrialStart:
    return TrialStart(
        trial_number=number,
        trial_id=f"s-{number:05d}",
        hyperparameters=HYPERPARAMETERS,
        architecture=Architecture(type="cnn", total_parameters=10, layers=[]),
        time=at(seconds),
    )


def epoch(number: int, epoch: int, accuracy: float, last: bool = False) -> EpochProgress:
    metrics = Metrics(loss=1 - accuracy, accuracy=accuracy)
    return EpochProgress(
        trial_number=number,
        epoch=epoch,
        epochs=4,
        train=metrics,
        validation=metrics,
        objective=accuracy,
        duration_s=1.0,
        inference_ms=0.5,
        last=last,
    )


def complete(number: int, accuracy: float | None = 0.5, took: float = 10, kind: str = "completed") -> TrialComplete:
    scores = None if accuracy is None else Performance(total_score=accuracy, accuracy=accuracy, loss=1 - accuracy)
    return TrialComplete(
        trial_number=number,
        trial_id=f"s-{number:05d}",
        status=kind,
        cause={"completed": "all_epochs", "failed": "error", "rejected": "too_large"}.get(kind, kind),
        reason="scripted",
        hyperparameters=HYPERPARAMETERS,
        performance=scores,
        objective=accuracy,
        values={}
        if accuracy is None
        else {"val_accuracy": accuracy, "val_loss": 1 - accuracy, "parameter_count": 10.0},
        best_epoch=1,
        epochs_trained=1,
        duration_seconds=took,
    )
