"""The served application for real: Ray Serve on loopback with two replicas, studies of digits as Ray Jobs, one driver
each, predictions by the winner."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.serve_app.served import LONG, Served, ended, serving, stop, trains
from tuner.datasets import load
from tuner.spec import parse_study_spec
from tuner.store import Store
from tuner.study.paths import StudyPaths

pytestmark = [pytest.mark.ray, pytest.mark.tensorflow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("served") / "results"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def served(results: Path) -> Iterator[Served]:
    """One application for the tests of this file."""
    with serving(results, "--replicas", "2") as running:
        yield running


@pytest.fixture(scope="module")
def store(results: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{results / 'tuner.db'}") as opened:
        yield opened


def driver(store: Store, name: str) -> int:
    """The process that runs the study."""
    said = store.study(name).driver
    assert said is not None
    return int(said.rpartition(":")[2])


def replicas(served: Served) -> list[int]:
    """The processes that answer."""
    return served.descendants("ServeReplica:tuner:api")


def test_it_tells_its_address_and_is_there(served: Served) -> None:
    assert served.said[-1] == f"tuner serves at {served.client.base_url} (Ctrl-C stops it)"
    assert served.get("/health")["status"] == "ok"
    assert len(replicas(served)) == 2


def test_a_study_runs_to_its_end_and_its_winner_predicts_as_keras_does(
    served: Served, store: Store, results: Path
) -> None:
    name = served.start("whole")
    assert served.get("/jobs")["items"][0]["id"] == name, "it is there at once"
    job = served.wait(name, ended)
    assert (job["status"], job["progress"]["trials_performed"]) == ("completed", 2)
    assert job["best_trial_number"] == served.get(f"/jobs/{name}/best-model")["trial_number"]

    _, test = load(parse_study_spec({"dataset": "digits"}).data)
    samples = np.asarray(test.x[:40], np.float32)
    answer = served.post(f"/jobs/{name}/best-model/predict", {"inputs": samples.tolist()})["predictions"]
    import keras

    model = keras.saving.load_model(StudyPaths(results / name).model)
    expected = model.predict(samples, verbose=0)
    labels = served.get(f"/jobs/{name}/best-model/predict/schema")["classes"]
    predicted = np.array([[one["probabilities"][label] for label in labels] for one in answer])
    assert np.abs(predicted - expected).max() < 1e-6
    assert [one["label"] for one in answer] == [labels[i] for i in expected.argmax(axis=1)]


def test_a_study_is_cancelled_in_the_middle_of_an_epoch_and_goes_on_where_it_was(served: Served, store: Store) -> None:
    name = served.start("cancelled", **LONG | {"trials": 1, "run_name": "cancelled"})
    served.wait(name, trains)
    served.post(f"/jobs/{name}/cancel")
    job = served.wait(name, ended)
    assert (job["status"], job["reason"]) == ("cancelled", "cancelled by `tuner cancel`")
    (trial,) = store.trials(name)
    study = store.study(name)
    assert trial.status == "cancelled"
    kept = len(store.epochs(name))

    served.post(f"/jobs/{name}/resume")
    served.wait(name, lambda job: trains(job) and job["progress"]["current_epoch"] > kept)
    starts = [event for _, event in store.read(name) if event.type == "trial_start"]
    assert starts[-1].resumed_from_epoch > 0
    assert store.study(name).started_at == study.started_at
    served.post(f"/jobs/{name}/cancel")
    served.wait(name, ended)


def test_a_driver_that_is_killed_is_followed_by_another_that_loses_nothing(served: Served, store: Store) -> None:
    name = served.start("killed", **LONG | {"trials": 1, "run_name": "killed"})
    served.wait(name, trains)
    before, first = store.read(name), driver(store, name)
    os.kill(first, signal.SIGKILL)
    served.wait(name, lambda job: store.study(name).alive and driver(store, name) != first and trains(job))
    assert store.read(name)[: len(before)] == before
    assert store.trials(name)[0].status == "running"
    served.post(f"/jobs/{name}/cancel")
    assert served.wait(name, ended)["status"] == "cancelled"


def test_a_replica_that_is_killed_takes_no_study_with_it(served: Served, store: Store) -> None:
    name = served.start("bereft", **LONG | {"trials": 1, "run_name": "bereft"})
    served.wait(name, trains)
    runs = driver(store, name)
    os.kill(replicas(served)[0], signal.SIGKILL)
    seen = store.last_sequence(name)
    served.wait(name, lambda job: trains(job) and store.last_sequence(name) > seen)
    assert driver(store, name) == runs
    served.post(f"/jobs/{name}/cancel")
    assert served.wait(name, ended)["status"] == "cancelled"


def test_a_study_that_was_deleted_leaves_nothing(served: Served, store: Store, results: Path) -> None:
    name = served.start("deleted", **LONG | {"run_name": "deleted"})
    assert served.client.delete(f"/jobs/{name}").status_code == 409, "it runs, or is about to"
    served.post(f"/jobs/{name}/cancel")
    served.wait(name, ended)
    assert served.client.delete(f"/jobs/{name}").status_code == 204
    assert served.client.get(f"/jobs/{name}").status_code == 404
    assert not (results / name).exists()
    assert name not in [study.name for study in store.studies()]


def test_after_a_restart_of_everything_history_is_as_it_was_and_studies_go_on(
    served: Served, store: Store, results: Path
) -> None:
    name = served.start("restarted", **LONG | {"trials": 1, "run_name": "restarted"})
    served.wait(name, trains)
    whole = {path: served.get(path) for path in ("/jobs/whole", "/jobs/whole/trials", "/jobs/whole/best-model")}
    before = store.read(name)
    assert stop(served.process) == 0
    assert store.study(name).standing == "interrupted"
    assert served.said[-2:] == [
        f"studies that run are interrupted, and the next tuner serve goes on: {name}",
        "stopping ...",
    ]

    with serving(results, "--go-on") as again:
        assert {path: again.get(path) for path in whole} == whole
        again.wait(name, trains)
        assert store.read(name)[: len(before)] == before
        again.post(f"/jobs/{name}/cancel")
        again.wait(name, ended)
        assert stop(again.process) == 0
    assert f"going on with study {name}" in again.said
