"""Units that live, are dead or saturated, as arrays of activations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuner.events import LayerHealth
from tuner.health.units import BOUNDS, UnitStatistics, neuron_utilization, unit_statistics

RNG = np.random.default_rng(0)
SIGNAL = RNG.normal(size=(200, 20)).astype(np.float32)
ACTIVATIONS = {
    "relu": lambda x: np.maximum(x, 0),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.3 * x),
    "swish": lambda x: x / (1 + np.exp(-x)),
    "elu": lambda x: np.where(x > 0, x, np.exp(np.minimum(x, 0)) - 1),
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_units_that_answer_live(name):
    assert unit_statistics(ACTIVATIONS[name](SIGNAL), name) == UnitStatistics(20, 0.0, 0.0)


@pytest.mark.parametrize("name", ["relu", "swish", "elu"])
def test_units_far_below_zero_are_dead(name):
    moved = SIGNAL.copy()
    moved[:, :5] -= 50
    assert unit_statistics(ACTIVATIONS[name](moved), name) == UnitStatistics(20, 0.25, 0.0)


def test_a_leaky_unit_far_below_zero_still_answers():
    moved = SIGNAL.copy()
    moved[:, :5] -= 50
    assert unit_statistics(ACTIVATIONS["leaky_relu"](moved), "leaky_relu").dead == 0


@pytest.mark.parametrize("name", ["tanh", "sigmoid"])
@pytest.mark.parametrize("side", [-20, 20])
def test_units_at_a_bound_are_saturated_and_not_dead(name, side):
    moved = SIGNAL.copy()
    moved[:, :4] += side
    assert unit_statistics(ACTIVATIONS[name](moved), name) == UnitStatistics(20, 0.0, 0.2)


@pytest.mark.parametrize("name", ["relu", None])
def test_a_layer_without_any_movement_is_dead(name):
    assert unit_statistics(np.zeros((10, 3), np.float32), name).dead == 1


def test_three_dead_units_in_four_do_not_hide_the_living_ones():
    moved = SIGNAL.copy()
    moved[:, :16] -= 50
    assert unit_statistics(ACTIVATIONS["relu"](moved), "relu").dead == pytest.approx(0.8)


def test_a_layer_whose_units_are_all_far_below_zero_is_dead_although_they_move_a_little():
    moved = ACTIVATIONS["swish"](SIGNAL - 50)
    assert moved.min() < moved.max() < 0
    assert unit_statistics(moved, "swish").dead == 1


@given(st.floats(1e-2, 1e6), st.sampled_from(["relu", None]))
def test_the_size_of_activations_does_not_matter(factor, name):
    """As long as they are not next to NOTHING, which is absolute: it tells a layer that is dead throughout."""
    dying = np.maximum(SIGNAL - np.linspace(0, 6, 20, dtype=np.float32), 0)
    assert unit_statistics((dying * factor).astype(np.float32), name) == unit_statistics(dying, name)


def test_utilization_is_the_share_of_all_units():
    layers = [
        LayerHealth(layer_id="a", units=30, dead=0.1, saturated=0.0),
        LayerHealth(layer_id="b"),
        LayerHealth(layer_id="c", units=10, dead=0.0, saturated=0.5),
    ]
    assert neuron_utilization(layers) == pytest.approx(32 / 40)
    assert neuron_utilization([]) is None


def test_only_activations_with_bounds_saturate():
    assert set(BOUNDS) & {"relu", "leaky_relu", "swish", "elu"} == set()
