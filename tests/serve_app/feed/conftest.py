"""A study that runs, and what happens in it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.serve_app.replicas import Replica
from tests.store.samples import complete, epoch, spec, start
from tuner.events import StudyStatus
from tuner.store import Lease, Store


@pytest.fixture
def replica(listen: Callable[..., Replica]) -> Replica:
    return listen()


@pytest.fixture
def study(store: Store) -> str:
    """A study that runs, with one trial that has trained one epoch: four events."""
    return running_study(store, "a")


def running_study(store: Store, name: str) -> str:
    store.create_study(spec(name, trials=5), folder=f"/results/{name}")
    store.take_lease(name, Lease.new())
    for event in (StudyStatus(status="running"), start(1), epoch(1), start(2)):
        store.append(name, event)
    return name


def train(store: Store, study: str, epochs: range, trial: int = 1) -> None:
    for number in epochs:
        store.append(study, epoch(number, number=trial))


def end_trial(store: Store, study: str, trial: int = 1) -> None:
    store.append(study, complete(trial))
