"""Studies over HTTP: begin, list, look at, stop, go on, remove."""

from __future__ import annotations

import time

import pytest

from serve_app.app import make_app
from serve_app.launching.launcher import JobLauncher
from serve_app.routes.common import to_cursor
from tests.serve_app import studies
from tests.serve_app.conftest import Client, house
from tests.serve_app.launching.fakes import FakeJobs
from tests.store.samples import complete, start
from tuner.console.show import study_json
from tuner.errors import FixInputError, TryAgainError
from tuner.events import RemoteJob, Repeat, StudyStatus, TrialBilled, TrialRepeated
from tuner.spec import StudySpec
from tuner.store import Lease


def errors_of(response) -> dict[str, str]:
    """The message of each wrong field."""
    assert response.status_code == 422
    return {error["field"]: error["message"] for error in response.json()["errors"]}


class TestStart:
    def test_a_study_is_begun_and_its_id_is_told_at_once(self, client, launcher):
        answer = client.post("/jobs", json={"dataset": "digits", "trials": 8, "run_name": "mine"})
        assert (answer.status_code, answer.json(), answer.headers["location"]) == (201, {"id": "mine"}, "/jobs/mine")
        assert launcher.asked == [("start", "mine")]
        assert client.get("/jobs/mine").json()["status"] == "created"

    def test_two_without_a_name_that_begin_at_once_get_two_names(self, client):
        names = {client.post("/jobs", json={}).json()["id"] for _ in range(3)}
        assert len(names) == 3
        assert all(name.startswith("digits-20") for name in names)

    def test_one_that_is_repeated_with_its_key_starts_one_study_and_gets_the_same_answer(self, client, serve, launcher):
        for spec in ({"trials": 8, "run_name": "mine"}, {"trials": 8}):
            headers = {"Idempotency-Key": f"key-{len(spec)}"}
            answers = [one.post("/jobs", json=spec, headers=headers) for one in (client, client, serve())]
            assert [answer.status_code for answer in answers] == [201] * 3
            assert len({(answer.text, answer.headers["location"]) for answer in answers}) == 1
        assert len(launcher.asked) == 2

    def test_a_key_with_another_body_is_refused_and_says_what_to_do(self, client, launcher):
        headers = {"Idempotency-Key": "key"}
        client.post("/jobs", json={"trials": 8}, headers=headers)
        answer = client.post("/jobs", json={"trials": 9}, headers=headers)
        assert answer.status_code == 422
        assert answer.json()["detail"] == "the key 'key' was used for another request"
        assert answer.json()["remedy"] == "choose a new key for each new request"
        assert len(launcher.asked) == 1

    @pytest.mark.parametrize("key", ["", "x" * 201, "two words"])
    def test_a_key_that_is_none_is_refused(self, shared_client, shared, key):
        [wrong] = shared_client.post("/jobs", json={}, headers={"Idempotency-Key": key}).json()["errors"]
        assert (wrong["field"], wrong["place"]) == ("Idempotency-Key", "header")
        assert shared.launcher.asked == []

    def test_an_empty_spec_is_the_smallest_study(self, client):
        name = client.post("/jobs", json={}).json()["id"]
        assert client.get(f"/jobs/{name}").json()["spec"]["dataset"] == "digits"

    def test_every_option_of_the_command_line_is_there(self, client):
        spec = {"mode": "health", "space": {"learning_rate": "1e-4..1e-2"}, "constraints": "parameter_count<=200000"}
        shown = client.get(f"/jobs/{client.post('/jobs', json=spec).json()['id']}").json()
        assert (shown["mode"], shown["objectives"]) == ("health", ["total_score"])
        assert shown["spec"]["space"]["learning_rate"]["low"] == 1e-4

    @pytest.mark.parametrize(
        ("spec", "field", "message"),
        [
            ({"trials": 0}, "trials", "must be greater than or equal to 1"),
            ({"trials": "many"}, "trials", "must be a valid integer"),
            ({"trials": True}, "trials", "must not be true or false"),
            ({"trails": 3}, "trails", "unknown key: did you mean 'trials'?"),
            ({"space": {"activation": {"hgih": 1}}}, "space.activation.hgih", "unknown key: did you mean 'high'?"),
            ({"health_weights": {"gradient_helth": 1}}, "health_weights.gradient_helth", "unknown key: did you mean"),
            ({"mode": "fast"}, "mode", "must be 'simple', 'health' or 'pareto'"),
            ({"run_name": "../evil"}, "run_name", "must be 1 to 80 letters"),
            ({"space": {"activation": []}}, "space.activation", "must name at least one value"),
            ({"health_weights": {"gradient_health": 2}}, "health_weights.gradient_health", "must be less than"),
            ({"min_epochs_per_trial": 9, "max_epochs_per_trial": 2}, "", "min_epochs_per_trial=9 is above"),
            ([], "", "must be names with values"),
        ],
    )
    def test_each_wrong_field_is_named_with_what_is_allowed(self, shared_client, shared, spec, field, message):
        told = errors_of(shared_client.post("/jobs", json=spec))
        assert told[field].startswith(message)
        assert shared.launcher.asked == []

    @pytest.mark.parametrize("field", StudySpec.model_fields)
    def test_no_field_takes_what_it_is_not_for(self, shared_client, shared, field):
        told = errors_of(shared_client.post("/jobs", json={field: [[{"no": "such"}]]}))
        assert [wrong.partition(".")[0] for wrong in told] == [field]
        assert shared.launcher.asked == []

    def test_all_wrong_fields_are_told_at_once(self, shared_client):
        assert set(errors_of(shared_client.post("/jobs", json={"trials": 0, "seed": -1, "x": 1}))) == {
            "trials",
            "seed",
            "x",
        }

    @pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "", None])
    def test_json_that_is_not_said_to_be_json_is_told_how_to_say_so(self, shared_client, shared, kind):
        headers = {} if kind is None else {"Content-Type": kind}
        answer = shared_client.post("/jobs", content=b'{"trials": 8}', headers=headers)
        assert errors_of(answer) == {"": "the body must have Content-Type: application/json"}
        assert shared.launcher.asked == []

    def test_what_is_no_json_is_told_so(self, shared_client):
        answer = shared_client.post("/jobs", content=b"{", headers={"Content-Type": "application/json"})
        assert errors_of(answer) == {"": "the body is not valid JSON"}

    @pytest.mark.parametrize(
        "dataset",
        ["/etc/passwd", "./digits", "../digits", "~/photos", "photos.npz", "photos", ".datasets", "", "\ud800"],
    )
    def test_a_data_set_is_named_and_never_a_path(self, shared_client, tmp_path, dataset):
        import json

        body = json.dumps({"dataset": dataset})
        answer = shared_client.post("/jobs", content=body, headers={"Content-Type": "application/json"})
        assert set(errors_of(answer)) == {"dataset"}

    def test_a_misspelt_data_set_is_told_the_nearest(self, shared_client):
        assert "did you mean 'digits'?" in errors_of(shared_client.post("/jobs", json={"dataset": "digts"}))["dataset"]

    def test_folders_of_this_machine_cannot_be_named(self, shared_client, tmp_path):
        for field in ("data_dir", "storage_path"):
            assert set(errors_of(shared_client.post("/jobs", json={field: str(tmp_path)}))) == {field}

    def test_code_runs_only_where_the_operator_listed_it(self, serve, settings, tmp_path, monkeypatch):
        (tmp_path / "my_nets.py").touch()
        monkeypatch.syspath_prepend(str(tmp_path))
        listed = serve(settings=settings.model_copy(update={"allowed_models": ("my_nets:build",)}))
        assert listed.post("/jobs", json={"model": "my_nets:build"}).status_code == 201
        for client, model in ((listed, "os:system"), (serve(), "my_nets:build")):
            assert set(errors_of(client.post("/jobs", json={"model": model}))) == {"model"}

    def test_a_warm_start_names_a_study_that_exists(self, client, store, settings):
        studies.ended(store, settings.results_dir, "earlier", mode="simple")
        for name, status in (("earlier", 201), ("auto", 201), ("never", 422), ("../x\0", 422)):
            assert client.post("/jobs", json={"warm_start_from": name}).status_code == status

    def test_a_name_that_is_taken_is_a_conflict(self, client, store, settings):
        studies.make(store, settings.results_dir, "a")
        answer = client.post("/jobs", json={"run_name": "a"})
        assert (answer.status_code, answer.json()["detail"]) == (409, "study 'a' already exists")
        assert answer.json()["remedy"] == "choose another run_name, or POST /jobs/a/resume"

    def test_what_the_launcher_finds_wrong_is_the_clients_to_mend(self, serve, launcher, monkeypatch):
        def refuse(spec, request):
            raise FixInputError("photos has 1 class", remedy="give at least 2")

        monkeypatch.setattr(launcher, "start", refuse)
        answer = serve().post("/jobs", json={})
        assert (answer.status_code, answer.json()["remedy"]) == (422, "give at least 2")

    def test_a_launcher_that_does_not_answer_is_not_waited_for_forever(self, serve, launcher, settings, monkeypatch):
        def hang(spec, request):
            time.sleep(0.5)

        monkeypatch.setattr(launcher, "start", hang)
        impatient = serve(settings=settings.model_copy(update={"launch_timeout_s": 0.05}))
        answer = impatient.post("/jobs", json={})
        assert (answer.status_code, answer.json()["title"]) == (504, "Gateway Timeout")


class TestList:
    @pytest.fixture(scope="class")
    @classmethod
    def five(cls, tmp_path_factory):
        """An application with five studies, which no test changes."""
        with house(tmp_path_factory.mktemp("five")) as services:
            store = services.store
            for number in range(5):
                dataset = "mnist" if number % 2 else "digits"
                studies.make(store, services.settings.results_dir, f"s{number}", dataset=dataset)
            store.append("s3", StudyStatus(status="failed", reason="no trial gave a result"))
            store.append("s1", StudyStatus(status="running"))
            yield services

    @pytest.fixture(scope="class")
    @classmethod
    def client(cls, five):
        return Client(make_app(five))

    def ids(self, client, **asked) -> list[str]:
        answer = client.get("/jobs", params=asked)
        assert answer.status_code == 200, answer.text
        return [job["id"] for job in answer.json()["items"]]

    def test_there_are_none_at_first(self, shared_client):
        assert shared_client.get("/jobs").json() == {"items": [], "next_cursor": None}

    def test_the_newest_come_first_unless_told_otherwise(self, client):
        assert self.ids(client) == ["s4", "s3", "s2", "s1", "s0"]
        assert self.ids(client, sort="name") == ["s0", "s1", "s2", "s3", "s4"]

    def test_those_of_a_status_a_data_set_or_a_part_of_the_name(self, client):
        assert self.ids(client, status="failed") == ["s3"]
        assert self.ids(client, status=["failed", "interrupted"]) == ["s3", "s1"]
        assert self.ids(client, dataset="mnist") == ["s3", "s1"]
        assert self.ids(client, containing="S2") == ["s2"]

    @pytest.mark.parametrize("sort", ["created_at", "-created_at", "name", "-name", "status", "-status"])
    def test_pages_together_are_everything_once(self, client, sort):
        found, cursor = [], {}
        while True:
            page = client.get("/jobs", params={"sort": sort, "limit": 2} | cursor).json()
            found += [job["id"] for job in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
        assert found == self.ids(client, sort=sort)

    @pytest.mark.parametrize(
        "cursor",
        [
            "x",
            "bm8",
            "WzFd",
            "W10",
            "é",
            "////",
            to_cursor(["-created_at", "x", "a"]),
            to_cursor(["name", "\ud800", "\0"]),
        ],
    )
    def test_a_cursor_that_no_page_gave_is_refused(self, shared_client, cursor):
        assert set(errors_of(shared_client.get("/jobs", params={"cursor": cursor}))) == {"cursor"}

    def test_a_cursor_of_another_order_is_refused(self, client):
        cursor = client.get("/jobs", params={"limit": 1}).json()["next_cursor"]
        assert client.get("/jobs", params={"cursor": cursor, "sort": "name"}).status_code == 422

    @pytest.mark.parametrize("asked", [{"limit": 0}, {"limit": 9999}, {"status": "fast"}, {"sort": "size"}, {"x": 1}])
    def test_a_wrong_question_is_told_what_is_allowed(self, shared_client, asked):
        assert set(errors_of(shared_client.get("/jobs", params=asked))) & {*asked, "status.0"}

    @pytest.mark.parametrize(
        ("path", "parameter", "message"),
        [
            ("/jobs", "staus", "unknown parameter: did you mean 'status'?"),
            ("/jobs/s0/trials", "limt", "unknown parameter: did you mean 'limit'?"),
            ("/jobs/s0/logs", "offest", "unknown parameter: did you mean 'offset'?"),
            ("/jobs/s0", "limit", "unknown parameter: this path has no query parameters"),
            ("/health", "x", "unknown parameter: this path has no query parameters"),
        ],
    )
    def test_an_unknown_parameter_is_refused_with_the_nearest_name(self, client, path, parameter, message):
        answer = client.get(path, params={parameter: "1"})
        assert errors_of(answer) == {parameter: message}
        assert answer.json()["errors"][0]["place"] == "query"

    def test_two_replicas_answer_alike(self, client, five):
        one, other = client, Client(make_app(five))
        cursor = one.get("/jobs", params={"limit": 2}).json()["next_cursor"]
        assert self.ids(other, cursor=cursor) == ["s2", "s1", "s0"]


class TestOne:
    def test_it_has_its_spec_and_its_best_trial(self, client, store, settings):
        studies.ended(store, settings.results_dir)
        shown = client.get("/jobs/ended").json()
        assert (shown["status"], shown["reason"], shown["test_accuracy"]) == ("completed", "all trials done", 0.875)
        assert (shown["best"]["trial_number"], shown["best_trial_number"]) == (2, 2)
        assert shown["best"] == client.get("/jobs/ended/trials").json()["items"][1]

    def test_it_says_how_much_its_deletion_frees(self, client, store, settings):
        studies.make(store, settings.results_dir, "a")
        folder = settings.results_dir / "a"
        assert client.get("/jobs/a").json()["disk_bytes"] == 0
        (folder / "plots").mkdir()
        (folder / "plots" / "one.png").write_bytes(b"1234")
        (folder / "study.log").write_bytes(b"12")
        assert client.get("/jobs/a").json()["disk_bytes"] == 6
        (folder / "plots" / "one.png").unlink()
        (folder / "study.log").unlink()
        (folder / "plots").rmdir()
        folder.rmdir()
        assert client.get("/jobs/a").json()["disk_bytes"] is None, "another node has it"

    def test_one_of_several_objectives_has_its_front_as_the_command_line_tells_it(self, client, store, settings):
        studies.make(store, settings.results_dir, "two", objective=["val_accuracy", "parameter_count"])
        for number, accuracy, size in ((1, 0.9, 300), (2, 0.8, 200), (3, 0.7, 250), (4, 0.95, 900)):
            values = {"val_accuracy": accuracy, "parameter_count": size}
            store.append("two", complete(number, values=values, objective=accuracy))
        studies.leads(store, "two", 4, 0.95)
        assert client.get("/jobs/two").json()["front"] == [4, 1, 2] == study_json(store, "two")["front"]

    def test_one_on_runpod_says_what_that_cost_and_how_it_compares(self, client, store, settings):
        studies.make(store, settings.results_dir, "remote", use_runpod_service=True)
        bill = RemoteJob(job_id="j", status="COMPLETED", gpu="A40", queued_s=1, billed_s=10, cost_usd=0.0034)
        repeat = Repeat(epochs=3, accuracy=0.5, accuracy_gap=0.25, largest_difference=0.5)
        told = (TrialBilled(trial_number=1, job=bill), TrialRepeated(trial_number=1, repeat=repeat))
        for event in (start(1, place="runpod"), complete(1), start(2, why_local="busy"), complete(2), *told):
            store.append("remote", event)
        shown = client.get("/jobs/remote").json()
        assert (shown["cloud"], shown["parity"]) == tuple(
            study_json(store, "remote")[name] for name in ("cloud", "parity")
        )
        assert (shown["cloud"]["remote_trials"], shown["cloud"]["cost_usd"]) == (1, 0.0034)
        assert shown["cloud"]["why_local"] == {"busy": 1}
        assert [job["cost_usd"] for job in client.get("/jobs/remote/trials/1").json()["jobs"]] == [0.0034]
        assert client.get("/jobs/remote/trials/2").json()["jobs"] == []
        assert shown["parity"]["largest_accuracy_gap"] == 0.25

    def test_one_on_this_cluster_says_nothing_of_runpod(self, client, store, settings):
        studies.ended(store, settings.results_dir)
        assert (client.get("/jobs/ended").json()["cloud"], client.get("/jobs/ended").json()["parity"]) == (None, None)

    def test_what_runpod_lacks_is_told_at_once(self, client, store, monkeypatch):
        for name in ("RUNPOD_API_KEY", "RUNPOD_ENDPOINT_ID"):
            monkeypatch.delenv(name, raising=False)
        answer = client.post("/jobs", json={"dataset": "digits", "use_runpod_service": True})
        assert (answer.status_code, answer.json()["remedy"]) == (422, "set RUNPOD_API_KEY in the environment")

    def test_of_one_objective_the_front_is_the_best_trial(self, client, store, settings):
        studies.make(store, settings.results_dir, "none-yet")
        studies.ended(store, settings.results_dir)
        assert client.get("/jobs/none-yet").json()["front"] == []
        assert client.get("/jobs/ended").json()["front"] == [2] == study_json(store, "ended")["front"]

    def test_one_whose_process_is_gone_is_interrupted(self, client, store, settings):
        studies.make(store, settings.results_dir, "a")
        store.append("a", StudyStatus(status="running"))
        assert client.get("/jobs/a").json()["status"] == "interrupted"

    def test_no_path_of_this_machine_is_told(self, client, store, settings, tmp_path):
        studies.ended(store, settings.results_dir)
        place = tmp_path / "photos.npz"
        studies.make(store, settings.results_dir, "own", dataset=str(place), data_dir=str(tmp_path))
        for path in ("/jobs", "/jobs/own", "/jobs/ended", "/jobs/ended/best-model/download"):
            text = client.get(path).text
            assert str(tmp_path) not in text
            assert "/secret" not in text
        assert client.get("/jobs/own").json()["dataset"] == "photos.npz"

    def test_an_unknown_study_is_not_found_and_the_nearest_is_told(self, client, store, settings):
        studies.make(store, settings.results_dir, "digits-test")
        parts = ("trials", "trials/1", "trials/1/explain", "best-model", "importance", "explain", "logs", "plots")
        for path in ("", *(f"/{part}" for part in parts)):
            answer = client.get(f"/jobs/digits-tset{path}")
            assert (answer.status_code, answer.json()["remedy"]) == (404, "did you mean 'digits-test'?"), path

    @pytest.mark.parametrize("name", [".hidden", "a b", "%00", "x" * 81, "..%2fx"])
    def test_what_is_no_name_is_refused(self, shared_client, name):
        assert shared_client.get(f"/jobs/{name}").status_code in (404, 422)


class TestCommands:
    def test_a_study_that_runs_is_asked_to_end(self, client, store, settings, launcher):
        studies.running(store, settings.results_dir)
        assert client.post("/jobs/running/cancel").status_code == 202
        assert launcher.asked == [("cancel", "running")]
        assert client.get("/jobs/running").json()["cancel_requested_at"] is not None

    def test_a_study_goes_on_as_asked_before(self, client, store, settings, launcher):
        studies.ended(store, settings.results_dir)
        for body in (None, {}, {"trials": None}):
            assert client.post("/jobs/ended/resume", json=body).status_code == 202
            assert launcher.asked.pop() == ("resume", "ended", None)
            assert launcher.asked == []

    def test_more_trials_are_asked_for(self, client, store, settings, launcher):
        studies.ended(store, settings.results_dir)
        assert client.post("/jobs/ended/resume", json={"trials": 40}).json() == {"id": "ended"}
        assert launcher.asked == [("resume", "ended", 40)]

    def test_what_was_accepted_is_in_every_answer_at_once(self, serve, store, settings):
        client = serve(launcher=JobLauncher(store, settings, FakeJobs()))
        studies.ended(store, settings.results_dir)
        assert client.post("/jobs/ended/resume", json={"trials": 40}).status_code == 202
        shown = client.get("/jobs/ended").json()
        assert (shown["status"], shown["completed_at"], shown["spec"]["trials"]) == ("created", None, 40)
        for answer in (shown, client.get("/jobs").json()["items"][0], client.get("/api/sessions").json()["items"][0]):
            assert (answer["status"], answer["progress"]["total_trials"]) == ("created", 40)
        assert client.get("/jobs", params={"status": "completed"}).json()["items"] == []
        assert 'tuner_studies{status="created"} 1' in client.get("/metrics").text
        again = client.post("/jobs/ended/resume", json={"trials": 50})
        assert (again.status_code, again.json()["detail"]) == (409, "study 'ended' is starting already")
        assert client.get("/jobs/ended").json()["spec"]["trials"] == 40
        assert client.post("/jobs/ended/cancel").status_code == 202
        shown = client.get("/jobs/ended").json()
        assert (shown["status"], shown["reason"]) == ("cancelled", "cancelled before it started")

    def test_nonsense_is_refused(self, client, store, settings, launcher):
        studies.ended(store, settings.results_dir)
        for body in ({"trials": 0}, {"trials": True}, {"trials": 1.5}, {"more": 3}, []):
            assert client.post("/jobs/ended/resume", json=body).status_code == 422, body
        assert launcher.asked == []

    def test_a_deleted_study_is_gone_with_its_files(self, client, store, settings):
        studies.ended(store, settings.results_dir)
        answer = client.delete("/jobs/ended")
        assert (answer.status_code, answer.content) == (204, b"")
        assert client.get("/jobs/ended").status_code == 404
        assert not (settings.results_dir / "ended").exists()

    def test_a_command_that_does_not_fit_is_a_conflict_and_tells_what_to_ask_instead(self, client, store, settings):
        studies.running(store, settings.results_dir)
        studies.ended(store, settings.results_dir)
        for answer, remedy in (
            (client.post("/jobs/ended/cancel"), "see GET /jobs/ended"),
            (client.post("/jobs/running/resume"), "POST /jobs/running/cancel stops it"),
            (client.delete("/jobs/running"), "POST /jobs/running/cancel stops it"),
        ):
            assert (answer.status_code, answer.json()["remedy"]) == (409, remedy)

    def test_what_is_unknown_is_not_found(self, client, store, settings):
        studies.make(store, settings.results_dir, "quite-another")
        for answer in (client.post("/jobs/x/cancel"), client.post("/jobs/x/resume"), client.delete("/jobs/x")):
            assert (answer.status_code, answer.json()["remedy"]) == (404, "see GET /jobs")

    def test_a_database_that_is_away_is_worth_another_try(self, client, launcher, monkeypatch):
        def away(name):
            raise TryAgainError("the database is locked", remedy="call again")

        monkeypatch.setattr(launcher, "cancel", away)
        answer = client.post("/jobs/x/cancel")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")

    def test_an_interrupted_study_is_cancelled_at_once(self, client, store, settings):
        studies.make(store, settings.results_dir, "a")
        store.append("a", StudyStatus(status="running"))
        assert client.post("/jobs/a/cancel").status_code == 202
        assert client.get("/jobs/a").json()["status"] == "cancelled"
        assert not store.study("a").alive
        store.take_lease("a", Lease.new())
