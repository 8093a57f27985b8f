"""What people change: notes, tags, stars, workers, cancelled trials; beside the driver, which writes meanwhile."""

from __future__ import annotations

import json
import threading
from itertools import count

import pytest

from tests.store.samples import at, complete, epoch, spec, start
from tuner.errors import FixInputError, UnknownStudyError
from tuner.events import StudyChanged, StudyStatus, TrialChanged
from tuner.store import Asked, Changes, DriverStore, Lease, Retry, Store, StoreQueries, TrialFilter, TrialQueries
from tuner.store.trial_json import as_columns, as_objects

LEASE = Lease.new()


@pytest.fixture
def changes(store: Store) -> Changes:
    """Of study `a`, which runs and whose trial 1 runs."""
    store.create_study(spec("a"), folder="/results/a")
    store.take_lease("a", LEASE)
    store.append("a", StudyStatus(status="running", time=at(0)))
    store.append("a", start(1))
    return Changes(store)


class TestStudy:
    def test_only_the_named_fields_change(self, changes: Changes, store: Store) -> None:
        row = store.study("a")
        assert (row.note, row.tags, row.workers, row.concurrent_workers) == (None, (), None, "auto")
        changes.change_study("a", {"note": "ä\n\0 <b>", "tags": ("x", "y")})
        changes.change_study("a", {"concurrent_workers": 3})
        row = store.study("a")
        assert (row.note, row.tags, row.concurrent_workers) == ("ä\n? <b>", ("x", "y"), 3)
        changes.change_study("a", {"note": None, "tags": ()})
        row = store.study("a")
        assert (row.note, row.tags, row.workers) == (None, (), 3)

    def test_each_change_is_an_event_that_names_what_changed(self, changes: Changes, store: Store) -> None:
        last = store.last_sequence("a")
        changes.change_study("a", {"note": "n", "tags": ("t",)})
        changes.change_study("a", {"note": "n", "tags": ("u",)})
        changes.change_study("a", {"note": "n", "tags": ("u",)})
        told = [event for _, event in store.read("a", last) if isinstance(event, StudyChanged)]
        assert [(event.changed, event.note, event.tags) for event in told] == [
            (("note", "tags"), "n", ("t",)),
            (("tags",), None, ("u",)),
        ], "what is there already is no change"

    def test_lists_and_snapshots_have_note_and_tags(self, changes: Changes, store: Store) -> None:
        changes.change_study("a", {"note": "n", "tags": ("t",)})
        [summary] = store.study_summaries()
        assert (summary.note, summary.tags, summary.sequence) == ("n", ("t",), 3)
        assert store.study_snapshot("a").study.tags == ("t",)

    def test_studies_are_found_by_all_of_their_tags(self, changes: Changes, store: Store) -> None:
        odd = 'it\'s "50 %" & ü'
        store.create_study(spec("b"), folder="/")
        store.create_study(spec("c"), folder="/")
        changes.change_study("a", {"tags": ("x", odd)})
        changes.change_study("b", {"tags": ("x",)})

        def found(*tags: str) -> list[str]:
            return sorted(study.name for study in StoreQueries(store).studies(tags=tags))

        assert (found("x"), found("x", odd), found(odd), found("X"), found()) == (
            ["a", "b"], ["a"], ["a"], [], ["a", "b", "c"],
        )  # fmt: skip

    def test_of_an_unknown_one(self, changes: Changes) -> None:
        with pytest.raises(UnknownStudyError):
            changes.change_study("x", {"note": "n"})


class TestTrial:
    def test_note_and_star_change_and_outlive_a_restart(self, changes: Changes, store: Store) -> None:
        changes.change_trial("a", 1, {"note": "look", "starred": True})
        store.append("a", start(1, resumed_from_epoch=0, time=at(5)))
        store.append("a", complete(1))
        [row] = store.trials("a")
        assert (row.note, row.starred, row.status) == ("look", True, "completed")
        changes.change_trial("a", 1, {"note": None})
        [row] = store.trials("a")
        assert (row.note, row.starred) == (None, True)
        last = store.last_sequence("a")
        changes.change_trial("a", 1, {"starred": True})
        assert store.last_sequence("a") == last

    def test_of_an_unknown_one(self, changes: Changes) -> None:
        with pytest.raises(FixInputError, match="has no trial 2"):
            changes.change_trial("a", 2, {"starred": True})
        with pytest.raises(FixInputError, match="has no trial 2"):
            changes.cancel_trial("a", 2)

    def test_starred_trials_are_found_and_shown(self, changes: Changes, store: Store) -> None:
        store.append("a", start(2))
        changes.change_trial("a", 2, {"starred": True, "note": 'a "b"'})
        columns = ["trial_number", "starred", "note", "cancel_requested_at"]
        page = TrialQueries(store).page("a", columns)
        assert [json.loads(text) for text in as_objects(page.rows, columns)] == [
            {"trial_number": 1, "starred": False, "note": None, "cancel_requested_at": None},
            {"trial_number": 2, "starred": True, "note": 'a "b"', "cancel_requested_at": None},
        ]
        assert json.loads(as_columns(page.rows, columns))["starred"] == [False, True]
        for starred, numbers in ((True, [2]), (False, [1]), (None, [1, 2])):
            rows = TrialQueries(store).page("a", ["trial_number"], matching=TrialFilter(starred=starred)).rows
            assert [row[0] for row in rows] == numbers

    def test_a_changed_trial_is_among_those_with_later_events(self, changes: Changes, store: Store) -> None:
        store.append("a", start(2))
        last = store.last_sequence("a")
        changes.change_trial("a", 1, {"starred": True})
        rows = TrialQueries(store).page("a", ["trial_number"], matching=TrialFilter(since=last)).rows
        assert [row[0] for row in rows] == [1]


class TestCancel:
    def test_a_running_trial_is_asked_to_end_until_it_has_ended(self, changes: Changes, store: Store) -> None:
        assert changes.asked("a") == Asked(None, frozenset())
        changes.cancel_trial("a", 1)
        changes.cancel_trial("a", 1)
        assert [event.type for _, event in store.read("a")].count("trial_changed") == 1
        [row] = store.trials("a")
        assert row.cancel_requested_at is not None
        assert (row.cancelled_by_person, row.continues) == (False, False), "it has not ended yet"
        assert changes.asked("a").cancelled_trials == {1}
        store.append("a", start(1, resumed_from_epoch=1))  # its worker was lost
        assert changes.asked("a").cancelled_trials == {1}, "it must still end"
        store.append("a", complete(1, status="cancelled", cause="cancelled", cancelled_by_person=True))
        assert changes.asked("a").cancelled_trials == frozenset()
        [row] = store.trials("a")
        assert (row.cancelled_by_person, row.continues) == (True, False)

    def test_one_that_ended_with_its_study_is_another_matter(self, changes: Changes, store: Store) -> None:
        store.append("a", complete(1, status="cancelled", cause="cancelled"))
        store.append("a", start(2))
        changes.cancel_trial("a", 2)
        store.append("a", complete(2, status="cancelled", cause="cancelled", cancelled_by_person=True))
        first, _ = store.trials("a")
        assert (first.cancelled_by_person, first.continues) == (False, True)
        totals = StoreQueries(store).totals(["a", "x"])
        assert (totals["a"].counts, totals["a"].cancelled_by_person) == ({"cancelled": 2}, 1)
        assert totals["x"].cancelled_by_person == 0

    def test_one_that_does_not_run_cannot_be_cancelled(self, changes: Changes, store: Store) -> None:
        store.append("a", complete(1))
        with pytest.raises(FixInputError, match="trial 1 of study 'a' does not run: it is completed"):
            changes.cancel_trial("a", 1)
        assert store.trials("a")[0].cancel_requested_at is None

    def test_nor_one_of_a_study_that_does_not_run(self, changes: Changes, store: Store) -> None:
        store.release_lease("a", LEASE)
        with pytest.raises(FixInputError, match="study 'a' is interrupted: none of its trials runs"):
            changes.cancel_trial("a", 1)

    def test_the_new_number_of_workers_is_asked_of_the_driver(self, changes: Changes) -> None:
        changes.change_study("a", {"concurrent_workers": 3})
        assert changes.asked("a") == Asked(3, frozenset())


@pytest.mark.parametrize("field", ["tags", "concurrent_workers"])
def test_a_change_must_have_a_value(field: str) -> None:
    with pytest.raises(ValueError, match=f"changed fields without a value: {field}"):
        StudyChanged(changed=(field,))
    with pytest.raises(ValueError, match="changed"):
        TrialChanged(trial_number=1, changed=())


def test_changes_and_the_driver_write_at_the_same_time_and_nothing_is_lost(plain_store: Store, store_url: str) -> None:
    """Two servers change notes while the driver records epochs: one log without gaps, and all rows are right."""
    plain_store.create_study(spec("a"), folder="/results/a")
    plain_store.take_lease("a", LEASE)
    plain_store.append("a", StudyStatus(status="running", time=at(0)))
    plain_store.append("a", start(1))
    epochs, notes = 60, 25
    failed: list[BaseException] = []

    def drive() -> None:
        with Store.open(store_url) as opened:
            driver = DriverStore(opened, Retry(), LEASE, lambda error: None)
            for number in range(1, epochs + 1):
                driver.append("a", epoch(number))

    def change(who: str) -> None:
        with Store.open(store_url) as opened:
            changes = Changes(opened)
            for number in range(notes):
                changes.change_study("a", {"note": f"{who} {number}"})
                changes.change_trial("a", 1, {"note": f"{who} {number}", "starred": number % 2 == 0})

    def guarded(action: object, *arguments: str) -> None:
        try:
            action(*arguments)  # type: ignore[operator]
        except BaseException as error:  # noqa: BLE001 - shown by the test
            failed.append(error)

    together = [threading.Thread(target=guarded, args=args) for args in ((drive,), (change, "ann"), (change, "bob"))]
    for thread in together:
        thread.start()
    for thread in together:
        thread.join(120)
    assert failed == []
    log = plain_store.read("a")
    assert [sequence for sequence, _ in log] == [*range(1, len(log) + 1)]
    counter = count(1)
    assert [event.epoch for _, event in log if event.type == "epoch_progress"] == [next(counter) for _ in range(epochs)]
    texts = [event.note for _, event in log if event.type == "study_changed"]
    for who in ("ann", "bob"):
        assert [text for text in texts if text and text.startswith(who)] == [f"{who} {n}" for n in range(notes)]
    row, [trial] = plain_store.study("a"), plain_store.trials("a")
    assert row.note == texts[-1]
    assert (trial.epochs_trained, len(plain_store.epochs("a"))) == (epochs, epochs)
