"""A trial that trains in this process, step by step, with a training that only says what it does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from tests.store.samples import complete, epoch, spec, start, trial_spec
from tuner.events import BatchProgress
from tuner.runners import local_training as module
from tuner.runners.local_training import LocalTraining

SOON_S = 30.0


class Training:
    """The events of one epoch, and what became of it."""

    def __init__(self) -> None:
        self.reached, self.released = threading.Event(), threading.Event()
        self.threads: set[int] = set()
        self.batches = 0
        self.freed = False
        self.removed: list[int] = []
        """Trials that were removed from the live progress."""

    def __call__(self, trial: Any, data: Any, resume_from: Any) -> Iterator[Any]:
        try:
            self.here()
            yield start()
            self.here()
            self.reached.set()
            while not self.released.wait(0.001):
                self.batches += 1
                yield BatchProgress(trial_number=1, epoch=1, epochs=1, batch=1, batches=2)
            yield epoch().model_copy(update={"snapshot": lambda: None})
            self.reached.set()
            self.here()
            yield complete()
        finally:
            self.here()
            self.freed = True

    def here(self) -> None:
        self.threads.add(threading.get_ident())


@pytest.fixture
def training(monkeypatch: pytest.MonkeyPatch) -> Training:
    training = Training()
    monkeypatch.setattr(module, "run_trial", training)
    return training


@pytest.fixture
def trial(training: Training) -> Iterator[LocalTraining]:
    reporter = SimpleNamespace(report=lambda number, progress: False, remove=training.removed.append)
    checkpoints = SimpleNamespace(load=lambda number: None, save=lambda number, state: None, wait=lambda: None)
    data = SimpleNamespace(train=range(100))
    trial = LocalTraining(trial_spec(1, spec(), {}, epochs=1), data, reporter, checkpoints)  # type: ignore[arg-type]
    yield trial
    trial.close()


def test_the_first_epoch_trains_while_the_driver_receives_the_start(training: Training, trial: LocalTraining) -> None:
    assert [event["type"] for event in trial.step()["events"]] == ["trial_start"]
    assert training.reached.wait(SOON_S)
    training.released.set()
    assert [event["type"] for event in trial.step()["events"]] == ["epoch_progress"]


def test_after_an_epoch_it_waits_for_the_scheduler(training: Training, trial: LocalTraining) -> None:
    training.released.set()
    trial.step()
    assert trial.step()["epoch"] == 1
    training.reached.clear()
    assert not training.reached.wait(0.05)
    assert trial.step()["done"]


def test_everything_runs_in_one_thread(training: Training, trial: LocalTraining) -> None:
    training.released.set()
    while not trial.step()["done"]:
        pass
    trial.close()
    assert len(training.threads) == 1
    assert threading.get_ident() not in training.threads


def test_closing_ends_the_training_within_a_batch(training: Training, trial: LocalTraining) -> None:
    trial.step()
    assert training.reached.wait(SOON_S)
    trial.close()
    assert training.freed
    trial.close()  # does nothing


def test_a_trial_is_removed_from_the_live_progress_when_it_ends(training: Training, trial: LocalTraining) -> None:
    training.released.set()
    while not trial.step()["done"]:
        assert training.removed == []
    assert training.removed == [1]


def test_a_trial_that_the_scheduler_ends_is_removed_too(training: Training, trial: LocalTraining) -> None:
    trial.step()
    trial.close()
    assert set(training.removed) == {1}


def test_a_training_that_breaks_raises_in_the_step(
    monkeypatch: pytest.MonkeyPatch, training: Training, trial: LocalTraining
) -> None:
    monkeypatch.setattr(trial, "_events", (event for event in [start()]))
    trial.step()
    with pytest.raises(RuntimeError, match="without TrialComplete"):
        trial.step()


@pytest.mark.parametrize(("samples", "judged"), [(99, False), (100, True)])
def test_the_scheduler_judges_no_trial_before_a_hundred_training_steps(
    training: Training, trial: LocalTraining, samples: int, judged: bool
) -> None:
    trial._samples = samples  # of batches of one sample
    training.released.set()
    trial.step()
    result = trial.step()
    assert ("epoch" in result) is judged
    assert result["objective"] == epoch().objective
