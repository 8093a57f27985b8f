"""The names that clients rely on: promises, for a study that runs, one that ended, and one without health."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from serve_app.app import make_app
from serve_app.feed import Feed
from serve_app.services import Services
from serve_app.settings import ServeSettings
from tests.serve_app import studies
from tests.serve_app.conftest import Client, ScriptedLauncher
from tests.serve_app.replicas import ScriptedBoards
from tuner.console.show import study_json
from tuner.events import BatchProgress
from tuner.store import Store

BATCH = {"trial_number": 2, "epoch": 2, "epochs": 3, "batch": 6, "batches": 24, "loss": 0.4, "accuracy": 0.8}
PROGRESS = [
    "trials_performed",
    "total_trials",
    "running_trials",
    "completed_trials",
    "failed_trials",
    "best_accuracy",
    "best_total_score",
    "average_duration_per_trial",
    "current_epoch",
    "total_epochs",
    "epoch_progress",
    "elapsed_time",
    "eta",
]
TRIAL = [
    "trial_id",
    "trial_number",
    "status",
    "started_at",
    "completed_at",
    "duration_seconds",
    "hyperparameters",
    "performance",
    "health_metrics",
    "architecture",
]
PERFORMANCE = ["total_score", "accuracy", "loss"]
HEALTH = [
    "overall_health",
    "neuron_utilization",
    "parameter_efficiency",
    "training_stability",
    "gradient_health",
    "convergence_quality",
    "accuracy_consistency",
]
ARCHITECTURE = [
    "type",
    "conv_layers",
    "filters_per_layer",
    "kernel_size",
    "dense_layers",
    "first_dense_nodes",
    "activation",
    "batch_normalization",
    "use_global_pooling",
    "lstm_units",
]
VISUALIZATION = [
    "type",
    "layers",
    "total_parameters",
    "model_depth",
    "max_layer_width",
    "performance_color",
    "health_indicators",
]
LAYER = [
    "layer_id",
    "layer_type",
    "position_z",
    "width",
    "height",
    "parameters",
    "activation",
    "filters",
    "kernel_size",
    "units",
    "input_shape",
    "output_shape",
]


HISTORY = ["trials", "architectures"]


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """An application with a running study in mode health, and finished ones: in mode health, in mode simple, and of
    texts. They are only read."""
    settings = ServeSettings(results_dir=tmp_path_factory.mktemp("house"), data_dir=None, database_url=None)
    boards = ScriptedBoards()
    boards.put("running", BatchProgress(**BATCH))
    with Store.open(settings.store_url()) as store:
        studies.running(store, settings.results_dir)
        studies.ended(store, settings.results_dir)
        studies.ended(store, settings.results_dir, "simple", mode="simple")
        studies.ended(store, settings.results_dir, "texts", built=studies.LSTM)
        yield Services(settings, store, ScriptedLauncher(store, settings), Feed(store, boards))


@pytest.fixture(scope="module")
def client(house) -> Client:
    return Client(make_app(house))


@pytest.fixture(params=["running", "ended", "simple", "texts"])
def study(request) -> str:
    return request.param


def everything(study: str) -> list[str]:
    """Every path that answers with what is known of a study."""
    paths = ["", "/trials", "/trials/1", "/trials/1/explain", "/best-model", "/best-model/download"]
    paths += ["/importance", "/explain", "/logs"]
    return [f"/jobs/{study}{path}" for path in paths] + [f"/api/sessions/{study}/{it}" for it in HISTORY]


def snapshot(house: Services, study: str) -> dict[str, Any]:
    """What the live feed begins with."""
    feed = Feed(house.store, ScriptedBoards())
    told: dict[str, Any] = json.loads(asyncio.run(feed.readings.latest(study)).snapshot.text)
    return told


def leaves(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that is no object and no list, with the name it stands under."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, key)
    else:
        yield key, value


def is_named_as_a_time(key: str) -> bool:
    return key == "time" or key.endswith("_at")


def missing(value: Any, names: list[str]) -> set[str]:
    """The names that an object, or one of the objects of a list, lacks."""
    values = value if isinstance(value, list) else [value]
    return {name for one in values for name in names if name not in one}


def test_every_promised_name_is_there(client, study):
    trials = client.get(f"/jobs/{study}/trials").json()["items"]
    whole = [client.get(f"/jobs/{study}/trials/{trial['trial_number']}").json() for trial in trials]
    best = client.get(f"/jobs/{study}/best-model").json()
    drawn = [shown["visualization"] for shown in client.get(f"/api/sessions/{study}/architectures").json()["items"]]
    assert len(trials) == len(whole) == len(drawn) == 2
    assert len(best["visualization"]["layers"]) == (3 if study == "texts" else 5)
    assert not missing(client.get(f"/jobs/{study}").json()["progress"], PROGRESS)
    assert not missing([*trials, *whole, best], TRIAL)
    assert not missing(best, ["training_duration", "updated_at", "visualization"])
    assert not missing([trial["architecture"] for trial in trials], ARCHITECTURE)
    assert not missing([best["visualization"], *drawn], VISUALIZATION)
    assert not missing(best["visualization"]["layers"], LAYER)
    assert all(isinstance(trials[0]["performance"][name], float) for name in PERFORMANCE)


def test_health_is_measured_unless_the_mode_is_simple(client, study):
    trials = client.get(f"/jobs/{study}/trials").json()["items"]
    indicators = client.get(f"/jobs/{study}/best-model").json()["visualization"]["health_indicators"]
    if study == "simple":
        assert [trial["health_metrics"] for trial in trials] == [None, None]
        assert indicators is None
    else:
        assert all(0 <= metrics[name] <= 1 for metrics in (trials[0]["health_metrics"], indicators) for name in HEALTH)


def test_what_a_kind_of_network_does_not_have_is_null(client):
    pictures, texts = (client.get(f"/jobs/{name}/trials/1").json()["architecture"] for name in ("ended", "texts"))
    assert (pictures["type"], pictures["lstm_units"], pictures["filters_per_layer"]) == ("cnn", None, [16])
    assert (texts["type"], texts["lstm_units"]) == ("lstm", 32)
    convolutional = ("conv_layers", "filters_per_layer", "kernel_size", "use_global_pooling")
    assert [texts[name] for name in convolutional] == [None] * 4


def test_times_have_a_zone_whatever_is_asked(client, study, house):
    answers = [client.get(path).json() for path in everything(study)] + [snapshot(house, study)]
    found = [(key, value) for answer in answers for key, value in leaves(answer) if is_named_as_a_time(key)]
    assert {key for key, _ in found} >= {"created_at", "started_at", "completed_at", "updated_at", "time"}
    assert all(value is None or datetime.fromisoformat(value).tzinfo is not None for _, value in found)
    texts = [value for answer in answers for _, value in leaves(answer) if isinstance(value, str)]
    assert len([text for text in texts if re.match(r"\d{4}-\d\d-\d\dT", text)]) == len([v for _, v in found if v])


def test_what_is_not_there_yet_is_null(client):
    running = client.get("/jobs/running/trials").json()["items"][1]
    absent = ("completed_at", "duration_seconds", "performance", "health_metrics", "cause", "reason", "best_epoch")
    assert [running[name] for name in absent] == [None] * len(absent)
    assert client.get("/jobs/running").json()["completed_at"] is None


def test_a_study_answers_the_same_after_a_restart(client, study, house):
    with Store.open(house.settings.store_url()) as other:
        again = Client(make_app(replace(house, store=other)))
        for path in everything(study):
            before, after = client.get(path).json(), again.get(path).json()
            for answer in (before, after):
                answer.get("progress", {}).pop("elapsed_time", None)
                answer.get("progress", {}).pop("eta", None)
            assert before == after


def test_a_finished_study_answers_exactly_like_a_running_one(client, house):
    for one, other in zip(everything("running"), everything("ended"), strict=True):
        assert names(client.get(one).json()) == names(client.get(other).json())
    assert names(snapshot(house, "running")) == names(snapshot(house, "ended"))


def names(value: object) -> object:
    """The keys of objects within objects; of lists and nulls nothing."""
    if not isinstance(value, dict):
        return None
    free = ("spec", "best", "hyperparameters", "values", "metadata")
    return {key: None if key in free else names(inner) for key, inner in value.items()}


class TestProgress:
    def test_of_a_study_that_runs(self, client):
        shown = client.get("/jobs/running").json()["progress"]
        assert (shown["trials_performed"], shown["total_trials"], shown["running_trials"]) == (1, 10, 1)
        assert (shown["completed_trials"], shown["failed_trials"], shown["pruned_trials"]) == (1, 0, 0)
        assert (shown["best_accuracy"], shown["average_duration_per_trial"]) == (0.9, 30)
        assert (shown["current_epoch"], shown["total_epochs"], shown["epoch_progress"]) == (2, 3, 0.25)
        assert shown["eta"] == pytest.approx((9 - (1 + 0.25) / 3) * 30)
        (trial,) = shown["running"]
        assert {name: trial[name] for name in BATCH} == BATCH

    def test_of_a_study_on_another_ray_cluster_the_batches_are_null(self, house):
        without = replace(house, feed=Feed(house.store, ScriptedBoards()))
        shown = Client(make_app(without)).get("/jobs/running").json()["progress"]
        assert (shown["current_epoch"], shown["total_epochs"], shown["epoch_progress"]) == (2, 3, None)
        assert [(trial["batch"], trial["batches"]) for trial in shown["running"]] == [(None, None)]

    def test_of_one_that_ended(self, client):
        shown = client.get("/jobs/ended").json()["progress"]
        assert (shown["trials_performed"], shown["total_trials"], shown["running_trials"]) == (2, 2, 0)
        assert (shown["elapsed_time"], shown["eta"], shown["current_epoch"]) == (200, None, None)

    def test_is_the_same_object_wherever_it_is_told(self, client, house, study):
        shown = client.get(f"/jobs/{study}").json()["progress"]
        (listed,) = client.get("/jobs", params={"containing": study}).json()["items"]
        (session,) = client.get("/api/sessions", params={"containing": study}).json()["items"]
        elsewhere = [listed, session, snapshot(house, study), study_json(house.store, study)]
        for progress in (told["progress"] for told in elsewhere):
            assert list(progress) == list(shown)
            # The clock runs on, and only REST has asked the board by now.
            moving = {"elapsed_time", "eta", *(("epoch_progress", "running") if study == "running" else ())}
            assert {key: progress[key] for key in shown if key not in moving} == {
                key: shown[key] for key in shown if key not in moving
            }
