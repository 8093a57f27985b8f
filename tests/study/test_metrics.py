"""What Prometheus is told of a study: the names, and the values that its log comes to. No cluster."""

from __future__ import annotations

import re
import statistics
import time

import pytest

from tests.study.scripted import complete, epoch, start, status
from tuner.events import Finding, HealthAlert, NewBest, Performance, RemoteJob, TrialBilled
from tuner.search.rungs import Rungs
from tuner.spec import StudySpec
from tuner.study.metrics import CATALOGUE, StudyMetrics

SPEC = StudySpec(run_name="s", trials=5)
EPOCH_RUNGS = Rungs(first=1, last=4)


class Told:
    """Takes what Ray's metrics would take, and refuses what they refuse."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, ...], float] = {}
        self._labels = {measure.name: {"study", *measure.labels} for measure in CATALOGUE}

    def make(self, measure):
        def tell(value, tags, add):
            assert set(tags) == self._labels[measure.name]
            assert all(type(text) is str for text in tags.values())
            key = (measure.name, *(tags[label] for label in measure.labels))
            self.values[key] = value + (self.values.get(key, 0) if add else 0)

        class Instrument:
            def inc(self, value, tags):
                assert measure.kind == "counter"
                assert value > 0
                tell(value, tags, add=True)

            def set(self, value, tags):
                assert measure.kind == "gauge"
                tell(value, tags, add=False)

            def observe(self, value, tags):
                assert measure.kind == "histogram"
                tell(1, tags, add=True)

        return Instrument()

    def __getitem__(self, key):
        name, *labels = key if isinstance(key, tuple) else (key,)
        return self.values.get((name, *labels))


@pytest.fixture
def told():
    return Told()


def learning(told, rungs=EPOCH_RUNGS, **given):
    metrics = StudyMetrics(SPEC, rungs, 2, make=told.make, **given)

    def learn(*events):
        for event in events:
            metrics.learn(event)

    return learn


@pytest.mark.parametrize("measure", CATALOGUE, ids=lambda measure: measure.name)
def test_names_and_units_are_by_prometheus_conventions(measure):
    assert re.fullmatch(r"tuner(_[a-z]+)+", measure.name)
    assert measure.name.endswith("_total") == (measure.kind == "counter")
    assert measure.meaning.endswith(".")
    # Base units only, in full words; a share is a ratio in [0, 1].
    assert not set(measure.name.split("_")) & {"s", "ms", "minutes", "hours", "percent", "mb", "gb"}


def test_no_name_is_given_twice():
    assert len({measure.name for measure in CATALOGUE}) == len(CATALOGUE)


def test_what_is_known_before_the_first_event_is_told_at_once(told):
    learning(told)
    assert (told["tuner_workers"], told["tuner_trials_requested"]) == (2, 5)
    assert told["tuner_best_objective"] is None


def test_trials_are_counted_by_status_and_those_that_run_are_told(told):
    learn = learning(told)
    learn(status("running", 0), start(1), start(2))
    assert (told["tuner_study_running"], told["tuner_trials_running"]) == (1, 2)
    learn(complete(1), complete(2, None, kind="failed"), start(3), complete(3, kind="pruned"), start(4))
    assert [told["tuner_trials_total", name] for name in ("completed", "failed", "pruned")] == [1, 1, 1]
    assert (told["tuner_trials_running"], told["tuner_trial_duration_seconds"]) == (1, 3)
    learn(status("cancelled", 9))
    assert (told["tuner_study_running"], told["tuner_trials_running"]) == (0, 0)


def test_a_trial_that_was_rejected_before_it_began_is_one_that_ended(told):
    learning(told)(complete(1, None, took=0.0, kind="rejected"))
    assert told["tuner_trials_total", "rejected"] == 1
    assert (told["tuner_trials_running"], told["tuner_trial_duration_seconds"]) == (0, None)


def test_each_trial_is_counted_once_at_each_rung_that_it_reaches(told):
    learn = learning(told)
    learn(start(1), start(2))
    learn(*(epoch(1, number, 0.5) for number in (1, 2, 3, 4)), epoch(2, 1, 0.5))
    assert (told["tuner_rung_trials_total", "1"], told["tuner_rung_trials_total", "2"]) == (2, 1)
    assert (told["tuner_epochs_total"], told["tuner_training_seconds_total"]) == (5, 5.0)


def test_rungs_in_seconds_are_reached_by_the_seconds_that_were_trained(told):
    learn = learning(told, Rungs(first=2.0, last=18.0, unit="second"))
    learn(start(1), epoch(1, 1, 0.5))
    assert told["tuner_rung_trials_total", "1"] is None
    learn(epoch(1, 2, 0.5))
    assert told["tuner_rung_trials_total", "1"] == 1


def test_a_trial_that_goes_on_is_not_counted_again_where_it_was(told):
    learn = learning(told)
    learn(start(1).model_copy(update={"resumed_from_epoch": 2}), epoch(1, 3, 0.5))
    assert told["tuner_rung_trials_total", "1"] is None
    assert told["tuner_rung_trials_total", "2"] == 1


def test_the_leader_is_told_with_the_name_of_what_it_leads_in(told):
    scores = Performance(total_score=0.8, accuracy=0.9, loss=0.1)
    learning(told)(NewBest(trial_number=1, objective=0.9, performance=scores))
    assert (told["tuner_best_objective", "val_accuracy"], told["tuner_best_score_ratio"]) == (0.9, 0.8)


def test_a_resumed_study_begins_with_the_leader_it_has(told):
    scores = Performance(total_score=0.6, accuracy=0.7, loss=1.0)
    learning(told, leader=NewBest(trial_number=1, objective=0.7, performance=scores))
    assert (told["tuner_best_objective", "val_accuracy"], told["tuner_best_score_ratio"]) == (0.7, 0.6)


def test_findings_are_counted_by_name(told):
    found = Finding(name="dying_units", epoch=2, evidence="41 %")
    learning(told)(HealthAlert(trial_number=1, finding=found))
    assert told["tuner_findings_total", "dying_units"] == 1


def test_bills_are_counted_in_seconds_and_dollars_and_an_unknown_price_is_no_price(told):
    def bill(gpu, cost):
        job = RemoteJob(job_id="j", status="COMPLETED", gpu=gpu, queued_s=1, billed_s=10, cost_usd=cost)
        return TrialBilled(trial_number=1, job=job)

    learning(told)(bill("A40", 0.5), bill("A40", 0.25), bill(None, None))
    assert (told["tuner_billed_seconds_total", "A40"], told["tuner_cost_usd_total", "A40"]) == (20, 0.75)
    assert (told["tuner_billed_seconds_total", "unknown"], told["tuner_cost_usd_total", "unknown"]) == (10, None)


def test_with_ray_s_own_metrics_and_no_agent_that_collects_it_works_and_costs_next_to_nothing():
    metrics = StudyMetrics(SPEC, EPOCH_RUNGS, 2)
    again = StudyMetrics(SPEC, EPOCH_RUNGS, 2)  # a study that searches twice makes them twice
    again.learn(start(1))
    took = []
    for number in range(200):
        began = time.perf_counter()
        metrics.learn(epoch(1, 1 + number % 4, 0.5))
        took.append(time.perf_counter() - began)
    assert statistics.median(took) < 0.001
