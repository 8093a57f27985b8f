"""Expected improvement, the probability of feasibility, and user priors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from tuner.search.acquisition import PRIOR_FLOOR, Feasibility, UserPriors, log_expected_improvement
from tuner.search.encoding import Encoding
from tuner.search.parameter import Parameter
from tuner.search.space import Space

SPACE = Encoding(
    Space(
        (
            Parameter("rate", "", 1e-4, 1.0, log=True),
            Parameter("units", "", 16, 256, integer=True, log=True),
            Parameter("kind", "", choices=("a", "b", "c")),
        )
    )
)


def test_expected_improvement_is_the_textbook_formula():
    mean, deviation = np.linspace(-3, 3, 13), np.full(13, 0.7)
    z = (mean - 0.5) / deviation
    expected = deviation * (norm.pdf(z) + z * norm.cdf(z))
    assert np.exp(log_expected_improvement(mean, deviation, 0.5)) == pytest.approx(expected)


def test_expected_improvement_ranks_the_hopeless():
    worth = log_expected_improvement(-np.logspace(-3, 9, 200), np.ones(200), 0.0)
    assert np.isfinite(worth).all()
    assert (np.diff(worth) < 0).all()


def test_everything_is_feasible_until_something_failed():
    assert Feasibility(np.zeros((3, 2)), np.zeros((0, 2))).probability(np.ones((2, 2))).tolist() == [1, 1]


def test_feasibility_finds_a_border_along_a_parameter():
    x = np.random.default_rng(0).random((60, 3))
    large = x[:, 0] + x[:, 1] > 1.2
    probability = Feasibility(x[~large], x[large]).probability(np.array([[0.1, 0.1, 0.5], [0.9, 0.9, 0.5]]))
    assert probability[0] > 0.9
    assert probability[1] < 0.1


def test_only_failures_are_no_error():
    assert (Feasibility(np.zeros((0, 2)), np.ones((3, 2))).probability(np.random.rand(5, 2)) < 0.5).all()


def coordinates(**values):
    return SPACE.coordinates([values])


def test_the_believed_configuration_has_most_weight_and_none_has_less_than_the_floor():
    beliefs = UserPriors(SPACE, {"rate": 0.01, "kind": "b"})
    believed = beliefs.log_weight(coordinates(rate=0.01, units=99, kind="b"))[0]
    near = beliefs.log_weight(coordinates(rate=0.02, units=16, kind="b"))[0]
    other = beliefs.log_weight(coordinates(rate=0.01, units=16, kind="c"))[0]
    far = beliefs.log_weight(coordinates(rate=1.0, units=16, kind="a"))[0]
    assert believed == pytest.approx(0)
    assert believed > near > other > far == pytest.approx(math.log(PRIOR_FLOOR))


def test_points_near_a_belief():
    moved = UserPriors(SPACE, {"rate": 1.0, "kind": "c"}).near(np.full((500, 3), 0.1), np.random.default_rng(0), 0.1)
    assert ((moved[:, 0] > 0.6) & (moved[:, 0] <= 1)).all()
    assert (moved[:, 1] == 0.1).all()
    assert 0.8 < np.mean(moved[:, 2] > 0.5) < 1


def test_a_belief_about_nothing_here_is_none():
    assert not UserPriors(SPACE, {"other": 3})
    assert not UserPriors(SPACE, {"kind": "z"})
    assert not UserPriors(SPACE, {})
