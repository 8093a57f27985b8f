"""What could be searched and what it would cost: spaces, estimates, devices, dry runs, options."""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from serve_app.app import make_app
from serve_app.cluster_devices import ClusterDevices
from tests.serve_app import studies
from tests.serve_app.conftest import Client
from tests.store.samples import DATA
from tuner.devices.capacity import Gpu, Node
from tuner.errors import TryAgainError
from tuner.events import DataRead
from tuner.search.options import IMAGES
from tuner.search.space import make_space
from tuner.search.space_description import described
from tuner.spec import StudySpec
from tuner.store import Lease
from tuner.study.estimate import STUDY_S

NODES = (Node(2.0, host="b", memory_bytes=10), Node(4.0, (Gpu("A100"), Gpu()), host="a"))


@pytest.fixture
def on_two_nodes(serve):
    return serve(devices=lambda: NODES)


@pytest.fixture(scope="module")
def shared_on_two_nodes(shared):
    return Client(make_app(replace(shared, devices=lambda: NODES)))


@pytest.fixture
def no_cluster(monkeypatch):
    """Other tests of this process may be connected to one."""
    monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(is_initialized=lambda: False))


class TestSpace:
    def test_the_recorded_one_is_exact(self, client, store, settings):
        studies.make(store, settings.results_dir, "a")
        space = described(make_space(StudySpec(), "cnn", IMAGES, {}))
        store.take_lease("a", Lease.new())
        store.append("a", DataRead(data=DATA, space=space))
        answer = client.get("/jobs/a/space").json()
        assert answer["exact"] is True
        assert answer["parameters"] == [one.model_dump(mode="json") for one in space]

    def test_before_the_data_are_read_it_is_what_the_spec_says(self, client, store, settings):
        studies.make(store, settings.results_dir, "a", dataset="mnist", space={"kernel_size": 3, "conv_layers": "2..3"})
        answer = client.get("/jobs/a/space").json()
        found = {one["key"]: one for one in answer["parameters"]}
        assert answer["exact"] is False
        assert found["kernel_size"]["choices"] == [3]
        assert (found["conv_layers"]["low"], found["conv_layers"]["high"]) == (2, 3)

    def test_of_an_own_model_only_the_training_is_known(self, client, store, settings):
        studies.make(store, settings.results_dir, "a", model="module:function")
        answer = client.get("/jobs/a/space").json()
        known = {one["name"] for one in answer["parameters"]}
        assert answer["exact"] is False
        assert "learning_rate" in known
        assert "conv_layers" not in known

    def test_a_spec_that_fits_no_data_has_none(self, client, store, settings):
        studies.make(store, settings.results_dir, "a", dataset="mnist", space={"units": 3})
        assert client.get("/jobs/a/space").json() == {"parameters": [], "exact": False}

    def test_an_older_tuner_did_not_record_it(self, client, store, settings):
        studies.ended(store, settings.results_dir)
        answer = client.get("/jobs/ended/space").json()
        assert answer["exact"] is False
        assert "learning_rate_sgd" in {one["key"] for one in answer["parameters"]}

    def test_of_an_unknown_study_there_is_none(self, shared_client):
        assert shared_client.get("/jobs/nobody/space").status_code == 404


class TestEstimate:
    def test_a_study(self, on_two_nodes):
        answer = on_two_nodes.post("/estimate", json={"spec": {"dataset": "mnist", "trials": 8}}).json()
        assert answer["dataset"] == {
            "name": "mnist",
            "kind": "image",
            "samples": 70_000,
            "classes": 10,
            "input_shape": [28, 28, 1],
        }
        assert (answer["networks"], answer["workers"]) == (8, 6)
        assert answer["total_seconds"] == pytest.approx(2 * answer["seconds_per_trial"] + STUDY_S)
        assert answer["problems"] == []
        assert answer["smallest_parameters"] < answer["largest_parameters"]
        assert (answer["hyperparameters"], answer["layers"], answer["parameters"]) == (None, None, None)

    def test_what_an_earlier_study_of_the_same_data_took_corrects_it(self, on_two_nodes, store, settings):
        body = {"spec": {"dataset": "digits", "max_epochs_per_trial": 3}}
        calculated = on_two_nodes.post("/estimate", json=body).json()
        studies.ended(store, settings.results_dir)  # two trials at once on six CPUs
        trials = [trial.duration_seconds for trial in store.trials("ended")]
        found = on_two_nodes.post("/estimate", json=body).json()
        assert found["seconds_per_trial"] == pytest.approx(sum(trials) / 2)
        assert calculated["seconds_per_trial"] != found["seconds_per_trial"]
        rest = store.study("ended").active_seconds - sum(trials) / 2
        assert found["total_seconds"] == pytest.approx(4 * found["seconds_per_trial"] + rest)
        other = {"spec": {"dataset": "mnist"}}
        assert on_two_nodes.post("/estimate", json=other).json()["total_seconds"] > STUDY_S

    @pytest.mark.parametrize(
        ("fields", "field", "message"),
        [
            ({"cpus_per_trial": 64}, "cpus_per_trial", "a trial takes 64 CPUs: no machine has more than 4"),
            (
                {"use_multi_gpu": True, "target_gpus_per_worker": 3},
                "use_multi_gpu",
                "a trial takes 3 GPUs: no machine has more than 2",
            ),
            ({"cpus_per_trial": 4, "concurrent_workers": 500}, "concurrent_workers", "the machines fit 1 at a time"),
            ({"max_parameters": 10}, "max_parameters", "the smallest network of the search space has "),
            ({"constraints": ["parameter_count<=10"]}, "constraints", "no network can meet parameter_count<=10, "),
            ({"constraints": ["parameter_count>=1e12"]}, "constraints", "no network can meet parameter_count>=1e+12, "),
        ],
    )
    def test_what_cannot_work_is_named(self, shared_on_two_nodes, fields, field, message):
        answer = shared_on_two_nodes.post("/estimate", json={"spec": {"dataset": "digits", **fields}})
        assert answer.status_code == 200, answer.text
        (problem,) = answer.json()["problems"]
        assert problem["field"] == f"spec.{field}"
        assert problem["message"].startswith(message)

    def test_a_network(self, on_two_nodes):
        body = {"spec": {"dataset": "digits"}, "hyperparameters": {"conv_layers": 1, "dense_layers": 0}}
        answer = on_two_nodes.post("/estimate", json=body).json()
        assert answer["parameters"] == sum(layer["parameters"] for layer in answer["layers"])
        assert (answer["layers"][0]["layer_id"], answer["layers"][-1]["output_shape"]) == ("pixels", [10])
        assert answer["hyperparameters"]["conv_layers"] == 1
        assert min(answer["memory_bytes"], answer["flops"], answer["seconds_per_epoch"]) > 0

    def test_without_a_cluster_nothing_is_known_of_its_workers(self, client, no_cluster):
        answer = client.post("/estimate", json={"spec": {"dataset": "digits"}}).json()
        assert (answer["workers"], answer["total_seconds"]) == (None, None)
        assert answer["seconds_per_trial"] > 0

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"spec": {"dataset": "/etc/passwd"}}, "spec.dataset"),
            ({"spec": {"dataset": "digits", "model": "os:system"}}, "spec.model"),
            ({"spec": {"dataset": "digits", "trials": 0}}, "spec.trials"),
            ({"spec": {"dataset": "digits", "space": {"units": 3}}}, "spec.space.units"),
            ({"spec": {"dataset": "digits", "architecture": "ngram"}}, "spec"),
            ({"spec": {"dataset": "digits"}, "hyperparameters": {"conv_layers": 99}}, "hyperparameters.conv_layers"),
            ({"spec": {"dataset": "digits"}, "hyperparameters": {"units": 9}}, "hyperparameters.units"),
            ({"spec": {"dataset": "digits"}, "hyperparameters": {"x" * 300: 9}}, None),
            ({"spec": {"dataset": "digits"}, "hyperparameters": {f"x{n}": 1 for n in range(501)}}, "hyperparameters"),
            ({"spec": {"dataset": "digits"}, "network": {}}, "network"),
        ],
    )
    def test_what_is_wrong_is_named(self, shared_client, body, field):
        answer = shared_client.post("/estimate", json=body)
        assert answer.status_code == 422
        assert field is None or answer.json()["errors"][0]["field"] == field

    def test_it_takes_a_fraction_of_a_second_however_wide_the_space_is(self, shared_client):
        wide = {name: list(range(1, 1_001)) for name in ("filters_1", "filters_2", "filters_3", "first_dense_nodes")}
        began = time.monotonic()
        assert shared_client.post("/estimate", json={"spec": {"dataset": "digits", "space": wide}}).status_code == 200
        assert time.monotonic() - began < 10

    def test_sizes_that_only_the_data_tell_are_known_once_a_study_has_read_them(self, client, store, settings):
        body = {"spec": {"dataset": "gtsrb"}}
        before = client.post("/estimate", json=body).json()
        assert (before["dataset"]["input_shape"], before["largest_parameters"]) == (None, None)
        studies.make(store, settings.results_dir, "a", dataset="gtsrb")
        report = DATA.report.model_copy(update={"shape": (40, 42, 3)})
        store.append("a", DataRead(data=DATA.model_copy(update={"report": report})))
        after = client.post("/estimate", json=body).json()
        assert (after["dataset"]["input_shape"], after["dataset"]["samples"]) == ([40, 42, 3], 39_270)
        assert after["largest_parameters"] > 0

    def test_it_starts_nothing(self, client, store, launcher):
        client.post("/estimate", json={"spec": {"dataset": "digits"}})
        assert (store.studies(), launcher.asked) == ([], [])


class TestDevices:
    def test_the_machines_by_host_name(self, on_two_nodes):
        assert on_two_nodes.get("/devices").json() == {
            "nodes": [
                {"node": "a", "cpus": 4.0, "memory_bytes": None, "gpus": 2, "gpu_names": ["A100"]},
                {"node": "b", "cpus": 2.0, "memory_bytes": 10, "gpus": 0, "gpu_names": []},
            ],
            "cpus": 6.0,
            "gpus": 2,
        }

    def test_without_a_cluster_it_is_a_problem_with_a_remedy(self, client, no_cluster):
        answer = client.get("/devices")
        assert (answer.status_code, answer.json()["remedy"]) == (503, "start it by `tuner serve`")

    def test_a_reading_is_used_for_some_seconds_and_only_one_is_made_at_a_time(self, monkeypatch):
        reading, readings = threading.Event(), []

        def slow():
            readings.append(reading.wait(10))
            return NODES

        monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(is_initialized=lambda: True))
        devices = ClusterDevices()
        monkeypatch.setattr(devices, "_read", slow)
        found = []
        threads = [threading.Thread(target=lambda: found.append(devices())) for _ in range(5)]
        for thread in threads:
            thread.start()
        reading.set()
        for thread in threads:
            thread.join()
        assert (found, readings) == ([NODES] * 5, [True])

    def test_a_cluster_that_does_not_answer_occupies_other_requests_only_for_a_while(self, monkeypatch):
        monkeypatch.setattr("serve_app.cluster_devices.WAIT_S", 0.01)
        devices = ClusterDevices()
        with devices._lock, pytest.raises(TryAgainError, match="does not answer"):
            devices()


class TestDryRun:
    def test_it_returns_what_would_start_and_starts_nothing(self, client, store, launcher):
        body = {"dataset": "mnist", "trials": 3, "space": {"kernel_size": 3}}
        answer = client.post("/jobs?dry_run=true", json=body)
        assert answer.status_code == 200
        assert answer.json()["command"] == "tuner run dataset=mnist trials=3 space.kernel_size=3"
        assert answer.json()["id"].startswith("mnist-20")
        assert answer.json()["spec"]["run_name"] == answer.json()["id"]
        assert (store.studies(), launcher.asked) == ([], [])

    def test_a_name_that_was_given_stays(self, shared_client):
        answer = shared_client.post("/jobs?dry_run=true", json={"dataset": "digits", "run_name": "mine"}).json()
        assert (answer["id"], answer["command"]) == ("mine", "tuner run dataset=digits trials=20 run_name=mine")

    @pytest.mark.parametrize(
        "body",
        [
            {"dataset": "no-such"},
            {"dataset": "digits", "space": {"units": 3}},
            {"dataset": "digits", "trials": 0},
            {"dataset": "digits", "searcher": "nsga2"},
        ],
    )
    def test_it_refuses_what_the_start_refuses(self, shared_client, body):
        tried, started = (shared_client.post(path, json=body) for path in ("/jobs?dry_run=true", "/jobs"))
        assert tried.status_code == started.status_code == 422
        assert tried.json() == started.json()

    def test_a_name_that_is_taken_is_a_conflict(self, client, store, settings):
        studies.make(store, settings.results_dir, "a")
        assert client.post("/jobs?dry_run=true", json={"dataset": "digits", "run_name": "a"}).status_code == 409


class TestOptions:
    def test_each_field_says_its_values(self, shared_client):
        fields = {field["name"]: field for field in shared_client.get("/options").json()["fields"]}
        trials = fields["trials"]
        assert (trials["type"], trials["default_value"], trials["minimum"], trials["maximum"]) == (
            "integer",
            20,
            1,
            100_000,
        )
        assert (fields["mode"]["type"], fields["mode"]["choices"]) == ("choice", ["simple", "health", "pareto"])
        workers = fields["concurrent_workers"]
        assert (workers["type"], workers["choices"], workers["default_value"]) == ("integer", ["auto"], "auto")
        budget = fields["time_budget_s"]
        assert (budget["nullable"], budget["exclusive_minimum"], budget["default_value"]) == (True, 0, None)
        assert (fields["refit"]["type"], fields["refit"]["default_value"]) == ("boolean", False)
        assert fields["health_weights.gradient_health"]["default_value"] == 0.15

    def test_the_default_spaces_are_there_as_values(self, shared_client):
        parameters = shared_client.get("/options").json()["parameters"]
        assert {one["key"] for one in parameters["images"]} > {"kernel_size", "learning_rate_sgd"}
        assert parameters["texts"][0]["choices"] == ["ngram", "conv1d", "lstm", "gru"]
