"""Trials and the log of a study."""

from __future__ import annotations

import asyncio

import pytest

from serve_app.app import make_app
from serve_app.routes.common import to_cursor
from serve_app.trial_schemas import TRIAL_COLUMNS, TrialColumns
from tests.serve_app import studies
from tests.serve_app.conftest import Client, house
from tests.store.samples import complete, epoch, start
from tuner.store import Lease, TrialSummary
from tuner.study.deletion import delete


@pytest.fixture
def study(store, settings):
    studies.running(store, settings.results_dir)


@pytest.fixture(scope="module")
def only_read(shared):
    """A client of an application with that study, which no test changes."""
    studies.running(shared.store, shared.settings.results_dir)
    return Client(make_app(shared))


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

    @pytest.mark.parametrize(
        "asked",
        [
            {"limit": 1001},
            {"cursor": "W10"},
            {"cursor": "WyJhIl0"},
            {"status": "fast"},
            {"sort": "colour"},
            {"fields": "accuracy"},
            {"format": "columns", "fields": "acuracy"},
            {"format": "columns", "limit": 10_001},
            {"min_accuracy": "nan"},
            {"since": "yesterday"},
            *({"sort": sort, "cursor": to_cursor(["-loss", "0.3", 1])} for sort in ("trial_number", "loss")),
            *({"sort": "-loss", "cursor": to_cursor(["-loss", value, 1])} for value in ("x", "nan", "inf")),
            *(
                {"sort": "started_at", "cursor": to_cursor(["started_at", value, 1])}
                for value in ("2026-01-01T00:00:00", "x")
            ),
            {"sort": "parameters", "cursor": to_cursor(["parameters", str(2**64), 1])},
        ],
    )
    def test_a_wrong_question_is_refused(self, only_read, asked):
        assert only_read.get("/jobs/running/trials", params=asked).status_code == 422

    def test_the_refusal_names_the_nearest_column(self, only_read):
        answer = only_read.get("/jobs/running/trials", params={"format": "columns", "fields": "status,acuracy"})
        assert answer.json()["detail"] == "fields: unknown column 'acuracy': did you mean 'accuracy'?"

    def test_filters(self, only_read):
        def found(**asked):
            return [one["trial_number"] for one in only_read.get("/jobs/running/trials", params=asked).json()["items"]]

        assert found(status=["running"]) == [2]
        assert found(cause=["all_epochs", "pruned"]) == [1]
        assert found(architecture=["lstm"]) == []
        assert found(architecture=["cnn"], containing="ADAM") == [1, 2]
        assert found(min_accuracy=0.9, max_accuracy=0.9) == [1]
        assert found(min_parameters=1_899) == []
        assert found(sort="-trial_number") == [2, 1]

    @pytest.fixture(scope="class")
    @classmethod
    def seven(cls, tmp_path_factory):
        """A client of an application with a study of seven trials, which no test changes."""
        with house(tmp_path_factory.mktemp("seven")) as services:
            studies.running(services.store, services.settings.results_dir)
            for number in range(3, 8):
                services.store.append("running", complete(number, status="rejected", cause="too_large"))
            yield Client(make_app(services))

    @pytest.mark.parametrize("sort", ["accuracy", "-accuracy", "-started_at", "status", "parameters", "-trial_number"])
    @pytest.mark.parametrize("form", ["items", "columns"])
    def test_pages_in_any_order_have_every_trial_once(self, seven, sort, form):
        client = seven
        found, cursor = [], None
        while True:
            asked = {"sort": sort, "limit": 2, "format": form} | ({} if cursor is None else {"cursor": cursor})
            page = client.get("/jobs/running/trials", params=asked).json()
            of_columns = form == "columns"
            found += page["columns"]["trial_number"] if of_columns else [one["trial_number"] for one in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert sorted(found) == [1, 2, 3, 4, 5, 6, 7]
        whole = client.get("/jobs/running/trials", params={"sort": sort}).json()["items"]
        assert [one["trial_number"] for one in whole] == found


class TestColumns:
    def test_they_are_what_their_schema_says(self, client, store, study):
        store.append("running", complete(3, status="failed", cause="error", reason="cannot read /home/ann/a.csv"))
        answer = client.get("/jobs/running/trials", params={"format": "columns"}).json()
        read = TrialColumns.model_validate(answer)
        assert read.model_dump(mode="json") == answer
        assert tuple(answer["columns"]) == tuple(answer["fields"]) == TRIAL_COLUMNS
        assert answer["columns"]["reason"][2] == "cannot read a.csv", "no folder of the server"
        assert answer["columns"]["accuracy"] == [0.9, None, None]
        assert [len(outline) for outline in answer["columns"]["outline"][:2]] == [5, 5]

    def test_only_the_requested_ones_come(self, client, study):
        answer = client.get(
            "/jobs/running/trials", params={"format": "columns", "fields": "status,trial_number"}
        ).json()
        assert answer["columns"] == {"status": ["completed", "running"], "trial_number": [1, 2]}

    def test_since_an_answer_only_trials_come_that_changed(self, client, store, study):
        asked = {"format": "columns", "fields": "trial_number"}
        first = client.get("/jobs/running/trials", params=asked).json()
        store.append("running", epoch(2, 2))
        store.append("running", start(3))
        for place in (first["sequence"], first["cursor"]):
            later = client.get("/jobs/running/trials", params=asked | {"since": place}).json()
            assert later["columns"]["trial_number"] == [2, 3]
        assert later["sequence"] == first["sequence"] + 2
        nothing = client.get("/jobs/running/trials", params=asked | {"since": later["cursor"]}).json()
        assert nothing["columns"] == {"trial_number": []}

    def test_a_place_in_a_deleted_study_is_no_place_in_a_new_one(self, client, store, settings):
        studies.ended(store, settings.results_dir)
        place = client.get("/jobs/ended/trials", params={"format": "columns"}).json()["cursor"]
        delete(store, "ended")
        studies.ended(store, settings.results_dir)
        answer = client.get("/jobs/ended/trials", params={"format": "columns", "since": place}).json()
        assert answer["columns"]["trial_number"] == [1, 2]

    def test_the_feed_continues_after_the_answer(self, client, listen, store, study):
        cursor = client.get("/jobs/running/trials", params={"format": "columns"}).json()["cursor"]
        store.append("running", start(3))

        async def test() -> None:
            async with listen().connect(f"/ws/jobs/running?after={cursor}") as socket:
                told = await socket.next()
                assert (told["type"], told["trial_number"]) == ("trial_start", 3)

        asyncio.run(test())


class TestCurves:
    def test_of_all_trials(self, client, study):
        answer = client.get("/jobs/running/curves", params={"metric": "overall_health", "points": 2}).json()
        assert (answer["metric"], answer["sequence"]) == ("overall_health", 10)
        assert [(one["trial_number"], one["epochs"]) for one in answer["trials"]] == [(1, [1, 3]), (2, [1])]
        assert answer["trials"][0]["values"] == [pytest.approx(0.9)] * 2

    def test_a_wrong_question_is_refused(self, only_read):
        for asked in ({"metric": "colour"}, {"points": 1}, {"points": 1001}):
            assert only_read.get("/jobs/running/curves", params=asked).status_code == 422, asked

    def test_who_led_when(self, client, store, settings):
        studies.ended(store, settings.results_dir)
        found = client.get("/jobs/ended/bests").json()
        assert [(one["trial_number"], one["objective"]) for one in found] == [(1, 0.8), (2, 0.9)]
        assert found[0]["sequence"] < found[1]["sequence"]
        assert found[1]["performance"]["accuracy"] == 0.9


class TestOne:
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

    def test_one_that_is_not_there(self, only_read):
        for number, status in (("77", 404), ("0", 422), ("x", 422), ("9" * 30, 422)):
            assert only_read.get(f"/jobs/running/trials/{number}").status_code == status, number


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


class TestLogOfATrial:
    LOG = """\
2026-01-01T10:00:00Z INFO trial 1 started: cnn, 1,898 parameters
2026-01-01T10:00:01Z INFO trial 17 started: cnn, 650 parameters
2026-01-01T10:00:02Z INFO trial 1 epoch 1/3: loss 0.5
2026-01-01T10:00:03Z INFO the whole error of trial 17:
Traceback (most recent call last):
  File "/home/ann/model.py", trial 1
ValueError: no
2026-01-01T10:00:04Z INFO new best: trial 1, val_accuracy 0.9
2026-01-01T10:00:05Z INFO trial 17 fai"""

    @pytest.fixture
    def log(self, store, settings):
        studies.ended(store, settings.results_dir)
        log = settings.results_dir / "ended" / "study.log"
        log.write_text(self.LOG)
        return log

    def test_it_has_the_lines_about_the_trial_with_their_continuations(self, client, log):
        assert client.get("/jobs/ended/trials/17/log").json()["lines"] == [
            "2026-01-01T10:00:01Z INFO trial 17 started: cnn, 650 parameters",
            "2026-01-01T10:00:03Z INFO the whole error of trial 17:",
            "Traceback (most recent call last):",
            '  File "model.py", trial 1',
            "ValueError: no",
        ]
        assert [line[26:] for line in client.get("/jobs/ended/trials/1/log").json()["lines"]] == [
            "trial 1 started: cnn, 1,898 parameters",
            "trial 1 epoch 1/3: loss 0.5",
            "new best: trial 1, val_accuracy 0.9",
        ]
        assert client.get("/jobs/ended/trials/2/log").json()["lines"] == []

    def test_the_last_lines_and_then_what_follows(self, client, log):
        first = client.get("/jobs/ended/trials/17/log", params={"lines": 1}).json()
        assert first["lines"] == ["ValueError: no"]
        with log.open("a") as file:
            file.write("led: out of memory\n2026-01-01T10:00:06Z INFO trial 2 started\n")
        second = client.get("/jobs/ended/trials/17/log", params={"offset": first["next_offset"]}).json()
        assert second["lines"] == ["2026-01-01T10:00:05Z INFO trial 17 failed: out of memory"]
        assert second["next_offset"] == log.stat().st_size

    def test_from_beyond_its_end_there_is_nothing(self, client, log):
        answer = client.get("/jobs/ended/trials/17/log", params={"offset": 2**53}).json()
        assert answer == {"lines": [], "next_offset": log.stat().st_size}

    def test_a_long_log_comes_in_parts(self, client, log, monkeypatch):
        monkeypatch.setattr("serve_app.routes.logs.MAX_BYTES", 100)
        found, offset = [], 0
        for _ in range(6):
            part = client.get("/jobs/ended/trials/1/log", params={"offset": offset}).json()
            found += part["lines"]
            offset = part["next_offset"]
        assert [line[11:19] for line in found] == ["10:00:00", "10:00:02", "10:00:04"]


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
