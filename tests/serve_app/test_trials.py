"""Trials, importance and the log of a study."""

from __future__ import annotations

import asyncio
import threading

import httpx
import pytest

from serve_app.app import make_app
from tests.serve_app import studies
from tests.store.samples import complete, start
from tuner.store import Lease, TrialSummary
from tuner.study.deletion import delete


@pytest.fixture
def study(store, settings):
    studies.running(store, settings.results_dir)


class TestTrials:
    def test_pages_by_number(self, client, store, settings):
        studies.make(store, settings.results_dir, "a")
        for number in range(1, 8):
            store.append("a", complete(number, status="pruned" if number > 5 else "completed"))
        first = client.get("/jobs/a/trials", params={"limit": 3}).json()
        second = client.get("/jobs/a/trials", params={"limit": 3, "cursor": first["next_cursor"]}).json()
        last = client.get("/jobs/a/trials", params={"limit": 3, "cursor": second["next_cursor"]}).json()
        found = [[trial["trial_number"] for trial in page["items"]] for page in (first, second, last)]
        assert (found, last["next_cursor"]) == ([[1, 2, 3], [4, 5, 6], [7]], None)
        pruned = client.get("/jobs/a/trials", params={"status": ["pruned", "failed"]}).json()["items"]
        assert [trial["trial_number"] for trial in pruned] == [6, 7]

    def test_it_is_what_its_schema_says(self, client, study):
        for trial in client.get("/jobs/running/trials").json()["items"]:
            assert TrialSummary.model_validate(trial).model_dump(mode="json") == trial

    def test_asked_again_they_come_only_if_something_happened(self, client, store, study):
        first = client.get("/jobs/running/trials")
        again = {"If-None-Match": first.headers["etag"]}
        nothing = client.get("/jobs/running/trials", headers=again)
        assert (nothing.status_code, nothing.content) == (304, b"")
        store.append("running", start(3))
        assert len(client.get("/jobs/running/trials", headers=again).json()["items"]) == 3

    def test_an_etag_of_a_deleted_study_means_nothing_to_one_that_was_created_again(self, client, store, settings):
        studies.ended(store, settings.results_dir)
        again = {"If-None-Match": client.get("/jobs/ended/trials").headers["etag"]}
        delete(store, "ended")
        studies.ended(store, settings.results_dir)
        assert client.get("/jobs/ended/trials", headers=again).status_code == 200

    @pytest.mark.parametrize("asked", [{"limit": 1001}, {"cursor": "W10"}, {"cursor": "WyJhIl0"}, {"status": "fast"}])
    def test_a_wrong_question_is_refused(self, client, study, asked):
        assert client.get("/jobs/running/trials", params=asked).status_code == 422

    def test_one_has_its_curves_and_why_it_ended(self, client, study):
        trial = client.get("/jobs/running/trials/1").json()
        assert (trial["cause"], trial["reason"], trial["error"]) == ("all_epochs", "trained all epochs", None)
        assert [point["epoch"] for point in trial["curves"]] == [1, 2, 3]
        assert trial["curves"][0]["val_accuracy"] == 0.8
        assert [found["name"] for found in trial["findings"]] == ["dying_units"]
        assert len(trial["visualization"]["layers"]) == 5

    def test_one_that_runs_has_the_health_after_its_last_epoch(self, client, study):
        trial = client.get("/jobs/running/trials/2").json()
        assert (trial["status"], trial["performance"]) == ("running", None)
        assert trial["health_metrics"]["overall_health"] == pytest.approx(0.9)
        assert trial["visualization"]["performance_color"] is None

    def test_one_that_was_rejected_has_no_network(self, client, store, study):
        store.append("running", complete(3, status="rejected", cause="too_large", reason="too many weights"))
        trial = client.get("/jobs/running/trials/3").json()
        assert (trial["architecture"], trial["visualization"], trial["curves"]) == (None, None, [])

    @pytest.mark.parametrize(("number", "status"), [("77", 404), ("0", 422), ("x", 422), ("9" * 30, 422)])
    def test_one_that_is_not_there(self, client, study, number, status):
        assert client.get(f"/jobs/running/trials/{number}").status_code == status


class TestImportance:
    def test_after_too_few_trials_the_reason_is_told(self, client, study):
        told = client.get("/jobs/running/importance").json()
        assert told["importance"] is None
        assert "trials" in told["reason"]

    def test_it_is_judged_again_only_when_something_happened(self, client, store, study, monkeypatch, settings):
        from serve_app.routes import trials
        from tuner.study.importance import study_importance

        judged = []
        monkeypatch.setattr(trials, "study_importance", lambda *of: judged.append(of) or study_importance(*of))
        for _ in range(3):
            client.get("/jobs/running/importance")
        assert len(judged) == 1
        store.append("running", start(3))
        assert client.get("/jobs/running/importance").json()["trials_used"] == 1
        assert len(judged) == 2
        for _ in range(2):
            studies.ended(store, settings.results_dir)
            client.get("/jobs/ended/importance")
            delete(store, "ended")
        assert len(judged) == 4, "the second one has as many events as the first one, and is another study"

    def test_other_requests_are_answered_while_many_wait_for_it(self, services, study, monkeypatch):
        from serve_app.routes import trials
        from tuner.study.importance import study_importance

        computing, go_on = threading.Event(), threading.Event()

        def slow(*of):
            computing.set()
            assert go_on.wait(30)
            return study_importance(*of)

        monkeypatch.setattr(trials, "study_importance", slow)
        app = make_app(services)

        async def test() -> None:
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
                waiting = [asyncio.create_task(client.get("/jobs/running/importance")) for _ in range(60)]
                await asyncio.to_thread(computing.wait, 30)
                async with asyncio.timeout(10):
                    for path in ("/health", "/jobs/running"):
                        assert (await client.get(path)).status_code == 200
                go_on.set()
                assert {answer.status_code for answer in await asyncio.gather(*waiting)} == {200}

        asyncio.run(test())


class TestLogs:
    def test_the_last_lines_and_then_what_follows(self, client, store, settings):
        studies.ended(store, settings.results_dir)
        log = settings.results_dir / "ended" / "study.log"
        first = client.get("/jobs/ended/logs", params={"lines": 2}).json()
        assert first["lines"] == ["two", "three"]
        with log.open("a") as file:
            file.write("four\nhalf of ")
        second = client.get("/jobs/ended/logs", params={"offset": first["next_offset"]}).json()
        assert second["lines"] == ["four"], "a line that is being written comes when it is whole"
        with log.open("a") as file:
            file.write("five\n")
        third = client.get("/jobs/ended/logs", params={"offset": second["next_offset"]}).json()
        assert third["lines"] == ["half of five"]
        assert client.get("/jobs/ended/logs", params={"offset": third["next_offset"]}).json()["lines"] == []

    def test_a_long_log_comes_in_parts(self, client, store, settings, monkeypatch):
        studies.ended(store, settings.results_dir)
        monkeypatch.setattr("serve_app.routes.logs.MAX_BYTES", 9)
        (settings.results_dir / "ended" / "study.log").write_text("one\ntwo\nthree\n" + "x" * 20 + "\n")
        found, offset = [], 0
        for _ in range(6):
            part = client.get("/jobs/ended/logs", params={"offset": offset}).json()
            found += part["lines"]
            offset = part["next_offset"]
        assert found == ["one", "two", "three", "x" * 9, "x" * 9, "xx"]

    def test_a_study_that_is_being_prepared_has_none(self, client, store, settings):
        studies.make(store, settings.results_dir, "a")
        assert client.get("/jobs/a/logs").json() == {"lines": [], "next_offset": 0}

    def test_a_log_on_another_node_is_a_problem_that_names_the_node(self, client, store, settings):
        studies.make(store, settings.results_dir, "a")
        (settings.results_dir / "a").rmdir()
        store.take_lease("a", Lease("node-7:17", "another-machine/1"))
        answer = client.get("/jobs/a/logs")
        assert (answer.status_code, answer.json()["detail"]) == (404, "the log of study 'a' is on node node-7")
        assert answer.json()["remedy"].startswith("read a/study.log in the results folder of that node")

    def test_blank_lines_are_lines(self, client, store, settings):
        studies.ended(store, settings.results_dir)
        (settings.results_dir / "ended" / "study.log").write_bytes(b"a\n\nb \xff\n")
        assert client.get("/jobs/ended/logs").json()["lines"] == ["a", "", "b \ufffd"]


class TestHistory:
    def test_sessions_are_all_studies(self, client, store, study, settings):
        studies.ended(store, settings.results_dir)
        page = client.get("/api/sessions").json()
        assert [session["session_id"] for session in page["items"]] == ["ended", "running"]
        jobs = client.get("/jobs").json()["items"]
        for session, job in zip(page["items"], jobs, strict=True):
            for shown in (session, job):
                shown["progress"].pop("elapsed_time")
            assert session == job | {"session_id": job["id"]}

    def test_their_trials_are_those_of_the_job(self, client, study):
        assert client.get("/api/sessions/running/trials").json() == client.get("/jobs/running/trials").json()

    def test_the_network_of_every_trial_that_was_built(self, client, store, study):
        store.append("running", complete(3, status="rejected", cause="too_large"))
        first = client.get("/api/sessions/running/architectures", params={"limit": 1}).json()
        rest = client.get("/api/sessions/running/architectures", params={"cursor": first["next_cursor"]}).json()
        found = [network["trial_number"] for page in (first, rest) for network in page["items"]]
        assert (found, rest["next_cursor"]) == ([1, 2], None)
        assert first["items"][0]["visualization"] == client.get("/jobs/running/best-model").json()["visualization"]
