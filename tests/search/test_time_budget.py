"""A time budget counts training."""

from __future__ import annotations

import math

from tests.store.samples import epoch, start
from tuner.search.time_budget import TimeBudget


def test_it_begins_with_the_first_trial_and_ends_after_its_seconds():
    now = 100.0
    budget = TimeBudget(50.0, lambda: now)
    now = 900.0
    assert (budget.begun, budget.left_s, budget.share_left) == (False, 50.0, 1.0)
    budget.learn(epoch(1, 1))
    assert not budget.begun
    budget.learn(start(1))
    now = 940.0
    budget.learn(start(2))
    assert (budget.begun, budget.left_s, budget.share_left) == (True, 10.0, 0.2)
    now = 1_000.0
    assert (budget.left_s, budget.share_left) == (0.0, 0.0)


def test_without_seconds_it_never_ends():
    budget = TimeBudget(None)
    budget.learn(start(1))
    assert (budget.left_s, budget.share_left) == (math.inf, 1.0)
