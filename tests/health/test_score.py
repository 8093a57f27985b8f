"""The health of a network from its parts, and the score from health and accuracy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tuner.health.score import UNKNOWN, total_score, weigh
from tuner.spec_parts import HealthWeights

NAMES = list(HealthWeights.model_fields)
shares = st.floats(0, 1)
measures = st.fixed_dictionaries({name: st.none() | shares for name in NAMES})


def test_the_weights_by_default():
    assert HealthWeights().model_dump() == {
        "neuron_utilization": 0.25,
        "training_stability": 0.20,
        "parameter_efficiency": 0.15,
        "gradient_health": 0.15,
        "convergence_quality": 0.15,
        "accuracy_consistency": 0.10,
    }


def test_weights_that_do_not_sum_to_one_are_refused():
    with pytest.raises(ValidationError, match=r"sum to 1\.25, must be 1"):
        HealthWeights(neuron_utilization=0.5)


@given(st.sampled_from(NAMES), measures)
def test_a_weight_of_one_makes_a_metric_the_health(name, measured):
    alone = HealthWeights(**{other: float(other == name) for other in NAMES})
    assert weigh(measured, alone).overall_health == pytest.approx(UNKNOWN if measured[name] is None else measured[name])


@given(measures)
def test_health_is_a_share_and_what_is_unknown_is_marked(measured):
    health = weigh(measured, HealthWeights())
    assert 0 <= health.overall_health <= 1
    assert set(health.insufficient) == {name for name in NAMES if measured[name] is None}
    assert all(getattr(health, name) == UNKNOWN for name in health.insufficient)


@given(measures, st.sampled_from(NAMES), shares)
def test_a_better_metric_is_never_a_worse_health(measured, name, value):
    lower, higher = (weigh(measured | {name: one}, HealthWeights()) for one in sorted([value, UNKNOWN]))
    assert lower.overall_health <= higher.overall_health + 1e-12


def test_a_metric_that_was_not_measured_is_a_mistake():
    with pytest.raises(KeyError):
        weigh({}, HealthWeights())


@pytest.mark.parametrize(("weight", "score"), [(1.0, 0.9), (0.0, 0.4), (0.7, 0.75)])
def test_the_score_lies_between_accuracy_and_health(weight, score):
    assert total_score(0.9, 0.4, weight) == pytest.approx(score)
