"""What the recorder makes of Ray Tune's calls, scripted: no cluster, no training."""

from __future__ import annotations

import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from ray.exceptions import ActorUnavailableError, RayTaskError

from tests.health.samples import signs
from tests.store.samples import health, trial_spec
from tests.study.scripted import HYPERPARAMETERS, at, complete, epoch, start
from tuner import ray_internals
from tuner.errors import TryAgainError
from tuner.events import Devices, Finding, MeanAndPeak, ResourceUse, StoppedBy
from tuner.health.remedies import remedies, with_remedies
from tuner.runners.shared_folder import state_file
from tuner.search.comparison import Comparison
from tuner.search.rungs import Rungs
from tuner.spec import StudySpec
from tuner.store import Store
from tuner.study.leader import Leader
from tuner.study.paths import StudyPaths
from tuner.study.recorder import WORKER_LOSSES, Recorder
from tuner.study.stop_signal import StopSignal
from tuner.study.study_log import StudyLog

RUNGS = Rungs(first=1, last=4)
SPEC = StudySpec(run_name="s", trials=5, target_score=0.95)


@pytest.fixture
def store(tmp_path):
    with Store.open(f"sqlite:///{tmp_path / 'tuner.db'}") as opened:
        opened.create_study(SPEC, folder=str(tmp_path))
        yield opened


@pytest.fixture
def paths(tmp_path):
    return StudyPaths(tmp_path)


@pytest.fixture
def signal():
    return StopSignal()


@pytest.fixture
def study_log(store):
    return StudyLog(store, "s")


@pytest.fixture
def recorder(study_log, paths, signal):
    return make_recorder(study_log, paths, signal)


def make_recorder(study_log, paths, signal, spec=SPEC, **options) -> Recorder:
    """The recorder of a run that begins now."""
    study = study_log.store.study("s")
    leader = Leader(spec, study)
    return Recorder(study_log, spec, paths, signal, RUNGS, leader, **options)


def trial(number: int) -> SimpleNamespace:
    """Ray Tune's trial."""
    spec = trial_spec(number, SPEC, HYPERPARAMETERS, epochs=4)
    config = {"trial": spec.model_dump(mode="json")}
    return SimpleNamespace(trial_id=f"ray-{number}", config=config)


def report(recorder: Recorder, number: int, *events) -> None:
    result = {"events": [event.model_dump(mode="json") for event in events]}
    recorder.on_trial_result(1, [], trial(number), result)


def kinds(store: Store) -> list[str]:
    return [event.type for _, event in store.read("s")]


def test_what_a_worker_reports_is_written_in_order(recorder, store):
    report(recorder, 1, start(1))
    report(recorder, 1, epoch(1, 1, 0.5, last=True), complete(1, 0.5))
    assert kinds(store) == ["trial_start", "epoch_progress", "new_best", "trial_complete"]
    assert store.study("s").best_trial_number == 1


def out_of_memory(number: int):
    return complete(number, None, kind="failed").model_copy(update={"cause": "out_of_memory"})


def test_a_trial_that_ran_out_of_memory_starts_again_if_there_is_more_for_it(study_log, paths, signal, store):
    recorder = make_recorder(study_log, paths, signal, more_memory=lambda number: number == 1)
    for number in (1, 2):
        report(recorder, number, start(number), out_of_memory(number))
    first, second = store.trials("s")
    assert (first.status, first.cause) == ("cancelled", "out_of_memory")
    assert first.reason.endswith("; it starts again with twice the share of a GPU")
    assert (second.status, second.cause) == ("failed", "out_of_memory")
    assert recorder.restarts == 1


def test_why_a_trial_was_given_its_devices_stands_before_what_its_worker_made_of_them(recorder, store):
    told = Devices(
        node="n",
        gpus=0.5,
        names=("A100",),
        threads=1,
        replicas=1,
        batch_size=32,
        learning_rate=0.01,
        precision="float32",
        xla=False,
        steps_per_execution=1,
        why=("float32: small",),
    )
    reported = trial(1)
    reported.config["allocation"] = {"cpus": 1, "gpus": 0.5, "why": "2 trials on one GPU", "retried": True}
    event = start(1).model_copy(update={"devices": told})
    recorder.on_trial_result(1, [], reported, {"events": [event.model_dump(mode="json")]})
    (row,) = store.trials("s")
    assert row.devices == told.model_copy(update={"why": ("2 trials on one GPU", "float32: small"), "retried": True})


def test_what_a_pruned_trial_took_of_its_machine_is_kept(recorder, store):
    use = ResourceUse(samples=3, cpu_percent=MeanAndPeak(mean=90.0, peak=100.0))
    report(recorder, 1, start(1))
    report(recorder, 1, epoch(1, 1, 0.3).model_copy(update={"resources": use}))
    recorder.on_trial_complete(1, [], trial(1))
    assert store.trials("s")[0].resources == use


def test_a_pruned_trial_tells_the_comparison_by_which_its_scheduler_ended_it(study_log, paths, signal, store):
    found = {"ray-1": Comparison(value=0.3, cutoff=0.5, rank=4, of=4)}
    recorder = make_recorder(study_log, paths, signal, comparison=found.get)
    for number in (1, 2):
        report(recorder, number, start(number), epoch(number, 1, 0.3))
        recorder.on_trial_complete(1, [], trial(number))
    first, second = store.trials("s")
    assert first.stopped_by == StoppedBy(scheduler="asha", rung=1, value=0.3, cutoff=0.5, rank=4, of=4)
    assert (second.status, second.stopped_by) == ("pruned", None)


def test_a_pruned_trial_tells_the_seconds_that_it_saved(recorder, store):
    begun = start(1)
    report(recorder, 1, begun)
    report(recorder, 1, epoch(1, 1, 0.3).model_copy(update={"time": begun.time + timedelta(seconds=6)}))
    recorder.on_trial_complete(1, [], trial(1))
    epochs = int(HYPERPARAMETERS["epochs"])
    assert store.trials("s")[0].saved_s == pytest.approx(6 * (epochs - 1))


def test_a_trial_tells_how_long_it_waited_since_its_suggestion_or_the_loss_of_its_worker(recorder, store):
    suggested = trial(1)
    suggested.config["suggested_at"] = time.time() - 50
    started = {"events": [start(1).model_dump(mode="json")]}
    recorder.on_trial_result(1, [], suggested, started)
    assert store.trials("s")[0].queued_s == pytest.approx(50, abs=5)
    recorder.on_trial_recover(1, [], suggested)
    recorder.on_trial_result(1, [], suggested, started)
    assert store.trials("s")[0].queued_s == pytest.approx(0, abs=5)


def test_a_copy_of_another_trial_did_not_wait(recorder, store):
    copied = trial(1)
    copied.config |= {"suggested_at": time.time() - 50, "cloned_from": 2}
    recorder.on_trial_result(1, [], copied, {"events": [start(1).model_dump(mode="json")]})
    assert store.trials("s")[0].queued_s is None


def test_each_finding_is_recorded_with_its_remedy(recorder, store):
    found = Finding(name="no_learning", epoch=1, evidence="0.1 after 1 epoch")
    report(recorder, 1, start(1), epoch(1, 1, 0.1).model_copy(update={"findings": (found,)}))
    (alert,) = [event for _, event in store.read("s") if event.type == "health_alert"]
    assert alert.finding.remedy == remedies("no_learning", HYPERPARAMETERS)[0]
    assert store.epochs("s")[0].findings == (alert.finding,)


def test_only_a_better_trial_takes_the_lead(recorder, store):
    for number, accuracy in enumerate([0.5, 0.4, 0.5, 0.6], start=1):
        report(recorder, number, start(number), complete(number, accuracy))
    leaders = [event.trial_number for _, event in store.read("s") if event.type == "new_best"]
    assert leaders == [1, 4]


def test_a_trial_that_its_worker_did_not_end_was_pruned_by_the_scheduler(recorder, store):
    report(recorder, 1, start(1))
    report(recorder, 1, epoch(1, 1, 0.3))
    report(recorder, 1, epoch(1, 2, 0.2))
    recorder.on_trial_complete(1, [], trial(1))
    row = store.trials("s")[0]
    assert (row.status, row.reason) == ("pruned", "pruned by asha at rung 1, after epoch 2")
    assert (row.objective, row.best_epoch, row.epochs_trained) == (0.3, 1, 2)
    assert row.performance.accuracy == 0.3


def test_the_duration_of_a_trial_is_that_of_its_worker_however_it_ended(recorder, store, signal):
    report(recorder, 1, start(1, 10))
    report(recorder, 1, epoch(1, 1, 0.3).model_copy(update={"time": at(14)}))
    recorder.on_trial_complete(1, [], trial(1))
    report(recorder, 2, start(2, 20), complete(2, took=4))
    report(recorder, 3, start(3, 30))
    signal.request("cancelled", "stopped by Ctrl-C")
    recorder.on_trial_complete(1, [], trial(3))
    assert [row.duration_seconds for row in store.trials("s")] == [4.0, 4.0, 0.0], "neither waits nor saving count"


def test_a_trial_that_its_worker_ended_is_not_ended_twice(recorder, store):
    report(recorder, 1, start(1), complete(1))
    recorder.on_trial_complete(1, [], trial(1))
    assert kinds(store).count("trial_complete") == 1


DYING, DIVERGED = with_remedies(
    (
        Finding(name="dying_units", epoch=1, evidence="60% of the 16 units of dense1 are dead", layer_id="dense1"),
        Finding(name="divergence", epoch=2, evidence="the loss was not finite", hopeless=True),
    ),
    HYPERPARAMETERS,
)


def alerts(store):
    return [event.finding for _, event in store.read("s") if event.type == "health_alert"]


def test_a_finding_is_an_alert_right_after_its_epoch_and_told_once(recorder, store):
    report(recorder, 1, start(1))
    sick = epoch(1, 1, 0.5).model_copy(update={"findings": (DYING,)})
    report(recorder, 1, sick)
    report(recorder, 1, sick)
    assert kinds(store) == ["trial_start", "epoch_progress", "health_alert", "new_best"]
    assert alerts(store) == [DYING]


def test_a_finding_that_only_the_end_tells_is_an_alert_before_it(recorder, store):
    report(recorder, 1, start(1), epoch(1, 1, 0.5).model_copy(update={"findings": (DYING,)}))
    ended = complete(1, None, kind="diverged").model_copy(update={"findings": (DYING, DIVERGED)})
    report(recorder, 1, ended)
    assert kinds(store)[-2:] == ["health_alert", "trial_complete"]
    assert alerts(store) == [DYING, DIVERGED]
    assert store.trials("s")[0].findings == (DYING, DIVERGED)


def test_a_trial_that_the_scheduler_ended_has_the_health_of_its_best_epoch(recorder, store):
    first = epoch(1, 1, 0.5).model_copy(
        update={"health_metrics": health(), "vital_signs": signs(), "findings": (DYING,)}
    )
    report(
        recorder,
        1,
        start(1),
        first,
        epoch(1, 2, 0.4).model_copy(update={"health_metrics": health(gradient_health=0.1)}),
    )
    recorder.on_trial_complete(1, [], trial(1))
    (ended,) = store.trials("s")
    assert (ended.status, ended.best_epoch) == ("pruned", 1)
    assert (ended.health_metrics, ended.vital_signs, ended.findings) == (health(), signs(), (DYING,))


def test_a_trial_that_a_person_cancelled_ends_for_good_with_what_it_had_reached(recorder, store, signal, paths):
    report(recorder, 1, start(1))
    report(recorder, 1, epoch(1, 1, 0.5))
    signal.trials_to_cancel = frozenset({1})
    recorder.on_trial_complete(1, [], trial(1))
    [row] = store.trials("s")
    assert (row.status, row.cause, row.reason) == ("cancelled", "cancelled", "cancelled by a person")
    assert (row.epochs_trained, row.objective) == (1, 0.5)
    assert store.read("s")[-1][1].cancelled_by_person
    assert recorder._leader.best_ended == 1, "its model may be the study's best one"


def test_a_cancelled_trial_whose_worker_is_lost_does_not_start_again(recorder, store, signal):
    report(recorder, 1, start(1))
    signal.trials_to_cancel = frozenset({1})
    recorder.on_trial_error(1, [], lost(1))
    assert store.trials("s")[0].reason == "cancelled by a person"
    assert recorder.restarts == 0


def test_a_person_cancels_one_trial_while_the_study_stops(recorder, store, signal):
    for number in (1, 2):
        report(recorder, number, start(number))
    signal.trials_to_cancel = frozenset({1})
    signal.request("cancelled", "stopped by Ctrl-C")
    for number in (1, 2):
        recorder.on_trial_complete(1, [], trial(number))
    told = [event for _, event in store.read("s") if event.type == "trial_complete"]
    assert [event.continues for event in told] == [False, True]


def test_once_the_study_stops_a_trial_is_cancelled_and_not_pruned(recorder, store, signal):
    report(recorder, 1, start(1))
    signal.request("cancelled", "stopped by Ctrl-C")
    recorder.on_trial_complete(1, [], trial(1))
    row = store.trials("s")[0]
    assert (row.status, row.reason) == ("cancelled", "the study stopped: stopped by Ctrl-C")


def failed(number: int, error: Exception) -> SimpleNamespace:
    """Return Ray Tune's trial after an error of its worker."""
    made = trial(number)
    made.error = error
    return made


@pytest.fixture(autouse=True)
def errors(monkeypatch):
    """Ray Tune's files with the errors of trials are written and read in tests/runners/test_failures.py."""
    monkeypatch.setattr(ray_internals, "trial_error", lambda trial: (trial.error, None))


def lost(number: int) -> SimpleNamespace:
    return failed(number, ActorUnavailableError("The actor is temporarily unavailable", None))


def test_a_trial_whose_worker_died_before_it_began_is_left_to_be_tried_again(recorder, store):
    recorder.on_trial_error(1, [], lost(1))
    assert store.trials("s") == []
    assert recorder.restarts == 1


def test_a_trial_whose_worker_died_is_cut_short_to_go_on_with_another(recorder, store):
    report(recorder, 1, start(1), epoch(1, 1, 0.5))
    recorder.on_trial_error(1, [], lost(1))
    row = store.trials("s")[0]
    assert (row.status, row.cause) == ("cancelled", "worker_lost")
    assert row.reason.startswith("its worker was lost; it continues on another one: ActorUnavailableError: The actor")


def test_a_trial_whose_worker_is_lost_again_and_again_failed(recorder, store):
    for _ in range(WORKER_LOSSES):
        recorder.on_trial_error(1, [], lost(1))
    assert store.trials("s") == []
    recorder.on_trial_error(1, [], lost(1))
    row = store.trials("s")[0]
    assert (row.status, row.cause) == ("failed", "worker_lost")
    assert "temporarily unavailable" in row.error
    assert row.reason.startswith("its worker was lost 4 times, the last time: ActorUnavailableError: The actor ")


def test_a_crash_that_is_no_lost_worker_fails_at_once(recorder, store):
    recorder.on_trial_error(1, [], failed(1, RayTaskError("step", "Traceback ...\nValueError: no", ValueError("no"))))
    row = store.trials("s")[0]
    assert (row.status, row.cause, row.reason) == ("failed", "error", "ValueError: no")
    assert row.error.endswith("ValueError: no")


def test_a_full_disk_ends_the_study_with_the_reason_and_loses_no_trial(recorder, store, signal):
    report(recorder, 1, start(1), epoch(1, 1, 0.5))
    full = TryAgainError("no space left", remedy="make room")
    recorder.on_trial_error(1, [], failed(1, RayTaskError("step", "Traceback ...", full)))
    assert (signal.stop.status, signal.stop.reason) == ("failed", "no space left - make room")
    assert store.trials("s")[0].status == "cancelled", "`tuner resume` goes on with it"


def test_the_target_ends_the_study(recorder, signal):
    report(recorder, 1, start(1), complete(1, 0.94))
    assert signal.stop is None
    report(recorder, 2, start(2), complete(2, 0.95))
    assert (signal.stop.status, signal.stop.reason) == ("completed", "target reached: val_accuracy 0.9500")


class TestARunningTrial:
    """What it has reached counts at once."""

    def test_leads_from_the_epoch_in_which_it_is_the_best(self, recorder, store):
        report(recorder, 1, start(1), epoch(1, 1, 0.5))
        assert leaders(store) == [(1, 0.5)]
        report(recorder, 2, start(2), epoch(2, 1, 0.6))
        report(recorder, 1, epoch(1, 2, 0.55))
        report(recorder, 1, epoch(1, 3, 0.7))
        report(recorder, 1, epoch(1, 4, 0.65, last=True), complete(1, 0.7))
        assert leaders(store) == [(1, 0.5), (2, 0.6), (1, 0.7)]
        assert (store.study("s").best_trial_number, store.study("s").best_objective) == (1, 0.7)

    def test_ends_the_study_at_the_epoch_that_reaches_the_target_and_is_completed(self, recorder, store, signal):
        report(recorder, 1, start(1), epoch(1, 1, 0.5))
        report(recorder, 2, start(2), epoch(2, 1, 0.96))
        assert (signal.stop.status, signal.stop.cause) == ("completed", "target_reached")
        for number in (1, 2):
            recorder.on_trial_complete(1, [], trial(number))
        other, best = store.trials("s")
        assert (best.status, best.cause, best.best_epoch) == ("completed", "target_reached", 1)
        assert best.reason == "target reached: val_accuracy 0.9600"
        assert (other.status, other.cause) == ("cancelled", "target_reached")

    def test_keeps_the_weights_of_the_best_ended_trial_until_it_ends(self, recorder, paths):
        for number in (1, 2):
            keep(paths, number)
        report(recorder, 1, start(1), complete(1, 0.5))
        report(recorder, 2, start(2), epoch(2, 1, 0.6))
        assert kept(paths) == ["trial-00001.npz", "trial-00002.npz"]
        report(recorder, 2, complete(2, 0.6))
        assert kept(paths) == ["trial-00002.npz"]

    def test_leads_still_if_it_diverges_later(self, recorder, store, paths):
        keep(paths, 1)
        report(recorder, 1, start(1), epoch(1, 1, 0.5), complete(1, 0.5, kind="diverged"))
        assert store.study("s").best_trial_number == 1
        assert kept(paths) == ["trial-00001.npz"]

    def test_gives_the_lead_back_if_its_end_is_worse_than_what_it_had_reached(self, recorder, store, paths):
        for number in (1, 2):
            keep(paths, number)
        report(recorder, 1, start(1), complete(1, 0.5))
        report(recorder, 2, start(2), epoch(2, 1, 0.6), complete(2, 0.4))
        assert leaders(store) == [(1, 0.5), (2, 0.6), (1, 0.5)]
        assert kept(paths) == ["trial-00001.npz"]

    @pytest.mark.parametrize(
        ("constraint", "early"),
        [
            ("parameter_count<=10", True),
            ("val_accuracy>=0.5", True),
            ("val_accuracy<=0.99", False),
            ("val_loss<=0.9", False),
            ("inference_time<=9", False),
            ("training_time<=9", False),
        ],
    )
    def test_waits_for_its_end_if_a_constraint_is_on_a_value_that_may_change(
        self, study_log, store, paths, signal, constraint, early
    ):
        recorder = make_recorder(study_log, paths, signal, SPEC.model_copy(update={"constraints": (constraint,)}))
        report(recorder, 1, start(1), epoch(1, 1, 0.6))
        assert bool(leaders(store)) == early
        report(recorder, 1, complete(1, 0.6))
        assert leaders(store) == [(1, 0.6)]

    def test_waits_for_its_end_if_the_objective_has_no_value_after_each_epoch(self, study_log, store, paths, signal):
        spec = StudySpec(run_name="s", trials=5, objective="parameter_count")
        recorder = make_recorder(study_log, paths, signal, spec)
        report(recorder, 1, start(1), epoch(1, 1, 0.6))
        assert leaders(store) == []

    def test_waits_until_all_health_metrics_are_known(self, study_log, store, paths, signal):
        spec = StudySpec(run_name="s", trials=5, mode="health")
        recorder = make_recorder(study_log, paths, signal, spec)
        lacking = health("convergence_quality")
        report(recorder, 1, start(1), epoch(1, 1, 0.8).model_copy(update={"health_metrics": lacking}))
        assert leaders(store) == []
        report(recorder, 1, epoch(1, 2, 0.7).model_copy(update={"health_metrics": health()}))
        assert leaders(store) == [(1, 0.7)]

    def test_has_its_last_total_score_after_its_end_even_if_its_objective_stays(self, study_log, store, paths, signal):
        spec = StudySpec(run_name="s", trials=5, mode="health")
        recorder = make_recorder(study_log, paths, signal, spec)
        report(recorder, 1, start(1), epoch(1, 1, 0.7).model_copy(update={"health_metrics": health()}))
        ended = complete(1, 0.7)
        scores = ended.performance.model_copy(update={"total_score": 0.6})
        report(recorder, 1, ended.model_copy(update={"performance": scores}))
        assert store.study("s").best_performance == store.trials("s")[0].performance == scores
        make_recorder(study_log, paths, signal, spec).mend()
        assert kinds(store).count("new_best") == 1, "announced once"

    def test_whose_lead_a_killed_run_did_not_announce_leads_when_it_goes_on(self, recorder, store):
        killed_after(store, start(1), epoch(1, 1, 0.7))
        report(recorder, 1, start(1).model_copy(update={"resumed_from_epoch": 1}))
        assert leaders(store) == [(1, 0.7)]


def leaders(store: Store) -> list[tuple[int, float]]:
    return [(event.trial_number, event.objective) for _, event in store.read("s") if event.type == "new_best"]


def kept(paths: StudyPaths) -> list[str]:
    return sorted(file.name for file in paths.checkpoints.iterdir())


def keep(paths: StudyPaths, number: int) -> None:
    """What a worker does before it reports."""
    paths.checkpoints.mkdir(exist_ok=True)
    (paths.checkpoints / state_file(number)).touch()


def test_only_the_best_trials_weights_are_kept(recorder, paths):
    for number, accuracy in enumerate([0.5, 0.4, 0.6, 0.3, 0.1], start=1):
        keep(paths, number)
        report(recorder, number, start(number), complete(number, accuracy))
    assert kept(paths) == ["trial-00003.npz"]


def test_weights_that_cannot_be_removed_are_no_reason_to_end(recorder, paths, store):
    (paths.checkpoints / state_file(1)).mkdir(parents=True)  # which unlink refuses
    report(recorder, 1, start(1), complete(1, 0.5))
    report(recorder, 2, start(2), complete(2, 0.6))
    assert store.study("s").best_trial_number == 2


def test_what_is_under_way_or_cut_short_keeps_its_weights(recorder, paths):
    for number in (1, 2, 3):
        keep(paths, number)
    report(recorder, 1, start(1), epoch(1, 1, 0.2))
    report(recorder, 2, start(2), complete(2, 0.3, kind="cancelled"))
    report(recorder, 3, start(3), complete(3, 0.5))
    assert kept(paths) == ["trial-00001.npz", "trial-00002.npz", "trial-00003.npz"]


def test_a_trial_that_goes_on_counts_the_epochs_of_its_earlier_run(recorder, study_log, store, paths, signal):
    report(recorder, 1, start(1), epoch(1, 1, 0.7), epoch(1, 2, 0.2))
    again = make_recorder(study_log, paths, signal)
    resumed = start(1).model_copy(update={"resumed_from_epoch": 2})
    report(again, 1, resumed, epoch(1, 2, 0.2))
    report(again, 1, epoch(1, 3, 0.3))
    again.on_trial_complete(1, [], trial(1))
    row = store.trials("s")[0]
    assert (row.objective, row.best_epoch, row.epochs_trained) == (0.7, 1, 3)
    assert row.values["training_time"] == 3.0
    assert kinds(store).count("epoch_progress") == 3, "an epoch that is told again is stored once"


def test_an_epoch_that_was_trained_but_never_stored_is_told_again(recorder, study_log, store, paths, signal):
    report(recorder, 1, start(1), epoch(1, 1, 0.7))
    again = make_recorder(study_log, paths, signal)
    report(again, 1, start(1).model_copy(update={"resumed_from_epoch": 2}), epoch(1, 2, 0.8))
    assert [(row.epoch, row.objective) for row in store.epochs("s", 1)] == [(1, 0.7), (2, 0.8)]


def test_a_clone_counts_the_epochs_of_the_trial_it_was_copied_from(recorder, store):
    report(recorder, 1, start(1), epoch(1, 1, 0.9))
    report(recorder, 2, start(2), epoch(2, 1, 0.1))
    report(recorder, 2, start(2).model_copy(update={"resumed_from_epoch": 1, "cloned_from": 1}))
    report(recorder, 2, epoch(2, 2, 0.8))
    recorder.on_trial_complete(1, [], trial(2))
    assert store.trials("s")[1].objective == 0.9


def test_a_trial_that_breaks_a_constraint_never_leads(study_log, store, paths, signal):
    spec = SPEC.model_copy(update={"constraints": ("parameter_count<=5",)})
    report(make_recorder(study_log, paths, signal, spec), 1, start(1), complete(1, 0.9))
    assert store.study("s").best_trial_number is None
    spec = SPEC.model_copy(update={"constraints": ("parameter_count<=10", "val_accuracy>=0.5")})
    report(make_recorder(study_log, paths, signal, spec), 2, start(2), complete(2, 0.6))
    assert store.study("s").best_trial_number == 2


def test_learners_are_called_once_an_event_is_stored(recorder, study_log, store):
    learned = []
    study_log.subscribe(lambda event: learned.append((event.type, len(store.read("s")))))
    report(recorder, 1, start(1), epoch(1, 1, 0.5))
    assert learned == [("trial_start", 1), ("epoch_progress", 2), ("new_best", 3)]


def test_a_resumed_study_keeps_its_leader(recorder, study_log, store, paths, signal):
    report(recorder, 1, start(1), complete(1, 0.8))
    again = make_recorder(study_log, paths, signal)
    report(again, 2, start(2), complete(2, 0.7))
    assert store.study("s").best_trial_number == 1
    report(again, 3, start(3), complete(3, 0.9))
    assert store.study("s").best_trial_number == 3


def killed_after(store: Store, *events) -> None:
    """What is in the store of a run that was killed right after the last of these events."""
    for event in events:
        store.append("s", event)


def test_a_run_that_was_killed_before_it_said_who_leads_says_so_when_it_goes_on(recorder, store):
    killed_after(store, start(1), complete(1, 0.7))
    recorder.mend()
    assert kinds(store)[-1] == "new_best"
    assert (store.study("s").best_trial_number, store.study("s").best_objective) == (1, 0.7)
    recorder.mend()
    assert kinds(store).count("new_best") == 1, "told once"


def test_mending_takes_the_lead_from_nobody(recorder, store):
    killed_after(store, start(1), complete(1, 0.7), start(2), complete(2, 0.6), start(3), epoch(3, 1, 0.9))
    report(recorder, 4, start(4), complete(4, 0.8))
    recorder.mend()
    assert store.study("s").best_trial_number == 4, "what a killed run trained counts once it goes on"


def test_a_target_that_was_reached_at_the_moment_of_a_kill_ends_the_study_when_it_goes_on(recorder, store, signal):
    killed_after(store, start(1), complete(1, 0.96))
    recorder.mend()
    assert signal.stop.cause == "target_reached"


def test_a_run_that_was_killed_before_it_removed_weights_removes_them_when_it_goes_on(recorder, store, paths):
    for number in (1, 2, 3, 4):
        keep(paths, number)
    killed_after(store, start(1), complete(1, 0.5), start(2), complete(2, 0.3), start(3), epoch(3, 1, 0.2))
    killed_after(store, start(4), complete(4, 0.1, kind="cancelled"))
    recorder.mend()
    assert kept(paths) == ["trial-00001.npz", "trial-00003.npz", "trial-00004.npz"]


def test_a_trial_that_failed_before_its_first_epoch_ended_never_leads(recorder, store):
    report(recorder, 1, start(1), complete(1, None, kind="failed"))
    assert store.study("s").best_trial_number is None


def test_a_trial_records_the_method_that_suggested_it(recorder, store):
    suggested = trial(1)
    suggested.config["suggested_by"] = "gaussian_process"
    events = [event.model_dump(mode="json") for event in (start(1), epoch(1, 1, 0.5, last=True), complete(1, 0.5))]
    recorder.on_trial_result(1, [], suggested, {"events": events})
    rejected = trial(2)
    rejected.config["suggested_by"] = "tpe"
    end = complete(2, None, kind="rejected").model_dump(mode="json")
    recorder.on_trial_result(1, [], rejected, {"events": [end]})
    assert [row.suggested_by for row in store.trials("s")] == ["gaussian_process", "tpe"]


def test_a_trial_of_an_earlier_version_has_no_such_method(recorder, store):
    report(recorder, 1, start(1))
    assert [row.suggested_by for row in store.trials("s")] == [None]
