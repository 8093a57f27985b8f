from __future__ import annotations

import pytest

from tests.benchmarks.prune_replay import Curve, Pruned, Setting, mean_shares, replay

EPOCHS = 10


def curve(number: int, *accuracy: float, kind: str = "cnn", steps: int = 100, seconds: float = 1.0) -> Curve:
    """The last accuracy holds for the rest of the training."""
    whole = (*accuracy, *[accuracy[-1]] * (EPOCHS - len(accuracy)))
    return Curve("digits", kind, number, steps, 0.1, 1_000, whole, (seconds,) * EPOCHS)


STEADY = [curve(number, 0.3 + number / 100) for number in range(1, 9)]
SLOW_STARTER = curve(99, 0.1, 0.1, 0.9, kind="lstm")
SEEDS = range(20)
OFTEN = 0.5
"""Of nine trials in a random order, the first three at a rung pass it whatever they reached."""


def outcomes(curves: list[Curve], setting: Setting) -> list[dict[int, Pruned]]:
    return [replay(curves, setting, seed) for seed in SEEDS]


def test_a_slow_starter_is_pruned_after_a_grace_of_one_epoch_and_not_of_three() -> None:
    curves = [*STEADY, SLOW_STARTER]
    early = outcomes(curves, Setting(grace=1, least_steps=0))
    assert statistics_of(early) > OFTEN
    assert {outcome[99] for outcome in early if 99 in outcome} == {Pruned(comparison=1, epoch=1)}
    assert statistics_of(outcomes(curves, Setting(grace=3, least_steps=0))) == 0


def statistics_of(found: list[dict[int, Pruned]]) -> float:
    """The share of the outcomes in which the slow starter was pruned."""
    return sum(99 in outcome for outcome in found) / len(found)


def test_steps_protect_trials_with_few_of_them() -> None:
    curves = [*STEADY, curve(99, 0.1, 0.1, 0.9, steps=20)]
    assert statistics_of(outcomes(curves, Setting(grace=1, least_steps=50))) == 0  # 60 steps at epoch 3
    assert statistics_of(outcomes(curves, Setting(grace=1, least_steps=20))) > OFTEN


def test_with_a_time_budget_the_rungs_are_seconds() -> None:
    curves = [*STEADY, SLOW_STARTER]
    # The first rung is 1 % of both workers' seconds: after 3 epochs here, or after 1.
    assert statistics_of(outcomes(curves, Setting(grace=1, least_steps=0, budget_s=150))) == 0
    assert statistics_of(outcomes(curves, Setting(grace=1, least_steps=0, budget_s=50))) > OFTEN
    assert statistics_of(outcomes(curves, Setting(grace=3, least_steps=0, budget_s=50))) == 0


def test_the_same_order_gives_the_same_outcome() -> None:
    setting = Setting(grace=1, least_steps=0)
    assert outcomes(STEADY, setting) == outcomes(STEADY, setting)
    assert len({tuple(sorted(outcome)) for outcome in outcomes(STEADY, setting)}) > 1


def test_shares_are_of_the_trials_that_end_well_by_kind() -> None:
    curves = [*STEADY, SLOW_STARTER]
    found = [{99: Pruned(1, 1), 1: Pruned(1, 1)}, {8: Pruned(2, 3)}]
    cnn, lstm = mean_shares(curves, Setting(1, 0), found)
    assert (lstm["kind"], lstm["best_third"], lstm["learners"]) == ("lstm", 1, 1)
    assert (lstm["best_third_first"], lstm["best_third_any"], lstm["at_chance"]) == (0.5, 0.5, 0.5)
    # The best third of nine are the slow starter, 8 and 7; only the slow starter ends half-way from 0.1 to 0.9.
    assert (cnn["best_third"], cnn["best_third_first"], cnn["best_third_any"]) == (2, 0.0, 0.25)
    assert cnn["learners"] == 0
    assert cnn["learners_any"] is None
    assert cnn["lost"] == pytest.approx((0.9 - 0.38) / 2)
    assert cnn["time"] == pytest.approx((72 / 90 + 83 / 90) / 2)


def test_networks_at_chance_are_no_learners() -> None:
    curves = [curve(number, 0.1) for number in range(3)]
    (row,) = mean_shares(curves, Setting(1, 0), [{}])
    assert row["best_third"] == row["learners"] == 0
