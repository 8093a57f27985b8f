"""How a run ends, whatever its search came to: no cluster, no training."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace

import pytest
import ray

from tests.study.conftest import replace_training
from tuner.devices.capacity import Node
from tuner.errors import ClusterLostError, FixInputError, StudyFailedError
from tuner.events import StudyStatus
from tuner.runners import nodes
from tuner.runners.cluster import RayCluster
from tuner.settings import Settings
from tuner.spec import StudySpec
from tuner.store import Store
from tuner.study import driver, resume, run
from tuner.study.cancellation import request_stop
from tuner.study.start import add
from tuner.study.stop_signal import StopSignal


@pytest.fixture
def searched(monkeypatch):
    """A training that does what its `run` is set to; `calls` is what was asked of the study's finish."""
    asked = SimpleNamespace(run=lambda signal: None, here=(Node(1),))
    asked.calls = replace_training(monkeypatch, lambda study_log, signal: asked.run(signal))

    @contextmanager
    def no_cluster():
        yield RayCluster(started=True, dashboard_url="http://127.0.0.1:8265")

    monkeypatch.setattr(driver, "ray_cluster", no_cluster)
    monkeypatch.setattr(nodes, "cluster_nodes", lambda: asked.here)
    return asked


@pytest.fixture
def settings(tmp_path):
    return Settings(results_dir=tmp_path / "results", data_dir=None, database_url=None)


def begin(settings):
    return run(StudySpec(dataset="digits", run_name="s", trials=1), settings=settings, signal=StopSignal())


def standing(settings):
    with Store.open(settings.store_url()) as store:
        study = store.study("s")
    return study.status, study.reason


def test_a_full_disk_is_the_reason_and_nothing_more_is_written(searched, settings):
    searched.run = lambda signal: signal.request("failed", "no space left")
    with pytest.raises(StudyFailedError, match="study 's' failed: no space left"):
        begin(settings)
    assert standing(settings) == ("failed", "no space left")
    assert "save_models" not in searched.calls


@pytest.mark.parametrize(
    ("error", "answers", "kind", "status"),
    [
        (OSError("no such file"), [True], OSError, "failed"),
        (OSError("no such file"), [False], ClusterLostError, "running"),
        (ray.exceptions.RayActorError(), [True, True, False], ClusterLostError, "running"),
    ],
)
def test_the_end_of_the_cluster_is_no_failure_of_the_study(
    searched, settings, monkeypatch, error, answers, kind, status
):
    def fails(_):
        raise error

    searched.run = fails
    monkeypatch.setattr("tuner.ray_internals.own_node_answers", iter(answers).__next__)
    with pytest.raises(kind):
        begin(settings)
    with Store.open(settings.store_url()) as store:
        study = store.study("s")
    assert (study.status, study.alive) == (status, False)


def test_a_worker_that_is_lost_in_a_cluster_that_goes_on_is_a_failure(searched, settings, monkeypatch):
    def fails(_):
        raise ray.exceptions.RayActorError

    searched.run = fails
    monkeypatch.setattr("tuner.ray_internals.own_node_answers", lambda: True)
    monkeypatch.setattr(driver, "CLUSTER_END_S", 0.0)
    with pytest.raises(StudyFailedError, match="`tuner resume s` continues it"):
        begin(settings)
    assert standing(settings)[0] == "failed"


def test_what_was_cancelled_saves_what_it_has(searched, settings):
    searched.run = lambda signal: signal.request("cancelled", "stopped by Ctrl-C")
    begin(settings)
    assert standing(settings) == ("cancelled", "stopped by Ctrl-C")
    assert searched.calls == ["save_models", "write_table", "repeat_remote_trials", "draw"]


def test_what_no_node_has_is_refused_and_nothing_is_written(searched, settings):
    with pytest.raises(
        FixInputError, match="a trial takes 1 CPU and 1 GPU of one node: the cluster has only nodes with 1"
    ):
        run(StudySpec(dataset="digits", run_name="s", gpus_per_trial=1), settings=settings)
    with Store.open(settings.store_url()) as store:
        assert store.studies() == []
    assert not (settings.results_dir / "s").exists()


def test_a_study_that_waits_for_a_node_which_the_cluster_could_bring_says_so_in_its_log(searched, settings):
    searched.here = (Node(0),)
    searched.run = lambda signal: signal.request("cancelled", "stopped by Ctrl-C")
    begin(settings.model_copy(update={"node_types": '[{"CPU": 4}, {"CPU": 2, "GPU": 1}]'}))
    assert "waiting for a node with 2 CPUs and 1 GPU" in (settings.results_dir / "s" / "study.log").read_text()


def test_the_address_of_rays_dashboard_is_passed_on(searched, settings):
    addresses = []
    searched.run = lambda signal: signal.request("cancelled", "enough")
    run(StudySpec(dataset="digits", run_name="s"), settings=settings, on_dashboard=addresses.append)
    assert addresses == ["http://127.0.0.1:8265"]


def put_down(settings, **fields):
    with Store.open(settings.store_url()) as store:
        add(store, StudySpec(run_name="s", trials=1, **fields), settings)


def log_of(settings):
    return (settings.results_dir / "s" / "study.log").read_text()


def test_a_study_that_was_put_down_and_cannot_start_failed_and_its_log_says_why(searched, settings, tmp_path):
    put_down(settings, dataset=str(tmp_path / "gone.npz"))
    with pytest.raises(FixInputError, match="does not exist"):
        resume("s", settings=settings)
    assert standing(settings) == ("failed", f"{tmp_path / 'gone.npz'} does not exist - check the path")
    assert "does not exist - check the path" in log_of(settings)


def test_a_defect_before_the_first_trial_is_in_the_log_with_its_traceback(searched, settings, monkeypatch):
    put_down(settings, dataset="digits")
    monkeypatch.setattr(driver, "check_resources", lambda *given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        resume("s", settings=settings)
    assert standing(settings) == ("failed", "ZeroDivisionError: division by zero")
    assert "Traceback" in log_of(settings)


def test_a_study_that_ran_before_and_cannot_continue_keeps_its_status(searched, settings):
    searched.run = lambda signal: signal.request("cancelled", "enough")
    begin(settings)
    searched.here = (Node(0),)
    with pytest.raises(FixInputError, match="a trial takes 1 CPU"):
        resume("s", settings=settings)
    assert standing(settings) == ("cancelled", "enough")
    assert "the study cannot start: a trial takes 1 CPU" in log_of(settings)


def test_a_resume_that_was_accepted_and_cannot_start_failed_and_reads_its_data_as_before(searched, settings):
    searched.run = lambda signal: signal.request("cancelled", "enough")
    begin(settings)
    with Store.open(settings.store_url()) as store:
        before = store.study("s").data
        after = store.append("s", StudyStatus(status="created"))
    searched.here = (Node(0),)
    with pytest.raises(FixInputError, match="a trial takes 1 CPU"):
        resume("s", after=after, settings=settings)
    assert standing(settings)[0] == "failed"
    with Store.open(settings.store_url()) as store:
        assert store.study("s").data == before


def test_a_study_that_was_cancelled_before_its_process_had_the_lease_does_not_begin(searched, settings):
    put_down(settings, dataset="digits")
    with Store.open(settings.store_url()) as store:
        request_stop(store, "s")
    with pytest.raises(FixInputError, match="study 's' was cancelled before it started"):
        resume("s", after=0, settings=settings)
    assert standing(settings) == ("cancelled", "cancelled before it started")


def test_a_budget_in_which_nothing_was_trained_says_so(searched, settings):
    searched.run = lambda signal: signal.request("completed", "time budget of 0.5 s used up", cause="time_budget")
    said = "the time budget of 0.5 s ended before a trial started; allow more seconds"
    with pytest.raises(StudyFailedError, match=said):
        begin(settings)
    assert standing(settings) == ("failed", said)


def test_a_run_in_which_ray_tune_started_nothing_failed(searched, settings):
    with pytest.raises(StudyFailedError, match="Ray Tune ended without starting a trial"):
        begin(settings)
