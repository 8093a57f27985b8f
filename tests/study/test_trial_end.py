"""Ends of trials that no worker recorded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.store.samples import T0, epoch, start, trial_spec
from tests.store.samples import spec as make_spec
from tuner.events import StudyStatus
from tuner.settings import Settings
from tuner.store import Lease, Store, TrialRow
from tuner.store.changes import Changes
from tuner.study.trial_end import BY_PERSON, ends_of_left
from tuner.trial_spec import TrialSpec

STUDY = make_spec("a")


def spec_of(row: TrialRow) -> TrialSpec:
    return trial_spec(row.trial_number, STUDY, dict(row.hyperparameters), 10)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with Store.open(settings.store_url()) as opened:
        yield opened


@pytest.fixture
def lost(store: Store) -> Store:
    """A study whose process was lost in the training of two trials, of which a person cancelled the second one."""
    store.create_study(STUDY, folder="a")
    store.take_lease("a", Lease.new())
    for event in (
        StudyStatus(status="running"),
        start(1),
        epoch(1, 1, time=T0 + timedelta(seconds=4)),
        epoch(2, 1, time=T0 + timedelta(seconds=7)),
        start(2),
    ):
        store.append("a", event)
    Changes(store).cancel_trial("a", 2)
    return store


def test_a_trial_that_was_left_ends_with_what_it_had_reached_and_one_that_a_person_cancelled_for_good(
    lost: Store,
) -> None:
    first, second = ends_of_left(lost.trials("a"), lost.epochs("a"), spec_of, "the study ended")
    assert (first.status, first.continues, first.reason) == ("cancelled", True, "the study ended")
    assert (first.epochs_trained, first.duration_seconds) == (2, 7.0)
    assert first.performance is not None
    assert (second.status, second.continues, second.reason) == ("cancelled", False, BY_PERSON)
    assert (second.epochs_trained, second.performance) == (0, None)
    for end in (first, second):
        lost.append("a", end)
    rows = lost.trials("a")
    assert [row.status for row in rows] == ["cancelled", "cancelled"]
    assert [row.continues for row in rows] == [True, False]
