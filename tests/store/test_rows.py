"""The rows of studies, trials and epochs, and the changes that each event makes in them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.store.samples import (
    CNN,
    DATA,
    DEVICES,
    GOOD,
    SPACE,
    STOPPED_BY,
    T0,
    at,
    complete,
    epoch,
    finding,
    health,
    spec,
    start,
    vital_signs,
)
from tuner.errors import FixInputError, UnknownStudyError
from tuner.events import BestModel, DataRead, DurableEvent, NewBest, RemoteJob, StudyStatus, TrialBilled
from tuner.store import JobRow, Store, StoreQueries, StudyRow, TrialRow


@pytest.fixture
def study(store: Store) -> str:
    store.create_study(spec("a"), folder="/results/a")
    return "a"


def append(store: Store, *events: DurableEvent) -> None:
    for event in events:
        store.append("a", event)


def only_trial(store: Store) -> TrialRow:
    (row,) = store.trials("a")
    return row


class TestStudies:
    def test_a_database_begins_without_studies(self, store: Store) -> None:
        assert store.studies() == []

    def test_a_new_study_is_created_and_has_nothing_yet(self, store: Store) -> None:
        asked = spec("a", trials=7, space={"activation": ["relu", "swish"], "learning_rate": "1e-4..1e-2"})
        store.create_study(asked, folder="/results/a")

        row = store.study("a")
        assert (row.name, row.status, row.spec, row.folder) == ("a", "created", asked, "/results/a")
        assert abs(datetime.now(UTC) - row.created_at) < timedelta(minutes=1)
        assert row.created_at.tzinfo == UTC
        assert [row.reason, row.started_at, row.completed_at, row.best_trial_number, row.best_objective] == [None] * 5
        assert store.trials("a") == []
        assert store.epochs("a") == []

    def test_the_space_is_known_once_its_data_are_read(self, store: Store, study: str) -> None:
        append(store, DataRead(data=DATA, space=SPACE))
        assert store.study("a").space == SPACE

    def test_the_newest_study_comes_first(self, store: Store) -> None:
        for name in ("b", "c", "a"):
            store.create_study(spec(name), folder="/")
        assert [row.name for row in store.studies()] == ["a", "c", "b"]

    def test_a_name_is_given_once(self, store: Store, study: str) -> None:
        with pytest.raises(FixInputError) as error:
            store.create_study(spec("a", trials=3), folder="/elsewhere")
        assert str(error.value) == "study 'a' already exists - choose another run_name, or `tuner resume a`"
        assert store.study("a").folder == "/results/a"

    def test_a_study_needs_a_name(self, store: Store) -> None:
        with pytest.raises(ValueError, match="run_name"):
            store.create_study(spec().model_copy(update={"run_name": None}), folder="/")

    def test_a_resume_may_ask_for_more(self, store: Store, study: str) -> None:
        store.update_spec("a", spec("a", trials=99))
        assert store.study("a").spec == spec("a", trials=99)

    def test_an_accepted_resume_waits_with_its_new_spec_from_one_moment_on(self, store: Store, study: str) -> None:
        append(store, StudyStatus(status="running", time=at(0)), StudyStatus(status="completed", time=at(60)))
        accepted = StudyStatus(status="created", reason="resumed", time=at(70))
        assert store.append("a", accepted, spec=spec("a", trials=9)) == 3
        row = store.study("a")
        assert (row.status, row.reason, row.spec.trials) == ("created", "resumed", 9)
        assert (row.started_at, row.completed_at, row.running_since, row.active_seconds) == (at(0), None, None, 60)
        assert [event for _, event in store.read("a", 2)] == [accepted]

    def test_the_spec_of_an_event_that_cannot_be_written_stays_out_too(
        self, store: Store, study: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tuner.store.store.project", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            store.append("a", StudyStatus(status="created"), spec=spec("a", trials=9))
        assert store.study("a").spec.trials != 9

    def test_a_resume_on_another_machine_has_its_files_elsewhere(self, store: Store, study: str) -> None:
        store.update_spec("a", spec("a"), folder="/elsewhere/a")
        assert store.study("a").folder == "/elsewhere/a"
        store.update_spec("a", spec("a", trials=99))
        assert store.study("a").folder == "/elsewhere/a"

    def test_a_study_keeps_its_name(self, store: Store, study: str) -> None:
        with pytest.raises(ValueError, match="run_name 'b'"):
            store.update_spec("a", spec("b"))

    def test_running_then_ended_then_resumed(self, store: Store, study: str) -> None:
        def times() -> tuple[str, str | None, datetime | None, datetime | None]:
            row = store.study("a")
            return row.status, row.reason, row.started_at, row.completed_at

        append(store, StudyStatus(status="running", time=at(0)))
        assert times() == ("running", None, at(0), None)
        append(store, StudyStatus(status="cancelled", reason="asked by the user", time=at(5)))
        assert times() == ("cancelled", "asked by the user", at(0), at(5))
        append(store, StudyStatus(status="running", time=at(7)))
        assert times() == ("running", None, at(0), None)
        append(store, StudyStatus(status="completed", time=at(9)))
        assert times() == ("completed", None, at(0), at(9))

    def test_the_best_trial_is_the_latest_that_took_the_lead(self, store: Store, study: str) -> None:
        for number, objective in ((3, 0.5), (8, 0.75)):
            append(store, NewBest(trial_number=number, objective=objective, performance=GOOD))
        assert (store.study("a").best_trial_number, store.study("a").best_objective) == (8, 0.75)

    def test_the_best_trial_may_still_train(self, store: Store, study: str) -> None:
        append(store, start(1), epoch(1), NewBest(trial_number=1, objective=0.9, performance=GOOD))
        row = store.study("a")
        assert (row.best_trial_number, row.best_objective, row.best_performance) == (1, 0.9, GOOD)
        assert (only_trial(store).status, only_trial(store).performance) == ("running", None)
        (summary,) = store.study_summaries()
        assert (summary.best_trial_number, summary.best_objective) == (1, 0.9)
        lower = GOOD.model_copy(update={"loss": GOOD.loss / 2})
        append(store, complete(1, objective=0.9, performance=lower))
        assert store.study("a").best_performance == lower, "a later epoch was as good, with a lower loss"

    def test_the_saved_best_model_tells_its_one_test(self, store: Store, study: str) -> None:
        assert (store.study("a").test_accuracy, store.study("a").test_loss) == (None, None)
        append(
            store, BestModel(trial_number=3, val_accuracy=0.9, test_accuracy=0.875, test_loss=0.5, folder="/results/a")
        )
        assert (store.study("a").test_accuracy, store.study("a").test_loss) == (0.875, 0.5)

    def test_its_json_comes_back_equal(self, store: Store, study: str) -> None:
        append(store, StudyStatus(status="running"))
        row = store.study("a")
        assert StudyRow.model_validate_json(row.model_dump_json()) == row

    def test_deleting_takes_everything_of_it_and_nothing_else(self, store: Store, study: str) -> None:
        store.create_study(spec("b"), folder="/results/b")
        for name in ("a", "b"):
            for event in (start(), epoch(1), complete()):
                store.append(name, event)
        before = store.read("b"), store.trials("b"), store.epochs("b")
        store.delete_study("a")

        assert [row.name for row in store.studies()] == ["b"]
        assert (store.read("b"), store.trials("b"), store.epochs("b")) == before
        store.create_study(spec("a"), folder="/results/a")
        assert (store.read("a"), store.trials("a"), store.epochs("a")) == ([], [], [])


class TestUnknownStudy:
    @pytest.mark.parametrize(
        "use",
        [
            lambda s: s.study("digits-tset"),
            lambda s: s.trials("digits-tset"),
            lambda s: s.epochs("digits-tset"),
            lambda s: s.delete_study("digits-tset"),
            lambda s: s.update_spec("digits-tset", spec("digits-tset")),
        ],
    )
    def test_names_the_nearest(self, store: Store, use: Callable[[Store], object]) -> None:
        for name in ("digits-test", "mnist"):
            store.create_study(spec(name), folder="/")
        with pytest.raises(UnknownStudyError) as error:
            use(store)
        assert str(error.value) == "unknown study 'digits-tset' - did you mean 'digits-test'?"

    def test_says_when_there_are_none(self, store: Store) -> None:
        with pytest.raises(UnknownStudyError, match="the database has no studies yet"):
            store.study("a")

    def test_points_to_the_list_when_none_is_near(self, store: Store, study: str) -> None:
        with pytest.raises(UnknownStudyError, match="see `tuner list`"):
            store.study("quite-another")


class TestTrials:
    def test_a_started_trial_runs(self, store: Store, study: str) -> None:
        append(store, start(hyperparameters={"activation": "relu", "units": 64, "dropout": 0.5, "pooling": True}))

        row = only_trial(store)
        assert (row.trial_id, row.trial_number, row.status, row.started_at) == ("a-00001", 1, "running", T0)
        assert row.hyperparameters == {"activation": "relu", "units": 64, "dropout": 0.5, "pooling": True}
        assert row.architecture == CNN
        assert row.epochs_trained == 0

    def test_an_epoch_counts(self, store: Store, study: str) -> None:
        append(store, start(), epoch(1), epoch(2))
        assert only_trial(store).epochs_trained == 2

    def test_a_complete_trial_as_users_see_it(self, store: Store, study: str) -> None:
        given = {"performance": GOOD, "objective": 0.9, "values": {"val_accuracy": 0.9}}
        ended = complete(**given, best_epoch=2, epochs_trained=3, duration_seconds=59.5)
        append(store, start(), epoch(1), ended)

        assert json.loads(only_trial(store).model_dump_json()) == {
            "trial_id": "a-00001",
            "trial_number": 1,
            "status": "completed",
            "started_at": "2026-01-02T03:04:05.678901Z",
            "completed_at": "2026-01-02T03:05:05.678901Z",
            "duration_seconds": 59.5,
            "hyperparameters": {"learning_rate": 0.01},
            "architecture": CNN.model_dump(mode="json"),
            "performance": {"total_score": 0.9, "accuracy": 0.9, "loss": 0.3},
            "health_metrics": None,
            "vital_signs": None,
            "findings": [],
            "devices": None,
            "resources": None,
            "cause": "all_epochs",
            "reason": "trained all epochs",
            "error": None,
            "objective": 0.9,
            "values": {"val_accuracy": 0.9},
            "best_epoch": 2,
            "epochs_trained": 3,
            "place": "local",
            "why_local": None,
            "repeat": None,
            "suggested_by": None,
            "node": None,
            "queued_s": None,
            "stopped_by": None,
            "saved_s": None,
            "note": None,
            "starred": False,
            "cancel_requested_at": None,
        }

    @pytest.mark.parametrize("status", ["rejected", "failed"])
    def test_a_trial_may_end_before_it_started(self, store: Store, study: str, status: str) -> None:
        append(store, complete(status=status, reason="too many weights", error="Traceback ..."))

        row = only_trial(store)
        assert (row.status, row.reason, row.error) == (status, "too many weights", "Traceback ...")
        assert (row.started_at, row.architecture, row.performance, row.completed_at) == (None, None, None, at(60))

    def test_trials_come_by_number_whatever_the_order_of_their_events(self, store: Store, study: str) -> None:
        append(store, start(10), start(2), complete(1, status="rejected"), complete(10))
        found = [(row.trial_number, row.status) for row in store.trials("a")]
        assert found == [(1, "rejected"), (2, "running"), (10, "completed")]

    def test_its_wait_its_machine_and_the_comparison_that_ended_it_are_known(self, store: Store, study: str) -> None:
        hyperparameters = {"epochs": 10}
        pruned = complete(status="pruned", cause="pruned", stopped_by=STOPPED_BY, hyperparameters=hyperparameters)
        append(store, start(queued_s=2.5, devices=DEVICES))
        append(store, pruned.model_copy(update={"epochs_trained": 2, "duration_seconds": 30.0}))
        row = only_trial(store)
        assert (row.queued_s, row.node, row.stopped_by) == (2.5, DEVICES.node, STOPPED_BY)
        assert row.saved_s == (10 - 2) * 30 / 2
        totals = StoreQueries(store).totals(["a"])["a"]
        assert totals.saved_s == {"pruned": row.saved_s}
        append(store, start())
        row = only_trial(store)
        assert (row.queued_s, row.node, row.stopped_by, row.saved_s) == (None, None, None, None)
        assert StoreQueries(store).totals(["a"])["a"].saved_s == {"running": 0}

    @pytest.mark.parametrize(
        "fields",
        [
            {"status": "completed", "epochs_trained": 2},
            {"status": "pruned", "epochs_trained": 0},
            {"status": "pruned", "epochs_trained": 2, "hyperparameters": {}},
            {"status": "pruned", "epochs_trained": 2, "hyperparameters": {"epochs": "ten"}},
        ],
    )
    def test_what_was_not_pruned_or_has_no_known_end_saved_nothing(
        self, store: Store, study: str, fields: dict[str, object]
    ) -> None:
        append(store, complete(**{"duration_seconds": 30.0, "hyperparameters": {"epochs": 10}} | fields))
        assert only_trial(store).saved_s is None

    def test_a_trial_that_starts_again_forgets_its_earlier_run(self, store: Store, study: str) -> None:
        failed = complete(status="failed", error="Traceback ...", objective=0.1, best_epoch=1, epochs_trained=2)
        append(store, start(), epoch(1), epoch(2), failed, start(time=at(90)))

        row = only_trial(store)
        assert (row.status, row.started_at, row.epochs_trained) == ("running", at(90), 0)
        assert [row.completed_at, row.duration_seconds, row.error, row.objective, row.best_epoch] == [None] * 5
        assert store.epochs("a") == []

    def test_a_trial_that_goes_on_keeps_the_epochs_it_goes_on_from(self, store: Store, study: str) -> None:
        append(store, start(), epoch(1), epoch(2), epoch(3), start(2), epoch(3, number=2))
        append(store, start(resumed_from_epoch=2), epoch(3, loss=0.25))

        assert [(row.epoch, row.train_loss) for row in store.epochs("a", 1)] == [(1, 0.5), (2, 0.5), (3, 0.25)]
        assert [row.epoch for row in store.epochs("a", 2)] == [3]
        assert store.trials("a")[0].epochs_trained == 3

    def test_a_text_that_no_column_holds_still_arrives(self, store: Store, study: str) -> None:
        odd = complete(status="failed", reason="NUL \0", error="File '\udcff.py', größer 🙂")
        append(store, odd)

        assert (only_trial(store).reason, only_trial(store).error) == ("NUL ?", "File '?.py', größer 🙂")
        assert store.read("a") == [(1, odd)]


class TestEpochs:
    def test_all_its_numbers(self, store: Store, study: str) -> None:
        append(store, start(), epoch(4))

        (row,) = store.epochs("a")
        assert row.model_dump() == {
            "trial_number": 1,
            "epoch": 4,
            "train_loss": 0.5,
            "train_accuracy": 0.7,
            "val_loss": 0.6,
            "val_accuracy": 0.8,
            "objective": 0.8,
            "val_balanced_accuracy": None,
            "val_macro_f1": None,
            "duration_s": 1.5,
            "inference_ms": 0.25,
            "health_metrics": None,
            "vital_signs": None,
            "findings": (),
            "time": at(4),
        }
        assert row.event(epochs=10) == epoch(4)

    def test_scores_that_count_every_class_alike_come_back_as_they_were_told(self, store: Store, study: str) -> None:
        told = epoch(1, val_balanced_accuracy=0.75, val_macro_f1=0.5)
        append(store, start(), told)
        (row,) = store.epochs("a")
        assert row.event(epochs=10) == told

    def test_its_health_comes_back_as_it_was_told(self, store: Store, study: str) -> None:
        measured = {"health_metrics": health("accuracy_consistency"), "vital_signs": vital_signs()}
        append(store, start(), epoch(1, **measured, findings=[finding()]), complete(**measured, findings=[finding()]))
        for row in (*store.epochs("a"), only_trial(store)):
            assert {name: getattr(row, name) for name in measured} == measured
            assert row.findings == (finding(),)
        assert only_trial(store).health_metrics.insufficient == ("accuracy_consistency",)

    def test_in_order_of_all_trials_or_of_one(self, store: Store, study: str) -> None:
        append(store, start(2), start(1), epoch(1, number=2), epoch(1), epoch(2))

        assert [(row.trial_number, row.epoch) for row in store.epochs("a")] == [(1, 1), (1, 2), (2, 1)]
        assert [(row.trial_number, row.epoch) for row in store.epochs("a", trial_number=2)] == [(2, 1)]
        assert store.epochs("a", trial_number=77) == []

    def test_one_that_comes_twice_counts_once(self, store: Store, study: str) -> None:
        append(store, start(), epoch(1, loss=0.5), epoch(1, loss=0.4))
        assert [row.train_loss for row in store.epochs("a")] == [0.4]
        assert len(store.read("a")) == 3


def test_a_time_of_another_zone_is_the_same_moment(store: Store, study: str) -> None:
    elsewhere = T0.astimezone(timezone(timedelta(hours=5, minutes=30)))
    append(store, start(time=elsewhere))

    assert only_trial(store).started_at == T0
    assert only_trial(store).model_dump(mode="json")["started_at"] == "2026-01-02T03:04:05.678901Z"


class TestJobs:
    def test_each_job_is_a_row_also_before_its_trial_has_one(self, store: Store, study: str) -> None:
        bill = RemoteJob(job_id="j1", status="CANCELLED", gpu="A100", queued_s=0.5, billed_s=10, cost_usd=0.0076)
        append(store, TrialBilled(trial_number=2, job=bill, time=T0))
        (row,) = store.jobs("a")
        assert row == JobRow(trial_number=2, time=T0, **bill.model_dump())
        assert store.trials("a") == []

    def test_a_bill_that_is_told_again_counts_once(self, store: Store, study: str) -> None:
        first = RemoteJob(job_id="j1", status="UNKNOWN", gpu=None, queued_s=None, billed_s=10, cost_usd=None)
        known = first.model_copy(update={"status": "COMPLETED", "billed_s": 12.0})
        for job in (first, known, first.model_copy(update={"job_id": "j2"})):
            append(store, TrialBilled(trial_number=1, job=job))
        assert [(row.job_id, row.billed_s) for row in store.jobs("a")] == [("j1", 12.0), ("j2", 10.0)]

    def test_where_a_trial_trained_at_last_and_why(self, store: Store, study: str) -> None:
        append(store, start(place="runpod"))
        assert (only_trial(store).place, only_trial(store).why_local) == ("runpod", None)
        append(store, start(why_local="RunPod failed (HTTP 500)"))
        assert (only_trial(store).place, only_trial(store).why_local) == ("local", "RunPod failed (HTTP 500)")
