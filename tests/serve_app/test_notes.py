"""Notes, tags, stars, the number of workers and single trials that are cancelled, over HTTP."""

from __future__ import annotations

import pytest

from tests.serve_app import studies
from tests.store.samples import complete, start
from tuner.store import Changes


def patch(client, path: str, body: object):
    return client("PATCH", path, json=body)


def errors_of(response) -> dict[str, str]:
    assert response.status_code == 422
    return {error["field"]: error["message"] for error in response.json()["errors"]}


@pytest.fixture
def ended(store, settings) -> str:
    studies.ended(store, settings.results_dir, "a")
    return "a"


@pytest.fixture
def running(store, settings) -> str:
    studies.running(store, settings.results_dir, "r")
    return "r"


def running_trial(client, study: str) -> int:
    return client.get(f"/jobs/{study}/trials?status=running").json()["items"][0]["trial_number"]


class TestStudy:
    def test_note_tags_and_workers_change_and_are_shown_everywhere(self, client, ended):
        before = client.get("/jobs/a").json()
        assert (before["note"], before["tags"], before["concurrent_workers"]) == (None, [], None)
        body = {"note": "Larger kernels\nhelp.", "tags": [" course ", "mnist", "course"], "concurrent_workers": 3}
        answer = patch(client, "/jobs/a", body)
        told = {"note": "Larger kernels\nhelp.", "tags": ["course", "mnist"], "concurrent_workers": 3}
        assert answer.status_code == 200
        for shown in (answer.json(), client.get("/jobs/a").json(), client.get("/jobs").json()["items"][0]):
            assert told.items() <= shown.items()
        assert "spec" not in answer.json()

    def test_a_field_that_is_left_out_stays(self, client, ended):
        patch(client, "/jobs/a", {"note": "n", "tags": ["t"]})
        assert patch(client, "/jobs/a", {"tags": []}).json()["note"] == "n"
        assert patch(client, "/jobs/a", {"tags": None}).json()["note"] == "n"
        assert patch(client, "/jobs/a", {}).json()["note"] == "n"
        assert patch(client, "/jobs/a", {"note": None}).json()["note"] is None
        patch(client, "/jobs/a", {"note": "n"})
        assert patch(client, "/jobs/a", {"note": " \n"}).json()["note"] is None

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"note": "x" * 10_001}, "note"),
            ({"note": 3}, "note"),
            ({"tags": ["x" * 41]}, "tags.0"),
            ({"tags": ["x", " "]}, "tags.1"),
            ({"tags": ["a\tb"]}, "tags.0"),
            ({"tags": [str(n) for n in range(21)]}, "tags"),
            ({"concurrent_workers": 0}, "concurrent_workers"),
            ({"concurrent_workers": True}, "concurrent_workers"),
            ({"concurrent_workers": "2"}, "concurrent_workers"),
            ({"notes": "x"}, "notes"),
        ],
    )
    def test_a_wrong_field_is_named_and_nothing_changes(self, client, store, ended, body, field):
        last = store.last_sequence("a")
        assert list(errors_of(patch(client, "/jobs/a", {"note": "new"} | body))) == [field]
        assert store.last_sequence("a") == last

    @pytest.mark.parametrize(
        ("fields", "why"),
        [
            ({"deterministic": True, "concurrent_workers": 2}, "deterministic=true"),
            ({"scheduler": "pbt", "searcher": "random", "concurrent_workers": 2}, "scheduler=pbt"),
        ],
    )
    def test_workers_that_cannot_change_are_refused_in_a_sentence(self, client, store, settings, fields, why):
        studies.make(store, settings.results_dir, "d", **fields)
        answer = patch(client, "/jobs/d", {"note": "n", "concurrent_workers": 3})
        assert answer.status_code == 409
        assert answer.json()["detail"].startswith(f"concurrent_workers cannot change with {why}: ")
        assert answer.json()["remedy"] == "start a new study with another number"
        assert client.get("/jobs/d").json()["note"] is None
        assert patch(client, "/jobs/d", {"note": "n"}).status_code == 200

    def test_the_list_is_filtered_by_all_tags(self, client, store, settings):
        for name, tags in (("a", ["x", "ü 1"]), ("b", ["x"]), ("c", [])):
            studies.make(store, settings.results_dir, name)
            patch(client, f"/jobs/{name}", {"tags": tags})

        def listed(*tags: str, path: str = "/jobs") -> set[str]:
            return {job["id"] for job in client.get(path, params={"tag": list(tags)}).json()["items"]}

        assert listed() == {"a", "b", "c"}
        assert listed("x") == {"a", "b"}
        assert listed("x", "ü 1") == listed("ü 1") == listed("ü 1", path="/api/sessions") == {"a"}
        assert client.get("/jobs", params={"tag": "x" * 41}).status_code == 422

    def test_an_unknown_one(self, client):
        assert patch(client, "/jobs/nope", {"note": "n"}).status_code == 404


class TestTrial:
    def test_note_and_star_change_and_are_shown_everywhere(self, client, ended):
        before = client.get("/jobs/a/trials/1").json()
        assert (before["note"], before["starred"], before["cancel_requested_at"]) == (None, False, None)
        answer = patch(client, "/jobs/a/trials/1", {"note": "Look here.", "starred": True})
        assert answer.status_code == 200
        assert answer.json() == client.get("/jobs/a/trials/1").json()
        assert answer.json() | {"note": None, "starred": False} == before
        items = {item["trial_number"]: item for item in client.get("/jobs/a/trials").json()["items"]}
        assert (items[1]["note"], items[1]["starred"]) == ("Look here.", True)
        fields = "trial_number,note,starred,cancel_requested_at"
        columns = client.get(f"/jobs/a/trials?format=columns&fields={fields}").json()["columns"]
        assert (columns["note"][0], columns["starred"][0], columns["cancel_requested_at"][0]) == (
            "Look here.", True, None,
        )  # fmt: skip
        assert [item["trial_number"] for item in client.get("/jobs/a/trials?starred=true").json()["items"]] == [1]
        assert 1 not in [item["trial_number"] for item in client.get("/jobs/a/trials?starred=false").json()["items"]]
        assert patch(client, "/jobs/a/trials/1", {"starred": False}).json()["note"] == "Look here."

    @pytest.mark.parametrize(
        ("body", "field"), [({"starred": "yes"}, "starred"), ({"note": "x" * 10_001}, "note"), ({"star": 1}, "star")]
    )
    def test_a_wrong_field_is_named(self, client, ended, body, field):
        assert list(errors_of(patch(client, "/jobs/a/trials/1", body))) == [field]

    def test_an_unknown_one(self, client, ended):
        assert patch(client, "/jobs/a/trials/99", {"starred": True}).status_code == 404
        assert patch(client, "/jobs/nope/trials/1", {"starred": True}).status_code == 404


class TestCancel:
    def test_a_running_trial_is_asked_to_end(self, client, store, running):
        number = running_trial(client, running)
        answers = [client.post(f"/jobs/{running}/trials/{number}/cancel") for _ in range(2)]
        assert [answer.status_code for answer in answers] == [202, 202]
        at = answers[0].json()["cancel_requested_at"]
        assert (at is not None, answers[0].json()["status"]) == (True, "running")
        assert answers[1].json()["cancel_requested_at"] == at
        assert Changes(store).asked(running).cancelled_trials == {number}
        assert client.get(f"/jobs/{running}").json()["status"] == "running"

    def test_a_cancelled_one_counts_and_is_told_from_others(self, client, store, running):
        number = running_trial(client, running)
        before = client.get(f"/jobs/{running}").json()["progress"]
        client.post(f"/jobs/{running}/trials/{number}/cancel")
        store.append(running, complete(number, status="cancelled", cause="cancelled", cancelled_by_person=True))
        after = client.get(f"/jobs/{running}").json()["progress"]
        assert after["trials_performed"] == before["trials_performed"] + 1
        assert (before["cancelled_trials"], after["cancelled_trials"]) == (0, 1)
        store.append(running, start(97))
        store.append(running, complete(97, status="cancelled", cause="cancelled"))
        assert client.get(f"/jobs/{running}").json()["progress"]["trials_performed"] == after["trials_performed"]

    def test_one_that_ended_or_whose_study_ended_is_a_conflict(self, client, store, running, ended):
        client.get("/jobs/a/trials/1")
        answer = client.post("/jobs/a/trials/1/cancel")
        assert (answer.status_code, answer.json()["detail"]) == (
            409, "study 'a' is completed: none of its trials runs",
        )  # fmt: skip
        number = running_trial(client, running)
        store.append(running, complete(number))
        answer = client.post(f"/jobs/{running}/trials/{number}/cancel")
        assert answer.status_code == 409
        assert answer.json()["detail"] == f"trial {number} of study 'r' does not run: it is completed"
        assert answer.json()["remedy"] == f"GET /jobs/{running}"

    def test_an_unknown_one(self, client, running):
        assert client.post(f"/jobs/{running}/trials/99/cancel").status_code == 404
