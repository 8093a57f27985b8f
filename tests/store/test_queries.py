"""Some of many: what lists, single trials and sums are read by."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from tests.store.samples import CNN, SUMMARY, complete, epoch, spec, start
from tuner.errors import UnknownStudyError
from tuner.events import Performance, Repeat, StudyStatus, TrialRepeated
from tuner.store import EpochRow, Lease, Store, StoreQueries
from tuner.store.tables import studies
from tuner.study.result import view


@pytest.fixture
def pages(store: Store) -> StoreQueries:
    return StoreQueries(store)


def make(store: Store, *names: str, **fields: object) -> None:
    for name in names:
        store.create_study(spec(name, **fields), folder=f"/results/{name}")


def names_of(rows: list) -> list[str]:
    return [row.name for row in rows]


class TestStudies:
    def test_the_newest_come_first_by_default(self, store: Store, pages: StoreQueries) -> None:
        make(store, "b", "c", "a")
        assert names_of(pages.studies()) == ["a", "c", "b"]
        assert names_of(pages.studies(descending=False)) == ["b", "c", "a"]
        assert names_of(pages.studies(order="name", descending=False)) == ["a", "b", "c"]

    @pytest.mark.parametrize("order", ["created_at", "name", "status"])
    @pytest.mark.parametrize("descending", [True, False])
    def test_pages_together_are_everything_once(self, store: Store, pages: StoreQueries, order, descending) -> None:
        make(store, *(f"s{number}" for number in range(7)))
        for name in ("s1", "s4"):
            store.append(name, StudyStatus(status="failed"))
        shown, place = [], None
        while page := pages.studies(order=order, descending=descending, after=place, limit=2):
            shown += page
            place = getattr(page[-1], order), page[-1].name
        assert names_of(shown) == names_of(pages.studies(order=order, descending=descending))
        assert len(set(names_of(shown))) == 7

    def test_one_that_is_added_meanwhile_repeats_and_hides_nothing(self, store: Store, pages: StoreQueries) -> None:
        make(store, "a", "b", "c")
        first = pages.studies(limit=1)
        make(store, "d")
        rest = pages.studies(after=(first[-1].created_at, first[-1].name))
        assert names_of(first + rest) == ["c", "b", "a"]

    def test_filters(self, store: Store, pages: StoreQueries) -> None:
        make(store, "mnist-1", "mnist-2", dataset="mnist")
        make(store, "digits-1")
        store.append("mnist-1", StudyStatus(status="completed"))
        assert names_of(pages.studies(statuses=["completed", "failed"])) == ["mnist-1"]
        assert names_of(pages.studies(datasets=["mnist", "cifar10"])) == ["mnist-2", "mnist-1"]
        assert names_of(pages.studies(containing="T-1")) == ["mnist-1"]
        assert names_of(pages.studies(containing="%")) == []

    def test_a_study_whose_process_is_gone_is_interrupted_and_does_not_run(
        self, store: Store, pages: StoreQueries
    ) -> None:
        make(store, "gone-1", "runs-1", "gone-2", "runs-2")
        for name in names_of(store.studies()):
            store.append(name, StudyStatus(status="running"))
        for name in ("runs-1", "runs-2"):
            store.take_lease(name, Lease.new())
        assert names_of(pages.studies(statuses=["running"], limit=2)) == ["runs-2", "runs-1"]
        assert names_of(pages.studies(statuses=["interrupted"], limit=1)) == ["gone-2"]


def test_a_spec_that_todays_rules_refuse_hides_no_study(store: Store, pages: StoreQueries) -> None:
    make(store, "a", "b", "c")
    refused = spec("b").model_dump(mode="json") | {"trials": 0, "validation_split": 7, "a_former_option": 1}
    update = sa.update(studies).where(studies.c.name == "b").values(spec=refused)
    store._write(lambda connection: connection.execute(update))
    store.append("b", StudyStatus(status="running"))

    row = store.study("b")
    assert (row.spec.trials, row.spec.validation_split, row.spec.dataset) == (0, 7, "digits")
    assert names_of(store.studies()) == names_of(pages.studies()) == ["c", "b", "a"]
    assert names_of(store.study_summaries()) == ["c", "b", "a"]
    assert store.study_snapshot("b").study == row
    assert json.loads(row.model_dump_json())["spec"]["trials"] == 0
    assert view(store, "b").progress.total_trials == 0


class TestTrials:
    def test_one_of_them(self, store: Store, pages: StoreQueries) -> None:
        make(store, "a")
        for number in (1, 2):
            store.append("a", start(number))
        assert pages.trial("a", 2) == store.trials("a")[1]
        assert pages.trial("a", 3) is None

    def test_those_that_run_and_their_epochs(self, store: Store, pages: StoreQueries) -> None:
        make(store, "a")
        for event in (start(1), epoch(1, 1), start(2), epoch(1, 2), epoch(2, 2), complete(1), start(3)):
            store.append("a", event)
        assert [row.trial_number for row in pages.running_trials("a")] == [2, 3]
        assert [(row.trial_number, row.epoch) for row in pages.running_epochs("a")] == [(2, 1), (2, 2)]

    def test_what_was_kept_of_a_training_for_figures(self, store: Store, pages: StoreQueries) -> None:
        make(store, "a")
        other = SUMMARY.model_copy(update={"learning_rate": 0.5})
        for event in (
            start(),
            epoch(2, summary=SUMMARY),
            epoch(1, summary=other),
            epoch(3),
            start(2),
            epoch(1, number=2, summary=other),
            epoch(1, number=2),  # reported again, without one
        ):
            store.append("a", event)
        assert pages.summaries("a", 1) == {1: other, 2: SUMMARY}
        assert list(pages.summaries("a", 1)) == [1, 2]
        assert pages.summaries("a", 2) == pages.summaries("a", 3) == {}
        assert "summary" not in EpochRow.model_fields
        assert [row.epoch for row in store.epochs("a", 1)] == [1, 2, 3], "read without it"
        assert len(pages.running_epochs("a")) == 4
        assert [event.summary for _, event in store.read("a", after=1)[:2]] == [SUMMARY, other]

    def test_the_outcome_of_each(self, store: Store, pages: StoreQueries) -> None:
        make(store, "a")
        for event in (complete(2, values={"val_accuracy": 0.9}), start(1)):
            store.append("a", event)
        found = [(row.trial_number, row.status, row.values) for row in pages.outcomes("a")]
        assert found == [(1, "running", {}), (2, "completed", {"val_accuracy": 0.9})]

    def test_where_each_trained(self, store: Store, pages: StoreQueries) -> None:
        make(store, "a")
        repeat = Repeat(epochs=3, accuracy=0.5, accuracy_gap=0.0, largest_difference=0.0)
        begun = (start(1, place="runpod"), start(2, why_local="no key"), complete(3, status="rejected"))
        for event in (*begun, TrialRepeated(trial_number=1, repeat=repeat)):
            store.append("a", event)
        found = [(row.place, row.why_local, row.repeat) for row in pages.outcomes("a")]
        assert found == [("runpod", None, repeat), ("local", "no key", None), (None, None, None)]

    def test_those_whose_network_was_built(self, store: Store, pages: StoreQueries) -> None:
        make(store, "a")
        for event in (start(1), complete(2, status="rejected"), start(3), start(4)):
            store.append("a", event)
        assert [(row.trial_number, row.architecture) for row in pages.architectures("a", limit=2)] == [
            (1, CNN),
            (3, CNN),
        ]
        assert [row.trial_number for row in pages.architectures("a", after=3)] == [4]


CANCELLED, COMPLETED = {"cancelled": 1}, {"completed": 1}


class TestSums:
    def test_the_totals_of_each_study(self, store: Store, pages: StoreQueries) -> None:
        make(store, "a", "b")
        good, better = (Performance(total_score=s, accuracy=a, loss=0.1) for s, a in ((0.8, 0.7), (0.6, 0.9)))
        for event in (
            complete(1, performance=good, duration_seconds=10),
            complete(2, performance=better, duration_seconds=20, status="pruned"),
            complete(3, duration_seconds=4, status="pruned"),
            complete(4, status="rejected"),
            start(5),
        ):
            store.append("a", event)
        found = pages.totals(["a", "b", "c"])
        assert found["a"].counts == {"completed": 1, "pruned": 2, "rejected": 1, "running": 1}
        assert found["a"].timed == {"completed": 1, "pruned": 2, "rejected": 0, "running": 0}
        assert found["a"].seconds == {"completed": 10, "pruned": 24, "rejected": 0, "running": 0}
        for nothing in (found["b"], found["c"]):
            assert (nothing.counts, nothing.timed, nothing.seconds) == ({}, {}, {})
        assert pages.trial_counts() == {"completed": 1, "pruned": 2, "rejected": 1, "running": 1}

    def test_studies_are_counted_by_their_current_status(self, store: Store, pages: StoreQueries) -> None:
        make(store, "new", "runs", "lost", "over")
        for name in ("runs", "lost"):
            store.append(name, StudyStatus(status="running"))
        store.take_lease("runs", Lease.new())
        store.append("over", StudyStatus(status="completed"))
        assert pages.study_counts() == {"created": 1, "running": 1, "interrupted": 1, "completed": 1}

    def test_a_trial_counts_as_what_it_is_now_whatever_it_was_before(self, store: Store, pages: StoreQueries) -> None:
        make(store, "a")
        for event, counts, seconds in (
            (start(1), {"running": 1}, 0.0),
            (start(1), {"running": 1}, 0.0),
            (start(2), {"running": 2}, 0.0),
            (complete(1, duration_seconds=4), {"running": 1, "completed": 1}, 4.0),
            (complete(2, duration_seconds=8, status="cancelled"), CANCELLED | COMPLETED, 12.0),
            (start(2), {"running": 1, "completed": 1}, 4.0),
            (complete(2, duration_seconds=2), {"completed": 2}, 6.0),
            (complete(2, duration_seconds=1, status="failed"), {"failed": 1, "completed": 1}, 5.0),
        ):
            store.append("a", event)
            found = pages.totals(["a"])["a"]
            assert found.counts == pages.trial_counts() == store.study_summaries()[0].trials == counts
            assert sum(found.seconds.values()) == seconds


@pytest.mark.parametrize(
    "use",
    [
        lambda pages: pages.trial("x", 1),
        lambda pages: pages.running_epochs("x"),
    ],
)
def test_an_unknown_study_is_an_error_of_one_line(pages: StoreQueries, use) -> None:
    with pytest.raises(UnknownStudyError, match="unknown study 'x'"):
        use(pages)
