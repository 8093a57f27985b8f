"""The six metrics become one health, and health and accuracy become a total score."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.health.samples import LAYERS, changed, history
from tuner.health.metrics import (
    INSUFFICIENT_VALUE,
    health_metrics,
    is_reduced,
    learned_share,
    parameter_efficiency,
    total_score,
    weighted_health,
)
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
    assert weighted_health(measured, alone).overall_health == pytest.approx(
        INSUFFICIENT_VALUE if measured[name] is None else measured[name]
    )


@given(measures)
def test_health_is_a_share_and_unknown_metrics_are_listed(measured):
    health = weighted_health(measured, HealthWeights())
    assert 0 <= health.overall_health <= 1
    assert set(health.insufficient) == {name for name in NAMES if measured[name] is None}
    assert all(getattr(health, name) == INSUFFICIENT_VALUE for name in health.insufficient)


@given(measures, st.sampled_from(NAMES), shares)
def test_a_better_metric_is_never_a_worse_health(measured, name, value):
    lower, higher = (
        weighted_health(measured | {name: one}, HealthWeights()) for one in sorted([value, INSUFFICIENT_VALUE])
    )
    assert lower.overall_health <= higher.overall_health + 1e-12


class TestLearned:
    CHANCE = math.log(10)

    def health(self, train, accuracy, layers=LAYERS):
        epochs = history(train, accuracy=accuracy)
        return health_metrics(epochs, layers, parameters=1000, chance=self.CHANCE, weights=HealthWeights())

    def test_a_network_at_chance_is_not_healthier_than_after_it_learned(self):
        """The case that was seen: calm curves and live units at chance, teeth and dead units after learning."""
        at_chance = self.health([self.CHANCE] * 4, [0.1] * 4)
        learned = self.health([2.3, 2.2, 1.9, 1.2, 1.4, 0.7, 0.5, 0.4], [0.1, 0.2, 0.3, 0.6, 0.5, 0.75, 0.7, 0.89],
                              changed("dense1", dead=0.4))  # fmt: skip
        assert at_chance.training_stability == at_chance.accuracy_consistency == 1
        assert at_chance.overall_health < 0.5 < learned.overall_health
        assert [is_reduced(health, HealthWeights()) for health in (at_chance, learned)] == [True, False]

    @given(st.floats(1e-3, 10), st.floats(1e-3, 10), st.floats(1e-3, 10))
    def test_lower_losses_are_never_less_learned(self, train, validation, less):
        share = learned_share(train, validation, self.CHANCE)
        assert 0 <= share <= learned_share(train / (1 + less), validation, self.CHANCE) <= 1

    @pytest.mark.parametrize(("loss", "share"), [(1.0, 0), (1.2, 0), (0.95, 0.5), (0.9, 1), (0.1, 1)])
    def test_ten_percent_below_chance_is_learned(self, loss, share):
        assert learned_share(loss * self.CHANCE, 9.0, self.CHANCE) == pytest.approx(share)
        assert learned_share(9.0, loss * self.CHANCE, self.CHANCE) == pytest.approx(share)
        assert learned_share(math.nan, loss * self.CHANCE, self.CHANCE) == pytest.approx(share)


def test_a_missing_metric_is_an_error():
    with pytest.raises(KeyError):
        weighted_health({}, HealthWeights())


@pytest.mark.parametrize(("weight", "score"), [(1.0, 0.9), (0.0, 0.4), (0.7, 0.75)])
def test_the_score_lies_between_accuracy_and_health(weight, score):
    assert total_score(0.9, 0.4, weight) == pytest.approx(score)


accuracies, sizes = st.floats(0, 1), st.integers(0, 10**12)


@pytest.mark.parametrize(
    ("parameters", "left"), [(0, 1), (100_000, 1), (1_000_000, 0.75), (10_000_000, 0.5), (10**9, 0)]
)
def test_size_costs_from_a_hundred_thousand_weights_on(parameters, left):
    assert parameter_efficiency(0.8, parameters) == pytest.approx(0.8 * left)


@given(accuracies, accuracies, sizes, sizes)
def test_more_accuracy_is_better_and_more_size_is_worse(low, high, small, large):
    (low, high), (small, large) = sorted((low, high)), sorted((small, large))
    assert 0 <= parameter_efficiency(low, large) <= parameter_efficiency(high, small) <= 1
