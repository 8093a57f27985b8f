"""Gradients that arrive, that vanish and that explode, layer by layer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuner.events import LayerHealth
from tuner.health.gradients import exploding, gradient_health, vanishing


def layer(gradient: float | None, update: float | None) -> LayerHealth:
    return LayerHealth(layer_id="layer", gradient=gradient, update=update)


WELL = [layer(0.02, 1e-3), layer(0.05, 2e-3), layer(0.1, 1e-3)]
numbers = st.just(0.0) | st.floats(1e-45, 1e6)
"""No denormal numbers: those lose digits when scaled. A gradient, in float32, is 0 or at least 1e-45."""
flows = st.lists(st.builds(layer, numbers, numbers), min_size=1, max_size=20)


def test_gradients_that_arrive_are_well():
    assert gradient_health(WELL) == 1


def test_a_network_that_has_learned_all_is_well():
    assert gradient_health([layer(one.gradient * 1e-9, one.update) for one in WELL]) == 1


def test_early_layers_that_get_nothing_are_not():
    stack = [layer(10.0**-depth, 1e-3) for depth in range(12, 0, -1)]
    assert vanishing(stack)[0] == 1
    assert vanishing(stack)[-1] == 0
    assert gradient_health(stack) < 0.5


def test_updates_as_large_as_the_weights_are_not():
    assert gradient_health([layer(one.gradient, 2.0) for one in WELL]) == 0


def test_values_that_are_not_finite_are_unhealthy():
    assert gradient_health([*WELL, layer(None, 1e-3)]) == 0
    assert exploding([layer(0.1, None)]) == [1]


def test_without_any_gradient_all_is_lost():
    assert gradient_health([layer(0.0, 0.0)] * 3) == 0


def test_without_layers_nothing_is_known():
    assert gradient_health([]) is None


@given(flows)
def test_it_is_a_share(layers):
    assert 0 <= gradient_health(layers) <= 1


@given(flows, st.floats(1e-3, 1e3))
def test_the_unit_of_the_loss_does_not_matter(layers, factor):
    scaled = [layer(one.gradient * factor, one.update) for one in layers]
    assert gradient_health(scaled) == pytest.approx(gradient_health(layers), abs=1e-6)


@given(flows, st.floats(1, 1e3))
def test_wilder_updates_are_never_better(layers, factor):
    wilder = [layer(one.gradient, one.update * factor) for one in layers]
    assert gradient_health(wilder) <= gradient_health(layers) + 1e-9
