"""Runs and the registry of MLflow, read back by its own client."""

from __future__ import annotations

import json
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.study.loggers.scripted_study import AFTER, BEFORE, NAME, ScriptedStudy, best_model
from tuner.study.loggers import logged
from tuner.study.loggers.follower import WrittenNumber
from tuner.study.loggers.packages import mlflow_address
from tuner.study.stop_signal import StopSignal

pytestmark = pytest.mark.skipif(find_spec("mlflow") is None, reason="needs mlflow-skinny")
"""Without the import, which takes seconds and which every process that collects tests would pay for."""


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with MLflow's empty tables, which take seconds to make."""
    from mlflow import MlflowClient

    folder = tmp_path_factory.mktemp("mlflow")
    MlflowClient(f"sqlite:///{folder}/mlflow.db", f"sqlite:///{folder}/mlflow.db").search_experiments()
    return folder


@pytest.fixture
def study(tmp_path: Path, empty: Path, monkeypatch: pytest.MonkeyPatch) -> ScriptedStudy:
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI", "MLFLOW_EXPERIMENT_NAME"):
        monkeypatch.delenv(name, raising=False)
    made = ScriptedStudy(tmp_path, "mlflow")
    shutil.copytree(empty, made.paths.folder / "mlflow")
    return made


def log_all(study: ScriptedStudy, *, cancelled: bool = False) -> None:
    stop = StopSignal()
    with logged(study.store, NAME, study.paths, stop):
        if cancelled:
            stop.request("cancelled", "stopped by Ctrl-C")


def client(study: ScriptedStudy) -> Any:
    from mlflow import MlflowClient

    return MlflowClient(mlflow_address(study.paths), mlflow_address(study.paths))


def runs(study: ScriptedStudy) -> dict[str, Any]:
    """All runs by name."""
    found = client(study).search_runs([client(study).get_experiment_by_name("tuner").experiment_id])
    named = {run.info.run_name: run for run in found}
    assert len(named) == len(found)
    return named


def points(study: ScriptedStudy, run: Any, name: str) -> list[tuple[int, float]]:
    return [(point.step, point.value) for point in client(study).get_metric_history(run.info.run_id, name)]


def save_model(folder: Path) -> Path:
    """A saved model of one layer, as study.export writes it."""
    import keras

    folder.mkdir()
    network = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
    network.save(folder / "model.keras")
    made_with = {"python": "3.11.2", "keras": keras.__version__, "tensorflow": "2.21.0"}
    (folder / "metadata.json").write_text(json.dumps({"trial_number": 3, "versions": made_with}))
    return folder


def test_a_study_is_a_run_with_a_nested_run_for_each_trial_that_started(study):
    study.append(*BEFORE, *AFTER)
    log_all(study)
    found = runs(study)
    assert set(found) == {NAME, "trial-00001", "trial-00003"}
    parent, trial = found[NAME], found["trial-00001"]
    assert trial.data.tags["mlflow.parentRunId"] == parent.info.run_id
    assert trial.data.params == {
        "optimizer": "adam", "learning_rate": "0.001", "batch_size": "32", "augmentation": "True",
    }  # fmt: skip
    assert (trial.data.tags["status"], trial.data.tags["suggested_by"]) == ("completed", "portfolio")
    assert (trial.info.status, parent.info.status) == ("FINISHED", "FINISHED")
    assert trial.info.start_time == round(BEFORE[2].time.timestamp() * 1000)
    assert trial.info.end_time == round(BEFORE[7].time.timestamp() * 1000)
    assert points(study, trial, "accuracy/validation") == [(1, 0.5), (2, 0.75)]
    assert points(study, trial, "gradients/block1_conv") == [(1, 0.5), (2, 0.5)]
    assert points(study, trial, "result/val_accuracy") == [(2, 0.75)]
    assert points(study, parent, "best/val_accuracy") == [(1, 0.75), (2, 0.75), (3, 0.875)]
    assert parent.data.params["dataset"] == study.store.study(NAME).spec.dataset


def test_a_resume_continues_the_same_runs_without_a_doubled_point(study):
    study.append(*BEFORE)
    log_all(study, cancelled=True)
    before = runs(study)
    assert (before[NAME].info.status, before["trial-00003"].info.status) == ("KILLED", "KILLED")
    study.append(*AFTER)
    log_all(study)
    after = runs(study)
    assert {name: run.info.run_id for name, run in after.items()} == {
        name: run.info.run_id for name, run in before.items()
    }
    # Epoch 2 was trained again; MLflow keeps its first value.
    assert points(study, after["trial-00003"], "accuracy/validation") == [(1, 0.25), (2, 0.5), (3, 0.875)]
    assert after["trial-00003"].info.status == "FINISHED"
    assert [step for step, _ in points(study, after[NAME], "best/val_accuracy")] == [1, 2, 3]


@pytest.mark.parametrize("known", [0, 3, 5, 7, 10, 12])
def test_a_kill_between_writing_and_noting_the_number_doubles_nothing(study, known):
    study.append(*BEFORE)
    log_all(study)
    WrittenNumber(study.paths.folder / "loggers" / "mlflow.json").write(known)
    study.append(*AFTER)
    log_all(study)
    found = runs(study)
    assert set(found) == {NAME, "trial-00001", "trial-00003"}
    assert points(study, found["trial-00001"], "accuracy/validation") == [(1, 0.5), (2, 0.75)]
    assert points(study, found["trial-00001"], "result/val_accuracy") == [(2, 0.75)]
    assert [step for step, _ in points(study, found["trial-00003"], "accuracy/validation")] == [1, 2, 3]
    assert [step for step, _ in points(study, found[NAME], "best/val_accuracy")] == [1, 2, 3]


def test_a_server_that_cannot_be_reached_harms_nothing(study, monkeypatch, caplog):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    study.append(*BEFORE)
    log_all(study)
    told = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert len([line for line in told if line.startswith("MLflow gets nothing more of this run")]) == 1


def test_another_server_after_a_resume_is_one_line(study, tmp_path, empty, monkeypatch, caplog):
    study.append(*BEFORE)
    log_all(study)
    shutil.copytree(empty, tmp_path / "other")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/other/mlflow.db")
    study.append(best_model(study.paths.best_model))
    log_all(study)
    assert "it has no run of trial 3; perhaps MLFLOW_TRACKING_URI was another one before" in caplog.text


@pytest.mark.tensorflow
@pytest.mark.filterwarnings("ignore:.*Any type hint is inferred:UserWarning")  # while mlflow.pyfunc is imported
def test_the_winner_is_in_the_registry_and_predicts_the_same(study, monkeypatch):
    import mlflow
    import numpy as np

    saved = save_model(study.paths.best_model)
    study.append(*BEFORE, *AFTER, best_model(saved))
    log_all(study)
    log_all(study)
    [version] = client(study).search_model_versions(f"name = '{NAME}'")
    assert version.run_id == runs(study)["trial-00003"].info.run_id
    assert version.tags["tuner.trial"] == "3"
    assert "validation accuracy 0.8750, test accuracy 0.8000" in version.description
    assert client(study).get_model_version_by_alias(NAME, "best").version == version.version
    assert runs(study)[NAME].data.metrics["best_model/test_accuracy"] == 0.8

    import keras

    samples = np.arange(8, dtype=np.float32).reshape(2, 4)
    expected = keras.saving.load_model(saved / "model.keras").predict(samples, verbose=0)
    with monkeypatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", mlflow_address(study.paths))
        patch.setenv("MLFLOW_REGISTRY_URI", mlflow_address(study.paths))
        loaded = mlflow.keras.load_model(f"models:/{NAME}@best")
        function = mlflow.pyfunc.load_model(f"models:/{NAME}/{version.version}")
    np.testing.assert_array_equal(loaded.predict(samples, verbose=0), expected)
    np.testing.assert_allclose(function.predict(samples), expected, rtol=1e-6)

    # Asked for more trials, the study saves its best model again: a second version, and the name `best` follows it.
    study.append(best_model(saved))
    log_all(study)
    assert {str(one.version) for one in client(study).search_model_versions(f"name = '{NAME}'")} == {"1", "2"}
    assert int(client(study).get_model_version_by_alias(NAME, "best").version) == 2
