"""Health by epoch, remedies, waits and prunings of trials, and where a study's scheduler compares them."""

from __future__ import annotations

import json

import pytest

from serve_app.remedied import remedied_rows
from tests.serve_app import studies
from tests.store.samples import complete, finding, start
from tuner.events import StoppedBy, StudyStatus
from tuner.store import Lease, TrialSummary

STOPPED = StoppedBy(scheduler="asha", rung=1, value=0.3, cutoff=0.5, rank=4, of=4)


@pytest.fixture
def study(store, settings):
    studies.running(store, settings.results_dir)


def test_each_epoch_has_its_health_findings_and_layers(client, study):
    first, *_ = client.get("/jobs/running/trials/1").json()["curves"]
    assert first["health_metrics"]["overall_health"] == first["overall_health"] == pytest.approx(0.9)
    assert {"layer_id", "dead", "saturated", "gradient", "update"} < first["layers"][0].keys()
    assert first["gradient_norm"] == 0.25
    assert first["findings"] == []


def test_what_was_not_measured_is_null(client, store, settings):
    studies.ended(store, settings.results_dir, mode="simple")
    first, *_ = client.get("/jobs/ended/trials/1").json()["curves"]
    assert (first["health_metrics"], first["layers"], first["gradient_norm"]) == (None, [], None)


def test_each_finding_has_a_remedy_also_one_that_an_older_tuner_recorded(client, study):
    remedy = "lower the learning rate (now learning_rate=0.01)"
    found = [
        client.get("/jobs/running/trials/1").json()["findings"],
        client.get("/jobs/running/trials").json()["items"][0]["findings"],
        client.get("/jobs/running/trials?format=columns").json()["columns"]["findings"][0],
        client.get("/jobs/running").json()["best"]["findings"],
    ]
    assert [[one["remedy"] for one in findings] for findings in found] == [[remedy]] * 4


def test_rows_whose_findings_have_remedies_are_not_parsed():
    known = json.dumps([finding().model_copy(update={"remedy": "this"}).model_dump(mode="json")])
    rows = [(1, known, "no JSON"), (2, None, "no JSON"), (3, "[]", "no JSON")]
    assert remedied_rows(rows, ("trial_number", "findings", "hyperparameters")) == rows
    assert remedied_rows(rows, ("trial_number",)) == rows


def test_without_hyperparameters_a_remedy_names_no_value():
    rows = remedied_rows([(json.dumps([finding().model_dump(mode="json")]),)], ("findings",))
    assert json.loads(rows[0][0])[0]["remedy"] == "lower the learning rate"


def test_a_pruned_trial_says_by_which_comparison(client, store, study):
    store.append("running", start(3, queued_s=12.5))
    ended = complete(3, status="pruned", cause="pruned", stopped_by=STOPPED, epochs_trained=1, duration_seconds=6.0)
    store.append("running", ended.model_copy(update={"hyperparameters": {"epochs": 3}}))
    trial = client.get("/jobs/running/trials/3").json()
    listed = client.get("/jobs/running/trials").json()["items"][2]
    for shown in (trial, listed):
        assert shown["stopped_by"] == STOPPED.model_dump()
        assert (shown["queued_s"], shown["node"]) == (12.5, None)
    assert TrialSummary.model_validate(listed).stopped_by == STOPPED
    assert client.get("/jobs/running").json()["progress"]["saved_s"] == pytest.approx(12.0)


def test_a_trial_that_starts_again_has_not_been_stopped(client, store, study):
    store.append("running", complete(3, status="pruned", cause="pruned", stopped_by=STOPPED, epochs_trained=1))
    store.append("running", start(3))
    assert client.get("/jobs/running/trials/3").json()["stopped_by"] is None
    assert client.get("/jobs/running").json()["progress"]["saved_s"] is None


@pytest.mark.parametrize(
    ("fields", "rungs"),
    [
        ({"max_epochs_per_trial": 10}, [(1, 1, "epoch"), (2, 3, "epoch"), (3, 9, "epoch")]),
        ({"min_epochs_per_trial": 2, "max_epochs_per_trial": 6}, [(1, 2, "epoch")]),
        ({"scheduler": "none"}, []),
        ({"time_budget_s": 300}, None),
        ({"time_budget_s": 300, "concurrent_workers": 4}, [(1, 12, "second"), (2, 36, "second"), (3, 108, "second")]),
    ],
)
def test_the_rungs_of_a_study(client, store, settings, fields, rungs):
    studies.make(store, settings.results_dir, "a", **fields)
    found = client.get("/jobs/a").json()["rungs"]
    assert (found and [(one["number"], one["at"], one["unit"]) for one in found]) == rungs


def test_what_a_study_waits_for(client, store, settings):
    studies.make(store, settings.results_dir, "a")

    def waits_for():
        return client.get("/jobs/a").json()["progress"]["waiting_for"]

    assert waits_for() == "the start of its process"
    store.take_lease("a", Lease.new())
    store.append("a", StudyStatus(status="running"))
    assert waits_for() == "its data set to be read"
    store.append("a", start(1))
    assert waits_for() is None
