"""Following logs as they grow: where they end, and how studies stand after a certain event."""

from __future__ import annotations

import threading
from contextlib import closing

import pytest

from tests.store.samples import complete, epoch, spec, start
from tuner.errors import UnknownStudyError
from tuner.events import NewBest, Performance, StudyStatus
from tuner.store import Lease, Store


@pytest.fixture
def study(store: Store) -> str:
    store.create_study(spec("a"), folder="/results/a")
    return "a"


def test_the_first_look_tells_where_every_log_ends(store: Store, study: str) -> None:
    store.create_study(spec("b"), folder="/results/b")
    store.append("b", epoch(1))

    with closing(store.watch_logs()) as watch:
        found = watch.poll()
    assert found is not None
    assert found == store.log_ends()
    assert {name: head.sequence for name, head in found.items()} == {"a": 0, "b": 1}
    assert found["a"].created_at == store.study("a").created_at


def test_a_look_after_an_append_tells_of_it_whoever_appended(store: Store, store_url: str, study: str) -> None:
    with closing(store.watch_logs()) as watch, Store.open(store_url) as other:
        for number in range(1, 6):
            (store if number % 2 else other).append(study, epoch(number))
            found = watch.poll()
            assert found is not None
            assert found[study].sequence == number


def test_on_sqlite_a_look_at_what_nobody_wrote_to_tells_so(store: Store, study: str) -> None:
    with closing(store.watch_logs()) as watch:
        watch.poll()
        second = watch.poll()
        watch.reset()

        assert second is None or not store.url.startswith("sqlite")
        assert watch.poll() is not None


def test_a_look_may_be_had_at_some_studies_only_and_leaves_out_those_that_do_not_exist(
    store: Store, study: str
) -> None:
    store.create_study(spec("b"), folder="/results/b")

    with closing(store.watch_logs()) as watch:
        assert set(watch.poll(["b", "nobody"]) or {}) == set(store.log_ends(["b", "nobody"])) == {"b"}


def test_a_study_that_is_made_again_is_told_from_the_one_before(store: Store, study: str) -> None:
    with closing(store.watch_logs()) as watch:
        before = watch.poll()
        store.delete_study(study)
        gone = watch.poll()
        store.create_study(spec("a"), folder="/results/a")
        after = watch.poll()

    assert gone == {}
    assert before is not None
    assert after is not None
    assert before["a"] != after["a"]


def test_a_closed_tail_connects_again(store: Store, study: str) -> None:
    watch = store.watch_logs()
    watch.poll()
    watch.close()
    watch.close()
    store.append(study, epoch(1))

    assert (watch.poll() or {})[study].sequence == 1
    watch.close()


def test_a_study_stands_after_its_last_event(store: Store, study: str) -> None:
    store.take_lease(study, Lease.new())
    for event in (StudyStatus(status="running"), start(1), epoch(1), complete(1), start(2), epoch(1, number=2)):
        store.append(study, event)

    stands = store.study_snapshot(study)
    assert stands.sequence == 6
    assert stands.study == store.study(study)
    assert [(trial.trial_number, trial.status) for trial in stands.trials] == [(1, "completed"), (2, "running")]
    assert stands.trials[0].performance == store.trials(study)[0].performance
    assert stands.trials[0].architecture is None
    assert stands.epochs == store.epochs(study, 2), "of running trials only"


def test_a_study_without_events_stands_at_0(store: Store, study: str) -> None:
    assert store.study_snapshot(study).sequence == 0
    assert [(brief.name, brief.sequence, brief.status) for brief in store.study_summaries()] == [("a", 0, "created")]


def test_a_study_that_does_not_exist_stands_nowhere(store: Store) -> None:
    with pytest.raises(UnknownStudyError):
        store.study_snapshot("nobody")


def test_all_studies_stand_the_newest_first_with_their_trials_counted(store: Store, study: str) -> None:
    good = Performance(total_score=0.9, accuracy=0.9, loss=0.3)
    store.create_study(spec("b", trials=7), folder="/results/b")
    for event in (StudyStatus(status="running"), start(1), complete(1), start(2)):
        store.append("b", event)
    store.append("b", NewBest(trial_number=1, objective=0.9, performance=good))
    store.append("a", StudyStatus(status="failed", reason="no data"))

    b, a = store.study_summaries()
    assert (b.name, b.status, b.sequence, b.total_trials) == ("b", "interrupted", 5, 7), "nobody holds its lease"
    assert b.trials == {"completed": 1, "running": 1}
    assert (b.best_trial_number, b.best_objective) == (1, 0.9)
    assert (a.name, a.status, a.reason, a.trials) == ("a", "failed", "no data", {})

    store.take_lease("b", Lease.new())
    assert store.study_summaries()[0].status == "running"


def test_rows_and_number_are_of_one_moment_while_others_write(store: Store, store_url: str, study: str) -> None:
    """The number of trials that stand is told by the number of the last event, whenever that is."""
    ended = threading.Event()

    def write() -> None:
        with Store.open(store_url) as own:
            number = 0
            while not ended.is_set():
                number += 1
                own.append(study, start(number))

    writer = threading.Thread(target=write)
    writer.start()
    seen = set()
    try:
        while len(seen) < 5:
            stands, brief = store.study_snapshot(study), store.study_summaries()[0]
            assert len(stands.trials) == stands.sequence
            assert sum(brief.trials.values()) == brief.sequence
            seen.add(stands.sequence)
    finally:
        ended.set()
        writer.join()
