"""Why trials are good or bad: importance by any metric, training problems of trials and of the whole study."""

from __future__ import annotations

import asyncio
import threading

import httpx
import pytest

from serve_app.app import make_app
from tests.serve_app import studies
from tests.store.samples import complete, start
from tuner.events import StudyStatus
from tuner.study.deletion import delete
from tuner.study.explain import explain
from tuner.study.report.facts import read_facts
from tuner.study.report.next_steps import next_steps


@pytest.fixture
def study(store, settings):
    studies.running(store, settings.results_dir)


@pytest.fixture
def searched(store, settings):
    """Twelve trials: the learning rate decides the accuracy, the number of filters the size."""
    studies.make(store, settings.results_dir, "a")
    for number in range(1, 13):
        rate, filters = (number % 4) / 100, 8 * (1 + number // 4)
        values = {"val_accuracy": 0.5 + 10 * rate, "val_loss": 0.3, "parameter_count": filters * 100.0}
        store.append(
            "a",
            complete(
                number,
                hyperparameters={"learning_rate": rate, "filters": filters},
                objective=values["val_accuracy"],
                values=values,
            ),
        )


class TestImportance:
    def test_after_too_few_trials_the_reason_is_told(self, client, study):
        told = client.get("/jobs/running/importance").json()
        assert told["importance"] is None
        assert "trials" in told["reason"]

    def test_it_is_judged_again_only_when_something_happened(self, client, store, study, monkeypatch, settings):
        from serve_app.routes import analysis
        from tuner.study.importance import study_importance

        judged = []
        monkeypatch.setattr(analysis, "study_importance", lambda *of: judged.append(of) or study_importance(*of))
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
        from serve_app.routes import analysis
        from tuner.study.importance import study_importance

        computing, go_on = threading.Event(), threading.Event()

        def slow(*of):
            computing.set()
            assert go_on.wait(30)
            return study_importance(*of)

        monkeypatch.setattr(analysis, "study_importance", slow)
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

    @pytest.mark.parametrize(
        ("metric", "decided"),
        [(None, "learning_rate"), ("val_accuracy", "learning_rate"), ("parameter_count", "filters")],
    )
    def test_it_is_that_for_the_metric_which_was_asked_for(self, client, searched, metric, decided):
        asked = {} if metric is None else {"metric": metric}
        found = client.get("/jobs/a/importance", params=asked).json()
        assert (found["trials_used"], found["reason"]) == (12, None)
        assert next(iter(found["importance"])) == decided

    def test_a_metric_without_values_is_a_reason(self, client, searched):
        found = client.get("/jobs/a/importance?metric=overall_health").json()
        assert found["reason"] == "no trial has overall_health"
        assert (found["importance"], found["trials_used"]) == (None, 0)
        found = client.get("/jobs/a/importance?metric=val_loss").json()
        assert found["reason"] == "all 12 trials have the same objective"

    def test_a_diverged_trial_counts_with_its_own_size_and_as_the_worst_in_accuracy(self, client, store, searched):
        values = {"parameter_count": 100.0, "val_accuracy": 1.0}
        store.append("a", complete(13, status="diverged", cause="diverged", objective=1.0, values=values))
        for metric in ("parameter_count", "val_accuracy"):
            assert client.get(f"/jobs/a/importance?metric={metric}").json()["trials_used"] == 13
        store.append("a", complete(14, status="diverged", cause="diverged", objective=None, values={}))
        assert client.get("/jobs/a/importance?metric=parameter_count").json()["trials_used"] == 13
        assert client.get("/jobs/a/importance?metric=val_accuracy").json()["trials_used"] == 14

    def test_what_is_no_metric_is_refused(self, client, searched):
        assert client.get("/jobs/a/importance?metric=speed").status_code == 422


class TestExplanation:
    def test_it_is_the_answer_of_the_command_with_remedies(self, client, store, settings):
        studies.ended(store, settings.results_dir)
        found = client.get("/jobs/ended/explain").json()
        expected = explain(store, "ended").model_dump(mode="json")
        assert all(finding.pop("remedy") for finding in found["trial"]["findings"])
        for finding in expected["trial"]["findings"]:
            finding.pop("remedy")
        steps = found.pop("next_steps")
        assert found == expected
        assert steps == [
            {"what": step.what, "why": step.why, "how": list(step.how)}
            for step in next_steps(read_facts(store, "ended"))
        ]
        assert steps[0]["what"].startswith("Correct the best network: ")
        assert (found["trial"]["trial_number"], found["measured"]) == (2, True)
        assert all(advice["remedies"] for advice in found["trial"]["advice"])
        assert found["all_trials"]["drivers"]["reason"] == "needs at least 10 trials, has 2"
        assert found["all_trials"]["findings"] == {"dying_units": [1, 2]}

    def test_before_a_trial_began_it_is_not_found(self, client, store, settings):
        studies.make(store, settings.results_dir, "a")
        answer = client.get("/jobs/a/explain")
        assert (answer.status_code, answer.json()["detail"]) == (404, "no trial of study 'a' has begun yet")
        assert answer.json()["remedy"] == "see GET /jobs/a"

    def test_a_study_that_failed_before_its_first_trial_is_told_what_to_try(self, client, store, settings):
        studies.make(store, settings.results_dir, "a")
        store.append("a", StudyStatus(status="failed", reason="no such file"))
        answer = client.get("/jobs/a/explain")
        assert answer.status_code == 200
        assert (answer.json()["trial"], answer.json()["measured"]) == (None, False)
        assert answer.json()["next_steps"][0]["how"] == ["`tuner resume a`"]

    def test_of_one_trial(self, client, store, settings):
        studies.ended(store, settings.results_dir, mode="simple")
        found = client.get("/jobs/ended/trials/1/explain").json()
        expected = explain(store, "ended", 1).trial
        assert expected is not None
        assert found == expected.model_dump(mode="json")
        assert (found["health_metrics"], found["trial_number"]) == (None, 1)

    def test_of_one_that_trains_it_is_that_of_its_last_epoch(self, client, study):
        found = client.get("/jobs/running/trials/2/explain").json()
        assert (found["status"], found["reason"]) == ("running", None)
        assert found["vital_signs"] is not None

    def test_an_unknown_trial_or_study_is_not_found(self, client, study):
        answer = client.get("/jobs/running/trials/9/explain")
        assert (answer.status_code, answer.json()["remedy"]) == (404, "GET /jobs/{id}/trials")
        for path in ("explain", "trials/1/explain"):
            assert client.get(f"/jobs/runing/{path}").json()["remedy"] == "did you mean 'running'?"

    def test_it_names_no_folder_of_the_server(self, client, store, settings):
        studies.make(store, settings.results_dir, "a")
        store.append("a", complete(1, status="failed", cause="error", reason="no file /home/ann/photos.npz"))
        assert client.get("/jobs/a/trials/1/explain").json()["reason"] == "no file photos.npz"
