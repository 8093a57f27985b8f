"""What a network may cost for its accuracy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuner.health.size import parameter_efficiency

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
