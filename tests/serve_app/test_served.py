"""The served application for real: Ray Serve on loopback with two replicas, studies of digits as Ray Jobs, one driver
each, the live feed, predictions by the winner.

What starts takes long (a driver, TensorFlow in a worker): so most tests share one study that would train for ever, and
each begins it, or lets it go on, where the test before has stopped it.
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import re
import shutil
import signal
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from serve_app.feed.protocol import server_message
from serve_app.pages import STATIC
from tests.saved_models import DAMAGES
from tests.serve_app.faults.clients import Clients, gaps
from tests.serve_app.served import LONG, WITHIN_S, Served, ended, serving, stop, trains
from tests.serve_app.test_datasets import photos
from tuner.data import Array
from tuner.datasets import load
from tuner.datasets.uploads import FOLDER
from tuner.spec import parse_study_spec
from tuner.store import Store

pytestmark = [pytest.mark.ray, pytest.mark.tensorflow, pytest.mark.timeout(5 * WITHIN_S)]

NAME = "long"
ZEROS = {"inputs": [np.zeros((8, 8, 1)).tolist()]}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("served") / "results"
    folder.mkdir()
    return folder


def secrets(results: Path) -> dict[str, str]:
    """Settings that only the environment of the processes may hold."""
    return {"TUNER_DATABASE_URL": f"sqlite:///{results / 'secret-1.db'}", "RUNPOD_API_KEY": "secret-2"}


@pytest.fixture(scope="module")
def served(results: Path) -> Iterator[Served]:
    """One application for the tests of this file."""
    with serving(results, "--replicas", "2", **secrets(results)) as running:
        yield running


@pytest.fixture(scope="module")
def store(results: Path) -> Iterator[Store]:
    with Store.open(secrets(results)["TUNER_DATABASE_URL"]) as opened:
        yield opened


@pytest.fixture(scope="module")
def whole(served: Served) -> dict[str, Any]:
    """A study that has run to its end."""
    name = served.start("whole", keep_models="all")
    assert served.get("/jobs")["items"][0]["id"] == name, "it is there at once"
    return served.wait(name, ended)


@pytest.fixture
def training(served: Served, store: Store) -> str:
    """A study that is in the middle of an epoch."""
    if NAME not in store.log_ends():
        served.start(NAME, **LONG)
    elif not store.study(NAME).alive:
        served.post(f"/jobs/{NAME}/resume")
    served.wait(NAME, trains)
    return NAME


def driver(store: Store, name: str) -> int:
    """The process that runs the study."""
    said = store.study(name).driver
    assert said is not None
    return int(said.rpartition(":")[2])


def replicas(served: Served) -> list[int]:
    """The processes that answer."""
    return served.descendants("ServeReplica:tuner:api")


async def watch(served: Served, path: str, enough: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
    """All that a client is told until it is enough; it connects again, with its last cursor, whenever it is cut off."""
    told: list[dict[str, Any]] = []
    address = str(served.client.base_url).replace("http", "ws") + path
    async with asyncio.timeout(WITHIN_S):
        while True:
            cursors = [message["cursor"] for message in told if "cursor" in message]
            after = f"?after={cursors[-1]}" if cursors else ""
            try:
                async with connect(address + after, max_size=None) as socket:
                    while not enough(told):
                        text = await socket.recv()
                        server_message.validate_json(text)
                        told.append(json.loads(text))
                    return told
            except (ConnectionClosed, InvalidStatus, OSError):
                await asyncio.sleep(0.2)


def numbers(told: list[dict[str, Any]]) -> list[int]:
    """Of durable messages."""
    return [message["sequence"] for message in told if "sequence" in message]


def test_it_tells_its_address_and_is_there(served: Served) -> None:
    *_, ray, address = [line for line in served.said if " at http" in line]
    assert re.fullmatch(r"Ray's dashboard is at http://127\.0\.0\.1:\d+", ray)
    told = "The dashboard and the HTTP API are" if (STATIC / "index.html").is_file() else "The HTTP API is"
    assert address == f"{told} at {served.client.base_url} (Ctrl-C stops the server)"
    assert served.get("/health")["status"] == "ok"
    assert len(replicas(served)) == 2


def test_a_foreign_page_and_a_foreign_name_are_refused_through_serve_too(served: Served) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
        assert served.client.get("/jobs", headers=headers).status_code == 403

    async def test() -> None:
        for path in ("/ws", "/ws/jobs/long"):
            with pytest.raises(InvalidStatus, match="403"):
                await connect(f"ws://{served.client.base_url.netloc.decode()}{path}", origin="https://evil.example")  # type: ignore[arg-type]

    asyncio.run(test())


def test_the_dashboard_and_compressed_answers_come_through_serve_too(served: Served) -> None:
    page = served.client.get("/s/long/trials", headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    again = served.client.get("/", headers={"Accept": "text/html", "If-None-Match": page.headers.get("etag", "")})
    assert again.status_code == (304 if (STATIC / "index.html").is_file() else 200)
    assert served.get("/")["name"] == "tuner"
    assert served.client.get("/assets/absent.js").status_code == 404
    answer = served.client.get("/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert (answer.headers["content-encoding"], answer.json()["info"]["title"]) == ("gzip", "tuner")
    assert served.get("/session") == {"login_required": False, "logged_in": True}


def test_a_request_that_would_freeze_it_is_refused_through_serve_too(served: Served) -> None:
    for many in (30_000, 100_000):
        answer = served.client.post("/jobs", json={"constraints": ["parameter_count<=1000000"] * many})
        assert (answer.status_code, len(answer.content) < 1_000) == (413, True)
        assert served.get("/health")["status"] == "ok"


@pytest.mark.slow
def test_head_is_answered_through_serve_too_and_a_feed_without_end_is_cut_off(
    served: Served, whole: dict[str, Any]
) -> None:
    for path in ("/jobs", "/jobs/nobody", "/jobs/whole/events"):
        with served.client.stream("GET", path) as get:
            head = served.client.head(path)
            assert (head.status_code, head.content) == (get.status_code, b"")
            assert head.headers["content-type"] == get.headers["content-type"]
    assert served.client.put("/jobs/whole").headers["allow"] == "GET, HEAD, PATCH, DELETE"


def test_a_data_set_is_uploaded_and_deleted_by_any_replica(served: Served) -> None:
    for _ in range(2):
        asked = {"name": "photos", "format": "npz"}
        answer = served.client.post("/datasets", params=asked, content=photos())
        assert answer.status_code == 201, answer.text
        assert served.get("/datasets/photos")["samples"] == 60
        assert served.client.delete("/datasets/photos").status_code == 204
        assert served.client.delete("/datasets/photos").status_code == 404


def test_a_study_runs_to_its_end_and_its_network_is_told_layer_by_layer(served: Served, whole: dict[str, Any]) -> None:
    assert (whole["status"], whole["progress"]["trials_performed"]) == ("completed", 2)
    best = served.get("/jobs/whole/best-model")
    assert (best["trial_number"], best["saved"], best["health_metrics"]) == (whole["best_trial_number"], True, None)
    drawn = best["visualization"]
    layers = drawn["layers"]
    assert (layers[0]["input_shape"], layers[-1]["output_shape"]) == ([8, 8, 1], [10])
    assert sum(layer["parameters"] for layer in layers) == drawn["total_parameters"]
    assert {"Conv2D", "Dense"} <= {layer["layer_type"] for layer in layers}
    trials = served.get("/jobs/whole/trials")["items"]
    assert [len(served.get(f"/jobs/whole/trials/{trial['trial_number']}")["curves"]) for trial in trials] == [2, 2]


def test_the_winner_predicts_as_keras_does_and_so_does_the_model_of_the_archive(
    served: Served, whole: dict[str, Any], tmp_path: Path
) -> None:
    _, test = load(parse_study_spec({"dataset": "digits"}).data)
    samples = np.asarray(test.x[:40], np.float32)
    answer = served.post("/jobs/whole/best-model/predict", {"inputs": samples.tolist()})["predictions"]
    import keras

    with zipfile.ZipFile(io.BytesIO(served.client.get("/jobs/whole/best-model/archive").content)) as archive:
        archive.extractall(tmp_path)
    expected: Array = keras.saving.load_model(tmp_path / "model.keras").predict(samples, verbose=0)
    labels = served.get("/jobs/whole/best-model/predict/schema")["classes"]
    assert labels == json.loads((tmp_path / "metadata.json").read_text())["labels"]
    predicted = np.array([[one["probabilities"][label] for label in labels] for one in answer])
    assert np.abs(predicted - expected).max() < 1e-6
    assert [one["label"] for one in answer] == [labels[i] for i in expected.argmax(axis=1)]


def test_a_kept_model_classifies_samples_and_the_best_one_a_file(
    served: Served, whole: dict[str, Any], results: Path
) -> None:
    import keras

    data, test = load(parse_study_spec({"dataset": "digits"}).data)
    assert served.get("/jobs/whole/best-model/predict/schema")["kept_trials"] == [1, 2]
    other = 3 - whole["best_trial_number"]
    asked = {"samples": {"split": "validation", "indices": list(range(40))}}
    answer = served.post(f"/jobs/whole/trials/{other}/predict", asked)
    assert answer["trial_number"] == other
    network = keras.saving.load_model(results / "whole" / "models" / f"trial-{other:05d}" / "model.keras")
    expected = network.predict_on_batch(data.validation.x[:40].astype(np.float32))
    found = np.array([list(one["probabilities"].values()) for one in answer["predictions"]])
    assert np.abs(found - expected).max() < 1e-6
    assert [one["truth"] for one in answer["predictions"]] == [str(y) for y in data.validation.y[:40]]
    (sample,) = served.get("/jobs/whole/samples?split=test&limit=1")["samples"]
    assert served.client.get(sample["image"]).headers["content-type"] == "image/png"

    file = io.BytesIO()
    np.savez(file, x=test.x[:300])
    table = served.client.post("/jobs/whole/best-model/predict/file?format=npz", content=file.getvalue())
    rows = list(csv.DictReader(io.StringIO(table.text)))
    asked = {"samples": {"split": "test", "indices": list(range(256))}}
    best = served.post("/jobs/whole/best-model/predict", asked)["predictions"]
    assert len(rows) == 300
    assert [row["label"] for row in rows[:256]] == [one["label"] for one in best]


def test_figures_are_drawn_by_processes_that_end_with_their_client(
    served: Served, whole: dict[str, Any], results: Path
) -> None:
    answer = served.client.get("/jobs/whole/plots/history")
    assert answer.is_success, answer.text
    assert answer.content.startswith(b"\x89PNG")

    def drawing() -> list[int]:
        return served.descendants("tuner.study.figures")

    async def leave() -> None:
        async with (
            asyncio.timeout(WITHIN_S),
            httpx.AsyncClient(base_url=served.client.base_url, timeout=None) as client,
        ):
            asked = asyncio.create_task(client.get(f"/jobs/whole/trials/{whole['best_trial_number']}/plots/animation"))
            while not drawing():
                await asyncio.sleep(0.05)
            asked.cancel()
            await asyncio.gather(asked, return_exceptions=True)
            while drawing():
                await asyncio.sleep(0.05)

    asyncio.run(leave())
    assert list((results / "whole" / "plots" / ".cache").glob("*animation*")) == [], "it was not drawn to its end"


@pytest.mark.slow
def test_what_happens_is_told_while_it_happens(served: Served, training: str) -> None:
    async def by_websocket() -> None:
        wanted = {"snapshot", "epoch_progress", "batch_progress", "resource_sample", "progress"}
        told = await watch(served, f"/ws/jobs/{training}", lambda told: wanted <= {one["type"] for one in told})
        assert told[0]["type"] == "snapshot"
        assert numbers(told) == list(range(told[0]["sequence"], numbers(told)[-1] + 1))

    async def of_all() -> None:
        told = await watch(served, "/ws", lambda told: any(one["type"] == "batch_progress" for one in told))
        assert training in [brief["name"] for brief in told[0]["studies"]]

    async def by_curl() -> None:
        command = ["curl", "-sN", f"{served.client.base_url}/jobs/{training}/events"]
        curl = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        assert curl.stdout is not None
        try:
            async with asyncio.timeout(WITHIN_S):
                while (await curl.stdout.readline()).strip() != b"event: epoch_progress":
                    pass
        finally:
            curl.kill()
            await curl.wait()

    async def test() -> None:
        await asyncio.gather(by_websocket(), of_all(), by_curl())

    asyncio.run(test())


def test_each_study_is_a_job_of_its_own_with_its_name_and_its_log(served: Served, store: Store, training: str) -> None:
    assert served.descendants(f"serve_app.launching.driver\0{training}") == [driver(store, training)]
    logs = [log.name for log in served.rays.glob(f"ray/session_latest/logs/job-driver-{training}.*.log")]
    assert len(logs) > 0


@pytest.mark.slow
def test_a_study_is_cancelled_in_the_middle_of_an_epoch_and_of_resumes_at_once_one_goes_on_where_it_was(
    served: Served, store: Store, training: str
) -> None:
    served.wait(training, lambda job: trains(job) and job["progress"]["current_epoch"] > 1)
    served.post(f"/jobs/{training}/cancel")
    job = served.wait(training, ended)
    assert (job["status"], job["reason"]) == ("cancelled", "cancelled on request")
    assert store.trials(training)[0].status == "cancelled"
    study, kept = store.study(training), len(store.epochs(training))

    def resume(trials: int) -> tuple[int, int]:
        return served.client.post(f"/jobs/{training}/resume", json={"trials": trials}).status_code, trials

    with ThreadPoolExecutor(3) as requests:
        answers = sorted(requests.map(resume, (22, 23, 24)))
    assert [status for status, _ in answers] == [202, 409, 409]
    shown, accepted = served.get(f"/jobs/{training}"), answers[0][1]
    assert shown["status"] in ("created", "running")
    assert shown["spec"]["trials"] == shown["progress"]["total_trials"] == accepted

    served.wait(training, lambda job: trains(job) and job["progress"]["current_epoch"] > kept)
    starts = [event for _, event in store.read(training) if event.type == "trial_start"]
    assert starts[-1].resumed_from_epoch > 0
    assert store.study(training).started_at == study.started_at
    assert store.study(training).spec.trials == accepted


def test_a_database_file_that_is_moved_while_a_study_trains_is_waited_for(
    served: Served, store: Store, results: Path, training: str
) -> None:
    before, runs, file = store.read(training), driver(store, training), results / "secret-1.db"
    away = file.rename(results / "moved.db")
    answer = served.client.get("/ready")
    assert (answer.status_code, "is gone" in answer.text) == (503, True)
    until_s = time.monotonic() + WITHIN_S
    while "is gone: it was deleted or moved" not in (results / training / "study.log").read_text():  # the driver waits
        assert time.monotonic() < until_s
        time.sleep(0.2)
    assert not file.exists()
    away.rename(file)
    served.wait(training, lambda job: trains(job) and store.last_sequence(training) > len(before) + 2)
    assert store.read(training)[: len(before)] == before
    assert driver(store, training) == runs


@pytest.mark.parametrize("damage", ["cut short", "empty", "unreadable"])
def test_a_damaged_winner_is_a_problem_at_once(
    served: Served, results: Path, whole: dict[str, Any], damage: str, tmp_path: Path
) -> None:
    folder, path = results / "whole" / "best_model", "/jobs/whole/best-model"
    copy = shutil.copytree(folder, tmp_path / "copy")
    DAMAGES[damage][0](folder)
    began_s = time.monotonic()
    for answer in (served.client.post(f"{path}/predict", json=ZEROS), served.client.get(f"{path}/archive")):
        assert (answer.status_code, answer.json()["remedy"]) == (409, "POST /jobs/whole/resume saves it again")
    assert time.monotonic() - began_s < 15
    shutil.rmtree(folder)
    copy.rename(folder)
    assert len(served.post(f"{path}/predict", ZEROS)["predictions"]) == 1


@pytest.mark.slow
def test_a_driver_that_is_killed_is_followed_by_another_that_loses_nothing(
    served: Served, store: Store, training: str
) -> None:
    before, first = store.read(training), driver(store, training)
    os.kill(first, signal.SIGKILL)
    served.wait(training, lambda job: store.study(training).alive and driver(store, training) != first and trains(job))
    assert store.read(training)[: len(before)] == before
    assert store.trials(training)[0].status == "running"


def test_a_replica_or_a_live_hub_that_is_killed_takes_neither_a_study_nor_an_event_with_it(
    served: Served, store: Store, training: str
) -> None:
    runs, seen = driver(store, training), store.last_sequence(training)

    async def test() -> None:
        killed = False

        def enough(told: list[dict[str, Any]]) -> bool:
            nonlocal killed
            if told and not killed:
                killed = True
                for process in (*replicas(served), *served.descendants("ray::LiveProgress")):
                    os.kill(process, signal.SIGKILL)
            return killed and bool(told) and numbers(told)[-1] > seen + 4 and told[-1]["type"] == "batch_progress"

        told = await watch(served, f"/ws/jobs/{training}", enough)
        assert numbers(told) == list(range(told[0]["sequence"], numbers(told)[-1] + 1)), "none lost, none doubled"
        assert [one["type"] for one in told].count("snapshot") == 1

    asyncio.run(test())
    assert driver(store, training) == runs


def test_a_study_that_was_deleted_leaves_nothing(served: Served, store: Store, results: Path) -> None:
    name = served.start("deleted", **LONG)
    assert served.client.delete(f"/jobs/{name}").status_code == 409, "it is about to run"
    served.post(f"/jobs/{name}/cancel")
    served.wait(name, ended)
    assert served.client.delete(f"/jobs/{name}").status_code == 204
    assert served.client.get(f"/jobs/{name}").status_code == 404
    assert not (results / name).exists()
    assert name not in [study.name for study in store.studies()]


@pytest.mark.slow
def test_over_a_restart_of_everything_history_stays_and_studies_and_clients_go_on(
    served: Served, store: Store, results: Path, whole: dict[str, Any], training: str
) -> None:
    history = {path: served.get(path) for path in ("/jobs/whole", "/jobs/whole/trials", "/jobs/whole/best-model")}
    before, processes = store.read(training), served.descendants("")
    unfinished = results / FOLDER / ".unfinished-0123"
    unfinished.mkdir(parents=True)
    address = str(served.client.base_url).rstrip("/")
    with Clients(address, store, training) as clients:
        clients.know(store.last_sequence(training))
        assert stop(served.process, signal.SIGTERM) == 0
        assert [name for process in processes if (name := name_of(process))] == [], "no process outlives it"
        assert clients.closed[-1:] == [1012], "clients were told"
        assert store.study(training).current_status == "interrupted"
        ends = [f"running studies, which the next `tuner serve` can resume: {training}", "stopping ..."]
        assert [line for line in served.said if line in ends] == ends

        port = address.rpartition(":")[2]
        with serving(results, "--go-on", "--port", port, **secrets(results)) as again:
            assert {path: again.get(path) for path in history} == history
            assert not unfinished.exists(), "what a killed upload left"
            again.wait(training, trains)
            assert store.read(training)[: len(before)] == before
            clients.know(store.last_sequence(training))
            assert stop(again.process) == 0
    assert f"resuming study {training}" in again.said
    assert (clients.lost, clients.doubled, clients.false, gaps(store, training)) == ([], [], [], [])


def name_of(process: int) -> str:
    """Its command line, a few words; none: it is gone."""
    try:
        return Path(f"/proc/{process}/cmdline").read_text().replace("\0", " ")[:60]
    except (FileNotFoundError, ProcessLookupError):
        return ""
