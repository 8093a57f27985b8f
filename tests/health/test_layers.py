"""One number per layer says where a network is ill."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuner.events import LayerHealth
from tuner.health.metrics import layer_health
from tuner.health.units import live_share

shares = st.none() | st.floats(0, 1)
norms = st.none() | st.floats(0, 1e30)


def layer(number: int = 1, **fields) -> LayerHealth:
    return LayerHealth(layer_id=f"layer{number}", **({"gradient": 0.01, "update": 0.002} | fields))


@given(st.lists(st.tuples(shares, shares, norms, norms), max_size=6))
def test_it_is_a_share_for_any_layers(values):
    layers = [
        layer(number, dead=dead, saturated=saturated, gradient=gradient, update=update)
        for number, (dead, saturated, gradient, update) in enumerate(values)
    ]
    found = layer_health(layers)
    assert len(found) == len(layers)
    assert all(0 <= one <= 1 for one in found)


def test_a_layer_without_anything_wrong_is_well():
    assert layer_health([layer(1, units=8, dead=0.0, saturated=0.0), layer(2)]) == [1.0, 1.0]


def test_dead_and_saturated_units_count_alike():
    assert live_share(layer(dead=0.25, saturated=0.5)) == 0.25
    assert layer_health([layer(dead=0.25, saturated=0.5)]) == [0.25]
    assert live_share(layer(dead=0.75, saturated=0.75)) == 0.0


def test_a_layer_that_gets_no_gradient_is_ill_and_the_others_are_not():
    lost, *others = layer_health([layer(1, gradient=1e-9), layer(2), layer(3, gradient=0.02)])
    assert (lost, others) == (0.0, [1.0, 1.0])


def test_a_layer_that_is_overwritten_is_ill():
    wild, calm = layer_health([layer(1, update=1.0), layer(2)])
    assert (wild, calm) == (0.0, 1.0)


@pytest.mark.parametrize("unknown", ["gradient", "update"])
def test_what_is_not_finite_is_ill_where_it_is_and_nowhere_else(unknown):
    assert layer_health([layer(1), layer(2, **{unknown: None})]) == [1.0, 0.0]
