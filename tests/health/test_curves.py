"""Curves that are well and curves that are not, scripted; and what holds for every curve."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuner.health.curves import MIN_EPOCHS, accuracy_consistency, convergence_quality, training_stability

CHANCE = math.log(10)
FALLING = [2.3, 1.2, 0.7, 0.45, 0.33, 0.27, 0.24, 0.22, 0.21, 0.205]
JAGGED = [2.3, 0.9, 2.1, 0.7, 1.9, 0.8, 2.0, 0.6, 1.8, 0.9]
EXPLODING = [2.3, 2.4, 3.1, 4.9, 9.7, 24.0, 80.0]
RESTING = [0.02, 0.0201, 0.0199, 0.02, 0.0202, 0.0198, 0.02]

loss = st.floats(1e-3, 1e3)
losses = st.lists(loss, min_size=MIN_EPOCHS, max_size=30)
both_losses = st.lists(st.tuples(loss, loss), min_size=MIN_EPOCHS, max_size=30)
shares = st.lists(st.floats(0, 1), min_size=MIN_EPOCHS, max_size=30)


class TestStability:
    def test_a_quiet_falling_curve_is_well(self):
        assert training_stability(FALLING, CHANCE) == 1

    @pytest.mark.parametrize("curve", [JAGGED, EXPLODING])
    def test_a_jagged_and_an_exploding_one_are_not(self, curve):
        assert training_stability(curve, CHANCE) < 0.15

    def test_the_noise_of_a_training_that_has_arrived_is_not_held_against_it(self):
        assert training_stability(RESTING, CHANCE) > 0.3
        assert training_stability([*FALLING, *(0.2 + 0.002 * (-1) ** n for n in range(20))], CHANCE) > 0.9

    def test_a_first_epoch_far_above_chance_is_a_rise_however_well_it_falls_from_there(self):
        assert training_stability([400.0, 200.0, 100.0, 50.0], CHANCE) < 0.1
        assert training_stability([1.1 * CHANCE, *FALLING], CHANCE) == 1

    @pytest.mark.parametrize("bad", [math.nan, math.inf])
    def test_a_loss_that_is_not_finite_is_no_stability(self, bad):
        assert training_stability([1.0, bad], CHANCE) == 0

    @given(losses)
    def test_it_is_a_share(self, curve):
        assert 0 <= training_stability(curve, CHANCE) <= 1

    @given(losses, st.floats(1e-6, 1e6))
    def test_it_has_no_unit(self, curve, factor):
        scaled = training_stability([factor * loss for loss in curve], factor * CHANCE)
        assert scaled == pytest.approx(training_stability(curve, CHANCE), abs=1e-6)

    @given(st.floats(0.01, 1), st.floats(0, 0.5), st.floats(0, 0.5))
    def test_larger_teeth_are_worse(self, start, small, more):
        def toothed(tooth):
            return [start + (tooth if epoch % 2 else 0) for epoch in range(9)]

        assert training_stability(toothed(small + more), CHANCE) <= training_stability(toothed(small), CHANCE) + 1e-9


class TestConsistency:
    def test_a_steady_climb_and_a_steady_level_are_well(self):
        assert accuracy_consistency([0.1 * epoch for epoch in range(10)]) == pytest.approx(1)
        assert accuracy_consistency([0.9] * 10) == 1

    def test_jumps_are_not(self):
        assert accuracy_consistency([0.9, 0.5, 0.9, 0.4, 0.9, 0.5, 0.9, 0.4]) < 0.01

    def test_a_rough_start_is_forgiven(self):
        assert accuracy_consistency([0.1, 0.7, 0.2, 0.8, 0.9, 0.9, 0.9, 0.9]) == 1

    @given(shares)
    def test_it_is_a_share(self, curve):
        assert 0 <= accuracy_consistency(curve) <= 1

    @given(st.floats(0, 0.4), st.floats(0, 0.1))
    def test_larger_swings_are_worse(self, small, more):
        def swinging(swing):
            return [0.5 + (swing if epoch % 2 else 0) for epoch in range(9)]

        assert accuracy_consistency(swinging(small + more)) <= accuracy_consistency(swinging(small)) + 1e-9


class TestConvergence:
    def test_a_training_that_arrived_is_well(self):
        assert convergence_quality(FALLING, [loss + 0.02 for loss in FALLING], CHANCE) > 0.85

    def test_one_that_never_learned_is_not(self):
        assert convergence_quality([CHANCE] * 8, [CHANCE] * 8, CHANCE) < 0.01

    def test_one_that_is_still_on_its_way_has_not_arrived(self):
        way = [2.2 - 0.2 * epoch for epoch in range(8)]
        assert convergence_quality(way, way, CHANCE) < convergence_quality(FALLING, FALLING, CHANCE) - 0.2

    def test_one_that_learned_its_samples_by_heart_is_not(self):
        apart = [1.8, 1.6, 1.5, 1.6, 1.8, 2.0, 2.2, 2.4, 2.6, 2.8]
        assert convergence_quality(FALLING, apart, CHANCE) < 0.2

    def test_one_that_lost_what_it_knew_is_not(self):
        assert convergence_quality(EXPLODING, EXPLODING, CHANCE) < 0.05

    @given(losses, st.floats(0, 3), st.floats(1e-3, 10))
    def test_it_is_a_share(self, train, gap, chance):
        assert 0 <= convergence_quality(train, [loss + gap for loss in train], chance) <= 1

    @given(both_losses, st.floats(0, 3), st.floats(1e-3, 10))
    def test_a_higher_last_validation_loss_is_never_better(self, both, more, chance):
        train, validation = map(list, zip(*both, strict=True))
        worse = [*validation[:-1], validation[-1] + more]
        assert convergence_quality(train, worse, chance) <= convergence_quality(train, validation, chance) + 1e-9

    def test_the_unit_of_the_loss_is_chance(self):
        bits = [loss / CHANCE * math.log(2) for loss in FALLING]
        assert convergence_quality(bits, bits, math.log(2)) == pytest.approx(
            convergence_quality(FALLING, FALLING, CHANCE)
        )


@pytest.mark.parametrize("count", range(MIN_EPOCHS))
def test_too_few_epochs_say_nothing(count):
    curve = FALLING[:count]
    assert training_stability(curve, CHANCE) is None
    assert accuracy_consistency(curve) is None
    assert convergence_quality(curve, curve, CHANCE) is None
