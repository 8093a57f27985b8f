"""Where the time of a study went, from the times of its events."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.samples import at, complete, epoch, spec, start
from tuner.events import BestModel, DurableEvent, EpochProgress, EpochSeconds, StartUp, StudyChanged, StudyStatus
from tuner.store import Lease, Store
from tuner.study.timeline import Timeline, study_timeline

START_UP = StartUp(imports_s=2, data_s=1, cluster_s=3, checks_s=0.5)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/tuner.db") as opened:
        yield opened


def timed(number: int, end_s: float, training: float, validation: float, measuring: float) -> EpochProgress:
    """An epoch that was validated at that time."""
    seconds = EpochSeconds(training=training, validation=validation, measuring=measuring)
    return epoch(number, 1, time=at(end_s), duration_s=training + validation, seconds=seconds)


def begun(seconds: float) -> StudyStatus:
    return StudyStatus(status="running", time=at(seconds), start_up=START_UP)


def ended(seconds: float) -> StudyStatus:
    return StudyStatus(status="completed", time=at(seconds))


def saved(seconds: float) -> BestModel:
    return BestModel(trial_number=1, val_accuracy=0.8, test_accuracy=0.7, test_loss=0.9, folder="/m", time=at(seconds))


TRAINED: list[DurableEvent] = [
    begun(10),
    start(1, time=at(15), imports_s=2),
    start(2, time=at(16)),
    complete(2, status="rejected", cause="cannot_build", time=at(18)),
    timed(1, 20, training=3, validation=1, measuring=0.5),
    timed(2, 22.5, training=1, validation=0.5, measuring=0),
    complete(1, time=at(23)),
    saved(26),
    ended(30),
]


def timeline(store: Store, *events: DurableEvent) -> Timeline:
    store.create_study(spec(), folder="/results/a")
    for event in events:
        store.append("a", event)
    return study_timeline(store, "a")


def test_phases_follow_each_other_from_the_command_to_the_end(store: Store) -> None:
    found = timeline(store, *TRAINED)
    assert found.phases == pytest.approx(
        {
            "imports": 2,
            "data": 1,
            "cluster": 3,
            "checks": 0.5,
            "first_worker": 3,  # until its process imported TensorFlow
            "search": 10,
            "best_model": 3,
            "end": 4,
        }
    )
    assert found.seconds == pytest.approx(26.5)
    assert found.ended


def test_the_seconds_of_all_places_are_told_apart_while_it_searches(store: Store) -> None:
    found = timeline(store, *TRAINED)
    assert (found.trials, found.places) == (2, 2)
    assert found.work == pytest.approx(
        {
            "training": 2,
            "validation": 1.5,
            "measuring": 0.5,
            "first_steps": 2,  # the first epoch took 3 s, the other one 1 s
            "building": 1 + 2,  # a trial without an epoch built its network
            "tensorflow": 2,
            "between_epochs": 0.5,
            "ending": 0.5,
            "idle": 8,
        }
    )
    assert sum(found.work.values()) == pytest.approx(found.places * found.phases["search"])


def test_several_runs_are_summed_without_the_pause_between_them(store: Store) -> None:
    again = [begun(1_000), start(3, time=at(1_002)), epoch(1, 3, time=at(1_004)), complete(3, time=at(1_005))]
    found = timeline(store, *TRAINED, *again, ended(1_006))
    assert found.seconds == pytest.approx(26.5 + 6.5 + 6)
    assert found.phases["first_worker"] == pytest.approx(3 + 2)
    assert found.phases["search"] == pytest.approx(10 + 3)
    assert found.trials == 3


def test_a_run_that_died_lasts_until_its_last_event(store: Store) -> None:
    found = timeline(store, begun(10), start(1, time=at(12)), epoch(1, time=at(16)), begun(500), ended(501))
    assert found.phases["search"] == pytest.approx(4)
    assert found.seconds == pytest.approx(6.5 + 6 + 6.5 + 1)


def test_what_people_note_later_is_no_time_of_the_study(store: Store) -> None:
    found = timeline(store, *TRAINED, StudyChanged(note="good", changed=("note",), time=at(9_000)))
    assert found.seconds == pytest.approx(26.5)


def test_a_running_study_has_lasted_until_now(store: Store) -> None:
    store.create_study(spec(), folder="/results/a")
    store.take_lease("a", Lease.new())
    now = store.now()
    store.append("a", StudyStatus(status="running", time=now, start_up=START_UP))
    found = study_timeline(store, "a")
    assert not found.ended
    assert 0 <= found.phases["first_worker"] < 60
    assert found.trials == found.places == 0


def test_epochs_of_earlier_versions_are_training_as_a_whole(store: Store) -> None:
    plain = [epoch(number, 1, time=at(12 + 2 * number), duration_s=2) for number in (1, 2, 3)]
    found = timeline(store, StudyStatus(status="running", time=at(10)), start(1, time=at(11)), *plain,
                     complete(1, time=at(18)), ended(19))  # fmt: skip
    assert found.work["training"] == pytest.approx(6)
    assert found.work["validation"] == found.work["measuring"] == 0
    assert found.phases["imports"] == 0


def test_one_that_has_not_run_has_taken_no_time(store: Store) -> None:
    assert timeline(store).seconds == 0
