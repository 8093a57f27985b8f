"""A small trial, and what a worker would yield for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tuner.data_spec import DataSpec
from tuner.events import Architecture, EpochProgress, Metrics, Performance, TrialComplete, TrialStart
from tuner.trial_spec import TrialSpec

HYPERPARAMETERS = {"batch_size": 32, "epochs": 4, "learning_rate": 0.01}
TRIAL = TrialSpec(
    study="s",
    trial_number=1,
    data=DataSpec(dataset="digits", data_dir="/data/of/this/machine", seed=7),
    architecture="cnn",
    hyperparameters=HYPERPARAMETERS,
    objective="val_accuracy",
    epochs=4,
)


def value(number: int, delivery: str = "d1", **content: Any) -> dict[str, Any]:
    """One value as it arrives."""
    told = {name: one.model_dump(mode="json") for name, one in content.items()}
    return {"delivery": delivery, "number": number, **told}


def start(**fields: Any) -> TrialStart:
    given = {
        "trial_number": 1,
        "trial_id": "s-00001",
        "hyperparameters": HYPERPARAMETERS,
        "architecture": Architecture(type="cnn", total_parameters=10, layers=[]),
    }
    return TrialStart(**(given | fields))


def epoch(number: int, **fields: Any) -> EpochProgress:
    metrics = Metrics(loss=0.5, accuracy=number / 10)
    given = {"trial_number": 1, "epoch": number, "epochs": 4, "train": metrics, "validation": metrics}
    given |= {"objective": number / 10, "duration_s": 2.0, "inference_ms": 0.5, "last": number == 4}
    return EpochProgress(**(given | fields))


def complete(**fields: Any) -> TrialComplete:
    given = {
        "trial_number": 1,
        "trial_id": "s-00001",
        "status": "completed",
        "cause": "all_epochs",
        "reason": "all epochs done: 4",
        "hyperparameters": HYPERPARAMETERS,
        "performance": Performance(total_score=0.4, accuracy=0.4, loss=0.5),
        "objective": 0.4,
        "values": {"val_accuracy": 0.4, "val_loss": 0.5},
        "best_epoch": 4,
        "epochs_trained": 4,
        "duration_seconds": 8.0,
    }
    return TrialComplete(**(given | fields))


def values(delivery: str = "d1") -> list[dict[str, Any]]:
    """All that a worker yields for the trial, in order."""
    events = [start(), *(epoch(number) for number in range(1, 5)), complete()]
    return [value(number, delivery, event=event) for number, event in enumerate(events)]


class Clock:
    """Time that passes when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []
        self.meanwhile: Callable[[], None] = lambda: None
        """Done at each sleep."""

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        self.meanwhile()
