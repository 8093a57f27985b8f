"""A results folder of one's own, and studies that no network was trained for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests import saved_models
from tests.store.samples import CNN, at, complete, epoch, finding, health, spec, start, vital_signs
from tuner.cli import main
from tuner.events import BestModel, DurableEvent, HealthAlert, HealthMetrics, NewBest, Performance, StudyStatus
from tuner.health.metrics import total_score
from tuner.objectives import Objective
from tuner.settings import Settings
from tuner.spec import parse_study_spec
from tuner.store import Lease, Store

HYPERPARAMETERS = {"optimizer": "adamw", "learning_rate": 0.00123, "batch_size": 64, "epochs": 10}


class Outcome(NamedTuple):
    """What one call of the command line came to."""

    code: int
    out: str
    err: str


Tuner = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The results folder of this test; nothing of the user's environment shines through."""
    for name in ("TUNER_DATABASE_URL", "TUNER_DATA_DIR", "TUNER_DEBUG", "COLUMNS", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "results"
    monkeypatch.setenv("TUNER_RESULTS_DIR", str(folder))
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture
def tuner(capfd: pytest.CaptureFixture[str]) -> Tuner:
    """Calls the command line as `tuner` does."""

    def call(*arguments: str) -> Outcome:
        capfd.readouterr()
        code = main(arguments)
        return Outcome(code, *capfd.readouterr())

    return call


@pytest.fixture
def store(results: Path) -> Iterator[Store]:
    with Store.open(Settings().store_url()) as opened:
        yield opened


def events_of_a_study(folder: Path) -> list[DurableEvent]:
    """One trial of each kind: 1 and 2 completed, 3 pruned, 4 failed, 5 still running."""
    good, better = (Performance(total_score=a, accuracy=a, loss=1 - a) for a in (0.75, 0.875))
    return [
        StudyStatus(status="running", time=at(0)),
        start(1, hyperparameters=HYPERPARAMETERS, time=at(1)),
        epoch(1, 1, time=at(2)),
        complete(1, hyperparameters=HYPERPARAMETERS, performance=good, objective=0.75, values={"val_accuracy": 0.75},
                 best_epoch=1, epochs_trained=1, duration_seconds=12.3, time=at(13)),
        NewBest(trial_number=1, objective=0.75, performance=good, time=at(13)),
        start(2, hyperparameters=HYPERPARAMETERS, time=at(14)),
        complete(2, hyperparameters=HYPERPARAMETERS, performance=better, objective=0.875,
                 values={"val_accuracy": 0.875}, best_epoch=3, epochs_trained=10, duration_seconds=75.0,
                 reason="all epochs done: 10", time=at(90)),
        NewBest(trial_number=2, objective=0.875, performance=better, time=at(90)),
        start(3, hyperparameters=HYPERPARAMETERS, time=at(91)),
        complete(3, status="pruned", hyperparameters=HYPERPARAMETERS, performance=good, objective=0.5,
                 values={"val_accuracy": 0.5}, best_epoch=1, epochs_trained=1,
                 reason="pruned by asha at epoch 1", duration_seconds=2.0, time=at(94)),
        start(4, hyperparameters=HYPERPARAMETERS, time=at(95)),
        complete(4, status="failed", hyperparameters=HYPERPARAMETERS, reason="ValueError: [bold]no\x1b[31m\nway",
                 error="Traceback", time=at(96)),
        start(5, hyperparameters=HYPERPARAMETERS, architecture=CNN, time=at(97)),
    ]  # fmt: skip


def last_events(folder: Path) -> list[DurableEvent]:
    """How that study ends."""
    return [
        complete(5, status="cancelled", hyperparameters=HYPERPARAMETERS, reason="the study stopped", time=at(99)),
        BestModel(
            trial_number=2, val_accuracy=0.875, test_accuracy=0.8125, test_loss=0.5, folder=str(folder), time=at(100)
        ),
        StudyStatus(status="completed", reason="all trials done", time=at(101)),
    ]


def health_events(objective: Objective = "total_score") -> list[DurableEvent]:
    """Trial 1 completed and well, 2 pruned after an epoch, 3 ended for its health, 4 diverged, 5 still running."""

    def told(accuracy: float, metrics: HealthMetrics) -> dict[str, Any]:
        score = total_score(accuracy, metrics.overall_health, 0.7)
        values = {"val_accuracy": accuracy, "val_loss": 1 - accuracy, "parameter_count": 650.0, "training_time": 3.0}
        values |= {"total_score": score, "overall_health": metrics.overall_health, "inference_time": 0.1}
        scores = Performance(total_score=score, accuracy=accuracy, loss=1 - accuracy)
        return {
            "performance": scores, "objective": values[objective], "values": values, "health_metrics": metrics,
            "vital_signs": vital_signs(), "hyperparameters": HYPERPARAMETERS, "best_epoch": 1,
        }  # fmt: skip

    well, unsure = health(neuron_utilization=0.8), health("training_stability", "accuracy_consistency")
    sick = health(neuron_utilization=0.3, convergence_quality=0.4)
    first = told(0.95, well)
    alert = finding(epoch=2, hopeless=True)
    return [
        StudyStatus(status="running", time=at(0)),
        start(1, hyperparameters=HYPERPARAMETERS, time=at(1)),
        complete(1, **first, epochs_trained=10, duration_seconds=75.0, time=at(76)),
        NewBest(trial_number=1, objective=first["objective"], performance=first["performance"], time=at(76)),
        start(2, hyperparameters=HYPERPARAMETERS, time=at(77)),
        complete(2, **told(0.5, unsure), status="pruned", cause="pruned", reason="pruned by asha at epoch 1",
                 epochs_trained=1, duration_seconds=2.0, time=at(80)),
        start(3, hyperparameters=HYPERPARAMETERS, time=at(81)),
        epoch(1, 3, health_metrics=unsure, vital_signs=vital_signs(), time=at(82)),
        epoch(2, 3, health_metrics=sick, vital_signs=vital_signs(), findings=[alert], time=at(83)),
        HealthAlert(trial_number=3, finding=alert, time=at(83)),
        complete(3, **told(0.4, sick), cause="health_stop", reason="it cannot become good: dying_units",
                 findings=[alert], epochs_trained=2, duration_seconds=3.0, time=at(84)),
        start(4, hyperparameters=HYPERPARAMETERS, time=at(85)),
        complete(4, status="diverged", cause="diverged", hyperparameters=HYPERPARAMETERS, reason="loss is not finite",
                 time=at(86)),
        start(5, hyperparameters=HYPERPARAMETERS, architecture=CNN, time=at(87)),
        epoch(1, 5, health_metrics=unsure, vital_signs=vital_signs(), findings=[finding("oscillating_loss", 1,
              evidence="the loss rose in 3 of 4 epochs", layer_id=None)], objective=0.8, time=at(90)),
    ]  # fmt: skip


@pytest.fixture
def lease() -> Lease:
    """What the process that runs a study holds: this one, which lives."""
    return Lease.new()


@pytest.fixture
def running(store: Store, results: Path, lease: Lease) -> str:
    """The name of a study that runs."""
    store.create_study(spec("a", dataset="digits", trials=8), folder=str(results / "a"))
    store.take_lease("a", lease)
    for event in events_of_a_study(results / "a"):
        store.append("a", event)
    return "a"


@pytest.fixture
def finished(store: Store, results: Path, running: str, lease: Lease) -> str:
    """The name of a study that has ended, with something in place of its model."""
    for event in last_events(results / "a"):
        store.append(running, event)
    store.release_lease(running, lease)
    folder = results / "a" / "best_model"
    takes = {"input": "pixels", "shape": ["samples", 8, 8, 1], "raw_range": [0.0, 16.0], "output": "probabilities"}
    tested = {"trial_number": 2, "test_accuracy": 0.8125, "test_loss": 0.5}
    saved_models.save(folder, "a", **tested, labels=["0", "1"], preprocessing=takes)
    return running


@pytest.fixture
def healthy(store: Store, results: Path, lease: Lease) -> str:
    """The name of a study in mode health that runs."""
    asked = parse_study_spec({"run_name": "h", "dataset": "digits", "trials": 8, "mode": "health"})
    store.create_study(asked, folder=str(results / "h"))
    store.take_lease("h", lease)
    for event in health_events():
        store.append("h", event)
    return "h"


@pytest.fixture
def pareto(store: Store, results: Path, lease: Lease) -> str:
    """The name of a study in mode pareto that runs, with the same trials."""
    asked = parse_study_spec({"run_name": "p", "dataset": "digits", "trials": 8, "mode": "pareto"})
    store.create_study(asked, folder=str(results / "p"))
    store.take_lease("p", lease)
    for event in health_events("val_accuracy"):
        store.append("p", event)
    return "p"
