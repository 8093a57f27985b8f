"""The application as a whole: problems, health, metrics, what it imports."""

from __future__ import annotations

import subprocess
import sys

import httpx
import pytest

from serve_app.app import make_app
from serve_app.launching.launcher import JobLauncher
from serve_app.public_text import over_http
from tests.serve_app import studies
from tests.serve_app.conftest import Client, house
from tests.serve_app.launching.fakes import AwayJobs
from tests.serve_app.replicas import WAIT_S
from tests.store.samples import start
from tuner.errors import TryAgainError
from tuner.search.options import options_json
from tuner.store import StoreQueries


class TestProblems:
    def test_every_error_has_one_form(self, shared_client):
        for answer in (
            shared_client.get("/jobs/x"),
            shared_client.post("/jobs", json={"trials": 0}),
            shared_client.get("/nowhere"),
            shared_client("PUT", "/jobs"),
        ):
            assert answer.headers["content-type"] == "application/problem+json"
            told = answer.json()
            assert set(told) == {"type", "title", "status", "detail", "remedy", "errors"}
            assert (told["status"], told["type"]) == (answer.status_code, "about:blank")

    @pytest.mark.parametrize(
        ("path", "allowed"),
        [
            ("/health", "GET, HEAD"),
            ("/jobs", "GET, HEAD, POST"),
            ("/jobs/a", "GET, HEAD, PATCH, DELETE"),
            ("/jobs/a/cancel", "POST"),
            ("/datasets/a", "GET, HEAD, DELETE"),
            ("/openapi.json", "GET, HEAD"),
        ],
    )
    def test_a_method_that_is_not_allowed_is_a_problem_that_names_all_that_are(self, shared_client, path, allowed):
        answer = shared_client("PUT", path)
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
        assert answer.json()["detail"] == f"PUT is not allowed for {path}"
        assert answer.json()["remedy"] == f"use {allowed}"

    def test_a_path_that_is_not_there_tells_where_those_that_are_stand(self, shared_client):
        told = shared_client.get("/nowhere/%ff").json()
        assert told["detail"].startswith("unknown path /nowhere/")
        assert shared_client.get(told["remedy"].partition(" ")[0]).status_code == 200

    def test_a_remedy_is_a_request_and_no_command_of_the_command_line(self):
        told = over_http("see `tuner list`, `tuner show a.b-c` or `tuner resume`; `tuner explain a` is for people")
        assert told == "see GET /jobs, GET /jobs/a.b-c or POST /jobs/{id}/resume; `tuner explain a` is for people"
        assert over_http("more: `tuner resume a trials=14`") == 'more: POST /jobs/a/resume {"trials": 14}'

    def test_an_unexpected_error_shows_its_details_in_the_log_only(self, client, store, monkeypatch, caplog):
        monkeypatch.setattr(type(store), "study", lambda *_: {}["password"])
        answer = client.get("/jobs/x")
        assert (answer.status_code, answer.json()["detail"]) == (500, "internal error; see the server log")
        assert "password" not in answer.text
        assert "GET /jobs/x failed" in caplog.text

    @pytest.mark.parametrize(
        "body",
        [
            b'{"trials": NaN}',
            b'{"trials": 1e999}',
            b'{"\\ud800": 1}',
            b"[" * 100_000,
            b"\xff",
            b'{"seed": 9' + b"9" * 5000 + b"}",
        ],
    )
    def test_no_body_brings_it_down(self, shared_client, body):
        answer = shared_client.post("/jobs", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 422)


class TestHead:
    """HEAD is answered wherever GET is: with its status and its headers, and without a body."""

    @pytest.fixture(scope="class")
    @classmethod
    def client(cls, tmp_path_factory):
        with house(tmp_path_factory.mktemp("head")) as services:
            studies.ended(services.store, services.settings.results_dir)
            yield Client(make_app(services))

    @pytest.mark.parametrize(
        "path",
        [
            *("/", "/health", "/jobs", "/jobs/ended", "/jobs/ended/trials", "/jobs/ended/logs", "/metrics"),
            *("/openapi.json", "/datasets/digits", "/jobs/nobody", "/nowhere", "/jobs?unknown=1", "/jobs/ended/cancel"),
        ],
    )
    def test_has_the_headers_of_get(self, client, path):
        head, get = client("HEAD", path), client.get(path)
        assert (head.status_code, head.content) == (get.status_code, b"")
        assert head.headers["content-length"] == get.headers["content-length"] != "0"
        assert head.headers["content-type"] == get.headers["content-type"]
        assert head.headers.get("etag") == get.headers.get("etag")

    def test_of_a_feed_without_end_ends(self, listen, store, settings):
        studies.running(store, settings.results_dir)
        replica = listen()
        answer = httpx.head(f"{replica.address}/jobs/running/events", timeout=WAIT_S)
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["content-type"].startswith("text/event-stream")
        for _ in range(300):
            if replica.feed.clients == 0:
                return
            httpx.get(f"{replica.address}/health")
        raise AssertionError("the feed still has a client")

    def test_is_answered_by_a_real_server_as_get(self, listen, store, settings):
        studies.ended(store, settings.results_dir)
        replica = listen()
        for path in ("/jobs", "/jobs/nobody", "/jobs/ended/best-model/archive"):
            head, get = (ask(replica.address + path, timeout=WAIT_S) for ask in (httpx.head, httpx.get))
            assert head.status_code == get.status_code
            assert head.headers["content-length"] == get.headers["content-length"]


def test_the_address_itself_tells_where_to_begin(client):
    told = client.get("/").json()
    assert (told["name"], told["version"]) == ("tuner", client.get("/health").json()["version"])
    for path in ("openapi", "studies", "datasets", "options"):
        assert client.get(told[path]).status_code == 200


class TestHealth:
    def test_it_answers_without_asking_anybody(self, client, monkeypatch):
        monkeypatch.setattr(StoreQueries, "trial_counts", lambda *_: 1 / 0)
        assert client.get("/health").json()["status"] == "ok"

    def test_it_is_ready_while_its_database_answers(self, client, monkeypatch):
        assert client.get("/ready").json() == {"status": "ready", "database": "ok", "jobs": "ok"}

        def away(_):
            raise TryAgainError("the database is away", remedy="call again")

        monkeypatch.setattr(StoreQueries, "trial_counts", away)
        answer = client.get("/ready")
        assert (answer.status_code, answer.json()["detail"]) == (503, "the database is away")

    def test_it_is_not_ready_while_no_study_can_be_started(self, serve, store, settings):
        client = serve(launcher=JobLauncher(store, settings, AwayJobs()))
        answer = client.get("/ready")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert answer.json()["detail"] == "Ray's dashboard, which starts jobs, does not answer"

    def test_it_is_not_ready_while_its_database_file_is_away_and_creates_no_other(self, client, store, settings):
        file = settings.results_dir / "tuner.db"
        away = file.rename(settings.results_dir / "elsewhere")
        for answer in (client.get("/ready"), client.post("/jobs", json={"run_name": "a"}), client.get("/jobs")):
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert "is gone: it was deleted or moved" in answer.json()["detail"]
        assert not file.exists()
        assert not (settings.results_dir / "a").exists()
        away.rename(file)
        assert client.get("/ready").json() == {"status": "ready", "database": "ok", "jobs": "ok"}
        assert client.post("/jobs", json={"run_name": "a"}).status_code == 201


def test_the_metrics_are_what_prometheus_reads(client, store, settings):
    from prometheus_client.parser import text_string_to_metric_families

    studies.ended(store, settings.results_dir)
    studies.make(store, settings.results_dir, "a")
    store.append("a", start(1))
    families = text_string_to_metric_families(client.get("/metrics").text)
    found = {(s.name, s.labels["status"]): s.value for family in families for s in family.samples}
    assert found == {
        ("tuner_studies", "completed"): 1,
        ("tuner_studies", "created"): 1,
        ("tuner_trials", "completed"): 2,
        ("tuner_trials", "running"): 1,
    }


def test_the_metrics_read_no_spec_which_may_be_long(client, store, settings, monkeypatch):
    studies.make(store, settings.results_dir, "a")
    monkeypatch.setattr("tuner.store.study_snapshot.stored_spec", lambda _: 1 / 0)
    assert 'tuner_studies{status="created"} 1' in client.get("/metrics").text


def test_the_options_are_those_of_the_command_line(client):
    assert client.get("/options").json() == options_json()


def test_it_imports_neither_ray_nor_tensorflow():
    code = "import sys, serve_app.app; print([name for name in ('ray', 'tensorflow', 'rich') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
