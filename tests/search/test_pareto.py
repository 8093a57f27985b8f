"""Which trials are on the front."""

from __future__ import annotations

import itertools
import random

import pytest

from tests.search.test_warm_start import row
from tuner.objectives import Constraint, dominates
from tuner.search.pareto import pareto_front, total_violation

BOTH = ("val_accuracy", "parameter_count")


def trials(*values, status="completed"):
    return [
        row(number, accuracy, status=status, parameter_count=size) for number, (accuracy, size) in enumerate(values, 1)
    ]


def front(rows, *constraints, objectives=BOTH):
    return [trial.trial_number for trial in pareto_front(rows, objectives, [Constraint.parse(c) for c in constraints])]


def test_whoever_is_beaten_in_one_objective_and_better_in_none_is_off_the_front():
    assert front(trials((0.9, 300), (0.8, 200), (0.7, 250), (0.6, 100))) == [1, 2, 4]


def test_the_best_by_the_first_objective_comes_first():
    assert front(trials((0.6, 100), (0.9, 300), (0.8, 200))) == [2, 3, 1]


def test_equals_are_on_it_together():
    assert front(trials((0.9, 100), (0.9, 100), (0.9, 101))) == [1, 2]


def test_of_one_objective_it_is_the_best():
    assert front(trials((0.9, 300), (0.95, 200), (0.7, 250)), objectives=("val_accuracy",)) == [2]


@pytest.mark.parametrize("status", ["pruned", "cancelled", "running", "failed"])
def test_only_completed_trials_are_on_it(status):
    assert front(trials((0.9, 100), status=status)) == []


def test_what_breaks_a_constraint_is_off_it_and_pushes_nobody_off():
    rows = trials((0.9, 300), (0.8, 200), (0.7, 200))
    assert front(rows, "parameter_count<=200") == [2]
    assert front(rows, "val_accuracy>=0.95") == []


def test_a_trial_without_a_value_is_off_it():
    assert front(trials((0.9, 100)), objectives=("val_accuracy", "inference_time")) == []


def test_a_breach_is_the_sum_over_the_constraints():
    (trial,) = trials((0.8, 300))
    bounds = [Constraint.parse(text) for text in ("parameter_count<=200", "val_accuracy>=1", "val_loss<=1")]
    assert total_violation(trial, bounds) == pytest.approx(0.5 + 0.2)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("objectives", [BOTH, (*BOTH, "val_loss"), ("parameter_count", "val_accuracy")])
def test_the_front_is_whom_nobody_dominates(objectives, seed):
    draw = random.Random(seed)
    rows = trials(*((draw.randint(0, 9) / 10, draw.randint(0, 9)) for _ in range(40)))
    beaten = {b.trial_number for a, b in itertools.permutations(rows, 2) if dominates(objectives, a.values, b.values)}
    assert set(front(rows, objectives=objectives)) == set(range(1, 41)) - beaten
