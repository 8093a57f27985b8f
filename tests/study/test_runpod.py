"""A study on RunPod from beginning to end: Ray, the real client, the real worker and the real handler."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.runpod import faults
from tests.runpod.control_plane import ControlPlane
from tests.runpod.worker import Worker
from tests.study.conftest import SMALL_CNN, spec
from tuner.events import TrialBilled, TrialStart
from tuner.settings import Settings
from tuner.store import Store
from tuner.study import StudyResult, run
from tuner.study.paths import StudyPaths

pytestmark = [pytest.mark.slow, pytest.mark.ray, pytest.mark.tensorflow]


@pytest.fixture(scope="module")
def plane():
    with ControlPlane() as plane, Worker(plane, environment={"CONCURRENT_TRIALS": "2"}):
        yield plane


@pytest.fixture
def settings(tmp_path: Path, plane) -> Settings:
    return Settings(
        results_dir=tmp_path / "results",
        data_dir=None,
        database_url=None,
        runpod_api_key=plane.api_key,
        runpod_endpoint_id=plane.endpoint_id,
        runpod_base_url=f"{plane.base_url}/v2",
    )


def study(settings: Settings, **fields) -> StudyResult:
    asked = {"dataset": "digits", "use_runpod_service": True, "runpod_gpu": "RTX 4090", "concurrent_workers": 2}
    return run(spec(**(asked | fields)), settings=settings)


def events_of(settings: Settings, kind: type) -> list:
    with Store.open(settings.store_url()) as store:
        return [event for _, event in store.read("s") if isinstance(event, kind)]


def files_with(text: str, folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and text.encode() in file.read_bytes()]


def test_trials_train_there_and_everything_else_stays_as_it_is(cluster, plane, settings):
    result = study(settings, trials=3, max_epochs_per_trial=3, runpod_parity_trials=2, keep_models="all")
    assert result.status == "completed"
    assert [trial.place for trial in result.view.trials] == ["runpod"] * 3
    assert {trial.status for trial in result.view.trials} <= {"completed", "pruned"}
    assert (result.cloud.remote_trials, result.cloud.local_trials) == (3, 0)
    assert len(result.view.jobs) == len(events_of(settings, TrialBilled)) == 3
    assert result.cloud.billed_s == pytest.approx(sum(job["executionTime"] for job in plane.jobs()[-3:]) / 1e3)
    assert result.cloud.cost_usd == pytest.approx(result.cloud.billed_s * 0.00031)
    metadata = json.loads(StudyPaths(result.folder).metadata.read_text())
    assert metadata["place"] == "runpod"
    assert metadata["cloud"]["remote_trials"] == 3
    assert (result.parity.trials, result.parity.identical, result.parity.largest_accuracy_gap) == (2, 2, 0.0)
    completed = [trial.trial_number for trial in result.view.trials if trial.status == "completed"]
    assert result.view.kept_models.trials == completed, "their weights came back, whether they led or not"
    assert result.test_accuracy > 0.3
    assert result.model_path.is_file()
    assert not StudyPaths(result.folder).checkpoints.exists()
    assert files_with(plane.api_key, settings.results_dir) == []
    log = StudyPaths(result.folder).log.read_text()
    assert "trial 1 started on RunPod" in log
    assert "3 trials on RunPod (" in log
    assert "2 of 2 repeated trials identical" in log


def test_a_trial_that_the_scheduler_ends_costs_nothing_any_more(cluster, plane, settings):
    result = study(
        settings,
        trials=4,  # the fourth is compared with three that have ended
        concurrent_workers=1,
        max_epochs_per_trial=60,
        early_stopping_patience=None,
        searcher="random",
        scheduler="median",
        space=SMALL_CNN | {"learning_rate": [1e-5, 5e-3]},
        seed=3,
    )
    assert result.model_path.is_file(), "also where the winner's weights had to be trained again"
    pruned = [trial.trial_number for trial in result.view.trials if trial.cause == "pruned"]
    cancelled = [job for job in result.view.jobs if job.status == "CANCELLED"]
    assert pruned
    assert {job.trial_number for job in cancelled} == set(pruned)
    assert all(job.saved_s > 0 for job in cancelled)


def test_without_the_service_the_study_trains_here_and_says_why(cluster, plane, settings):
    plane.fail(faults.status("run", 401, times=None))
    try:
        result = study(settings, trials=2, max_epochs_per_trial=2, concurrent_workers=1)
    finally:
        plane.heal()
    why = "RunPod refuses the key (HTTP 401): check RUNPOD_API_KEY"
    assert result.status == "completed"
    assert [trial.place for trial in result.view.trials] == ["local"] * 2
    assert all(why in trial.why_local for trial in result.view.trials)
    assert (result.cloud.remote_trials, result.cloud.local_trials, result.cloud.cost_usd) == (0, 2, 0.0)
    assert result.model_path.is_file()
    assert all(start.why_local for start in events_of(settings, TrialStart))
