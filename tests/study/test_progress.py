"""Progress and ETA, from scripted studies."""

from __future__ import annotations

import pytest

from tests.store.samples import DATA, finding, health
from tests.study.scripted import HYPERPARAMETERS, at, complete, epoch, start, status
from tuner.console.show import best_line
from tuner.events import DataRead, NewBest, Performance
from tuner.health.remedies import with_remedies
from tuner.spec import StudySpec
from tuner.store import Lease, Store
from tuner.study.progress import FIRST_BATCH, progress, read_progress
from tuner.study.result import view


@pytest.fixture
def told(tmp_path):
    """The progress of a study of 10 trials after these events, at a time in seconds."""
    with Store.open(f"sqlite:///{tmp_path / 'tuner.db'}") as store:

        def of(*events, seconds, live=None, lease=Lease.new(), **fields):  # noqa: B008 - this process lives
            store.create_study(StudySpec(run_name="s", trials=10, **fields), folder=str(tmp_path))
            if lease is not None:
                store.take_lease("s", lease)
            for event in events:
                store.append("s", event)
            study, trials, epochs = store.study("s"), store.trials("s"), store.epochs("s")
            shown = progress(study, trials, epochs, live or {}, at(seconds))
            counted = read_progress(store, [study], {"s": live or {}}, at(seconds))
            assert counted == [shown], "what the database counts is what the rows tell"
            return shown

        yield of


def test_a_study_that_has_only_begun_knows_no_eta(told):
    shown = told(status("running", 0), start(1), seconds=5)
    assert (shown.trials_performed, shown.total_trials, shown.running_trials) == (0, 10, 1)
    assert (shown.eta, shown.average_duration_per_trial, shown.best_accuracy) == (None, None, None)
    assert shown.elapsed_time == 5


def test_trials_are_counted_by_how_they_ended(told):
    kinds = ["completed", "pruned", "failed", "diverged", "rejected", "cancelled"]
    events = [complete(number, kind=kind) for number, kind in enumerate(kinds, start=1)]
    shown = told(status("running", 0), *events, seconds=5)
    assert shown.trials_performed == 4, "neither the rejected nor the cancelled one is one of those asked for"
    assert (shown.completed_trials, shown.pruned_trials, shown.failed_trials, shown.rejected_trials) == (1, 1, 2, 1)


def test_the_eta_is_what_is_left_over_what_really_runs_at_once(told):
    events = [status("running", 0), complete(1, took=10), complete(2, took=30), start(3), start(4)]
    shown = told(*events, seconds=40)
    assert shown.average_duration_per_trial == 20
    assert shown.eta == pytest.approx(8 * 20 / 2)


def test_the_share_that_running_trials_have_done_shortens_the_eta(told):
    events = [status("running", 0), complete(1, took=20), start(2), epoch(2, 1, 0.3), epoch(2, 2, 0.4)]
    live = {2: {"trial_number": 2, "epoch": 3, "epochs": 4, "batch": 5, "batches": 10, "loss": 0.1, "accuracy": 0.9}}
    shown = told(*events, seconds=30, live=live)
    assert shown.running[0].share == pytest.approx(2.5 / 4)
    assert (shown.current_epoch, shown.total_epochs, shown.epoch_progress) == (3, 4, 0.5)
    assert shown.eta == pytest.approx((9 - 2.5 / 4) * 20)


def test_after_the_last_batch_of_an_epoch_no_batch_of_the_next_one_is_done(told):
    stale = {1: {"trial_number": 1, "epoch": 1, "epochs": 4, "batch": 5, "batches": 10, "loss": 0.1, "accuracy": 0.9}}
    shown = told(status("running", 0), start(1), epoch(1, 1, 0.5), seconds=5, live=stale)
    assert (shown.running[0].epoch, shown.running[0].batch, shown.running[0].batches) == (2, 0, 10)


def test_a_running_trial_waits_for_its_first_batch_and_for_its_validation(told):
    batch = {"trial_number": 2, "epoch": 1, "epochs": 4, "batch": 9, "batches": 9}
    shown = told(status("running", 0), start(1), start(2), start(3), epoch(3, 1, 0.3), seconds=5, live={2: batch})
    waits = {trial.trial_number: trial.waiting_for for trial in shown.running}
    assert waits == {1: FIRST_BATCH, 2: "the validation after epoch 1", 3: None}


def test_of_a_study_in_another_cluster_nobody_knows_what_its_trials_wait_for(told):
    shown = told(status("running", 0), start(1), seconds=5)
    assert [trial.waiting_for for trial in shown.running] == [None]


@pytest.mark.parametrize(
    ("events", "waits_for"),
    [
        ([], "the start of its process"),
        ([status("running", 0)], "its data set to be read"),
        ([status("running", 0), DataRead(data=DATA)], "a worker for its first trial"),
        ([status("running", 0), DataRead(data=DATA), start(1)], None),
        ([status("running", 0), status("completed", 9)], None),
    ],
)
def test_a_study_that_trains_nothing_yet_says_what_it_waits_for(told, events, waits_for):
    assert told(*events, seconds=10).waiting_for == waits_for


def test_pruned_trials_saved_the_epochs_that_they_did_not_train(told):
    events = [status("running", 0), complete(1, took=10)]
    assert told(*events, seconds=20).saved_s is None


def test_the_seconds_of_all_pruned_trials_are_added(told):
    pruned = [
        complete(number, kind="pruned", took=10).model_copy(
            update={"epochs_trained": 1, "hyperparameters": {"epochs": 4}}
        )
        for number in (1, 2)
    ]
    assert told(status("running", 0), *pruned, seconds=20).saved_s == pytest.approx(2 * 3 * 10)


def test_the_eta_is_never_beyond_the_time_budget(told):
    shown = told(status("running", 0), complete(1, took=100), start(2), seconds=50, time_budget_s=60)
    assert shown.eta == pytest.approx(10)


def test_a_study_whose_process_is_gone_runs_nothing_and_gets_no_older(told):
    shown = told(status("running", 0), complete(1), start(2), seconds=1_000, lease=None)
    assert (shown.running_trials, shown.eta, shown.elapsed_time) == (0, None, 0)


def test_pauses_between_runs_do_not_count(told):
    events = [status("running", 0), complete(1), status("cancelled", 20), status("running", 1_000)]
    assert told(*events, seconds=1_005).elapsed_time == 25


def test_a_finished_study_has_no_eta_and_its_clock_stands(told):
    shown = told(status("running", 0), complete(1), status("completed", 30), seconds=1_000)
    assert (shown.eta, shown.elapsed_time) == (None, 30)


def leads(number, accuracy, total_score):
    performance = Performance(accuracy=accuracy, total_score=total_score, loss=0.1)
    return NewBest(trial_number=number, objective=total_score, performance=performance)


def test_the_best_scores_are_those_of_the_best_trial(told):
    events = [status("running", 0), complete(1, 0.9), leads(1, 0.9, 0.6), complete(2, 0.7), leads(2, 0.7, 0.8)]
    shown = told(*events, seconds=5)
    assert (shown.best_trial_number, shown.best_accuracy, shown.best_total_score) == (2, 0.7, 0.8)


@pytest.mark.parametrize("last", [epoch(1, 1, 0.5), complete(1, 0.5, kind="cancelled")])
def test_the_best_trial_is_named_also_if_it_does_not_count_among_those_performed(told, last):
    shown = told(status("running", 0), start(1), last, leads(1, 0.5, 0.4), seconds=5)
    assert (shown.trials_performed, shown.best_trial_number, shown.best_accuracy) == (0, 1, 0.5)


def test_the_best_trial_has_the_scores_that_it_has_reached_while_it_trains(tmp_path):
    with Store.open(f"sqlite:///{tmp_path / 'tuner.db'}") as store:
        store.create_study(StudySpec(run_name="s", trials=10), folder=str(tmp_path))
        store.take_lease("s", Lease.new())
        for event in (status("running", 0), start(1), epoch(1, 1, 0.5), leads(1, 0.5, 0.4)):
            store.append("s", event)
        shown = view(store, "s")
        assert best_line(shown) == "trial 1 (running): val_accuracy 0.4000"
    scores = shown.best.performance
    assert scores == shown.study.best_performance
    assert (shown.progress.best_accuracy, shown.progress.best_total_score) == (scores.accuracy, scores.total_score)
    assert shown.best.objective == shown.study.best_objective == 0.4


def test_a_trial_that_leads_nothing_is_not_the_best(told):
    shown = told(status("running", 0), complete(1, 0.9), seconds=5)
    assert (shown.best_trial_number, shown.best_accuracy, shown.best_total_score) == (None, None, None)


def test_times_of_a_study_are_compared_with_the_clock_of_the_database(tmp_path, monkeypatch):
    with Store.open(f"sqlite:///{tmp_path / 'tuner.db'}") as store:
        store.create_study(StudySpec(run_name="s", trials=10), folder=str(tmp_path))
        store.take_lease("s", Lease.new())
        store.append("s", status("running", 0))
        monkeypatch.setattr(store, "now", lambda: at(7))
        (counted,) = read_progress(store, store.studies(), {})
        assert (counted.elapsed_time, view(store, "s").progress.elapsed_time) == (7, 7)


class TestHealth:
    def measured(self, epoch_number, *found, accuracy=0.5):
        given = {"health_metrics": health(), "findings": found}
        return epoch(1, epoch_number, accuracy).model_copy(update=given)

    def test_a_running_trial_has_the_health_and_the_score_of_its_last_epoch(self, told):
        shown = told(
            status("running", 0), start(1), self.measured(1), self.measured(2, accuracy=0.6), seconds=5,
            mode="health", objective="total_score", accuracy_weight=0.5,
        )  # fmt: skip
        assert shown.running[0].health_metrics == health()
        assert shown.running[0].total_score == pytest.approx(0.5 * 0.6 + 0.5 * 0.9)

    def test_what_was_found_in_any_epoch_so_far_is_known(self, told):
        live = {1: {"trial_number": 1, "epoch": 3, "epochs": 4, "batch": 1, "batches": 9, "loss": 0.1, "accuracy": 0.9}}
        events = [status("running", 0), start(1), self.measured(1, finding(epoch=1)), self.measured(2)]
        (running,) = told(*events, seconds=5, live=live).running
        assert (running.batch, running.findings) == (1, with_remedies([finding(epoch=1)], HYPERPARAMETERS))

    def test_in_mode_simple_there_is_no_score(self, told):
        shown = told(status("running", 0), start(1), self.measured(1), seconds=5, health_stop=True)
        assert shown.running[0].total_score is None
        assert shown.running[0].health_metrics == health()

    def test_before_the_first_epoch_nothing_is_known(self, told):
        (running,) = told(status("running", 0), start(1), seconds=5).running
        assert (running.health_metrics, running.total_score, running.findings) == (None, None, ())


def test_it_is_read_from_the_store_for_many_studies(tmp_path):
    with Store.open(f"sqlite:///{tmp_path / 'tuner.db'}") as store:
        for name in ("s", "t"):
            store.create_study(StudySpec(run_name=name, trials=10), folder=str(tmp_path))
            store.take_lease(name, Lease.new())
            for event in (status("running", 0), complete(1, 0.7), leads(1, 0.7, 0.7), start(2), epoch(2, 1, 0.5)):
                store.append(name, event)
        batch = {"trial_number": 2, "epoch": 2, "epochs": 4, "batch": 3, "batches": 12, "loss": 0.5, "accuracy": 0.5}
        shown, other = read_progress(store, store.studies()[::-1], {"s": {2: batch}})
    assert (shown.trials_performed, shown.best_accuracy, shown.current_epoch, shown.epoch_progress) == (1, 0.7, 2, 0.25)
    assert (other.trials_performed, other.current_epoch, other.epoch_progress) == (1, 2, None)
