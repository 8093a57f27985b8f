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
        self.reached, self.may_go_on = threading.Event(), threading.Event()
        self.threads: set[int] = set()
        self.batches = 0
        self.freed = False

    def __call__(self, trial: Any, data: Any, resume_from: Any) -> Iterator[Any]:
        try:
            self.here()
            yield start()
            self.here()
            self.reached.set()
            while not self.may_go_on.wait(0.001):
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
def trial() -> Iterator[LocalTraining]:
    reporter = SimpleNamespace(report=lambda number, progress: False)
    keeper = SimpleNamespace(load=lambda number: None, keep=lambda number, state: None, wait=lambda: None)
    trial = LocalTraining(trial_spec(1, spec(), {}, epochs=1), None, reporter, keeper)  # type: ignore[arg-type]
    yield trial
    trial.close()


def test_after_its_start_it_trains_while_the_driver_hears_of_it(training: Training, trial: LocalTraining) -> None:
    assert [event["type"] for event in trial.step()["events"]] == ["trial_start"]
    assert training.reached.wait(SOON_S)
    training.may_go_on.set()
    assert [event["type"] for event in trial.step()["events"]] == ["epoch_progress"]


def test_after_an_epoch_it_waits_for_the_schedulers_word(training: Training, trial: LocalTraining) -> None:
    training.may_go_on.set()
    trial.step()
    assert trial.step()["epoch"] == 1
    training.reached.clear()
    assert not training.reached.wait(0.05)
    assert trial.step()["done"]


def test_all_of_it_happens_in_one_thread_where_keras_keeps_what_it_has_built(
    training: Training, trial: LocalTraining
) -> None:
    training.may_go_on.set()
    while not trial.step()["done"]:
        pass
    trial.close()
    assert len(training.threads) == 1
    assert threading.get_ident() not in training.threads


def test_what_it_trains_unasked_ends_within_a_batch(training: Training, trial: LocalTraining) -> None:
    trial.step()
    assert training.reached.wait(SOON_S)
    trial.close()
    assert training.freed
    trial.close()  # again: nothing


def test_one_that_breaks_says_so_to_whoever_takes_the_step(
    monkeypatch: pytest.MonkeyPatch, training: Training, trial: LocalTraining
) -> None:
    monkeypatch.setattr(trial, "_events", (event for event in [start()]))
    trial.step()
    with pytest.raises(RuntimeError, match="without TrialComplete"):
        trial.step()
