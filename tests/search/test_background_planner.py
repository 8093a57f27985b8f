"""When a plan is made ahead, when it is made anew, and that nothing is learned meanwhile."""

from __future__ import annotations

import threading

import pytest

from tests.store.samples import complete, epoch, start
from tuner.search import background_planner as module
from tuner.search.background_planner import BackgroundPlanner


class Planner:
    """Counts plans, and lets a test hold one up."""

    def __init__(self):
        self.made, self.forgotten, self.learned = 0, 0, []
        self.may_end = threading.Event()
        self.may_end.set()
        self.most = 100
        """Trials at once up to which there is time for a plan of each."""
        self.planner = BackgroundPlanner(self.forget, self.learned.append, lambda training: training > self.most)

    def plan(self):
        assert self.may_end.wait(10)
        self.made += 1

    def forget(self):
        self.forgotten += 1

    def learn(self, *events):
        for event in events:
            self.planner.learn(event)

    def begin(self):
        """How many plans there are after a moment in which one might begin."""
        if self.planner.is_due():
            self.planner.start(self.plan)
        self.planner.wait()
        return self.made


@pytest.fixture
def planner():
    return Planner()


@pytest.fixture
def clock(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def test_nothing_is_planned_before_a_worker_has_ended_an_epoch(planner):
    assert planner.begin() == 0
    planner.learn(start(1))
    assert planner.begin() == 0
    planner.learn(epoch(1, 1))
    assert planner.begin() == 1


def test_a_trial_that_goes_on_where_it_was_has_a_curve_from_the_start(planner):
    planner.learn(start(1, resumed_from_epoch=3))
    assert planner.begin() == 1


def test_one_plan_is_enough_until_it_is_taken(planner, clock):
    planner.learn(start(1), epoch(1, 1))
    assert [planner.begin(), planner.begin()] == [1, 1]
    planner.planner.mark_used()
    assert planner.begin() == 2


def test_the_first_epoch_of_another_trial_renews_a_plan(planner):
    planner.learn(start(1), start(2), epoch(1, 1))
    assert planner.begin() == 1
    planner.learn(epoch(1, 2))
    assert planner.begin() == 2


def test_further_epochs_renew_a_plan_as_often_as_planning_costs_next_to_nothing(planner, clock):
    def slow():
        clock[0] += 0.1
        planner.made += 1

    planner.plan = slow
    planner.learn(start(1), epoch(1, 1))
    assert planner.begin() == 1
    planner.learn(epoch(2, 1))
    clock[0] += 1.9
    assert planner.begin() == 1
    clock[0] += 0.2
    assert planner.begin() == 2
    clock[0] += 10
    assert planner.begin() == 2, "nothing new is known"


def test_a_plan_outlives_the_end_of_a_trial_whose_curve_it_knew(planner):
    planner.learn(start(1), epoch(1, 1))
    planner.begin()
    planner.learn(complete(1))
    assert planner.forgotten == 0


def test_a_plan_is_forgotten_when_a_trial_ends_that_it_knew_nothing_of(planner):
    planner.learn(start(1), start(2), epoch(1, 1))
    planner.begin()
    planner.learn(complete(2))
    assert planner.forgotten == 1
    assert planner.begin() == 2


def test_in_a_hurry_plans_are_made_before_anything_is_known_and_kept(planner):
    planner.most = 1
    planner.learn(start(1))
    assert planner.begin() == 0
    planner.learn(start(2), start(3))
    assert planner.begin() == 1
    planner.learn(epoch(1, 1), complete(1))
    assert (planner.begin(), planner.forgotten) == (2, 0)


def test_what_is_heard_while_a_plan_is_made_is_learned_after_it_in_order(planner):
    planner.learn(start(1), epoch(1, 1))
    planner.may_end.clear()
    planner.planner.start(planner.plan)
    later = [epoch(2, 1), complete(1)]
    planner.learn(*later)
    assert planner.learned == [start(1), epoch(1, 1)]
    assert not planner.planner.is_due()
    planner.may_end.set()
    planner.planner.wait()
    assert planner.learned[2:] == later
    assert planner.made == 1


def test_a_failure_while_planning_is_logged_and_the_plan_dropped(planner, caplog):
    def fails():
        raise ZeroDivisionError("no such trial")

    planner.learn(start(1), epoch(1, 1))
    planner.planner.start(fails)
    planner.planner.wait()
    assert "ZeroDivisionError: no such trial" in caplog.text
    caplog.clear()
    assert planner.forgotten == 1
    assert planner.begin() == 1, "the next plan is made as if there had been none"
