"""What the sampler learns from each kind of trial."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import optuna
import pytest
from optuna.distributions import FloatDistribution
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from tuner.search.encoding import Encoding
from tuner.search.history import DIVERGED, PRUNED_NOISE, HistoryReader, half_ranked
from tuner.search.parameter import Parameter
from tuner.search.space import Space

ENCODING = Encoding(Space((Parameter("x", "", 0.0, 1.0),)))
START = datetime(2026, 1, 1)


def trial(number: int, state: TrialState, value=None, x=0.5, curve=None, **user_attrs) -> FrozenTrial:
    made = optuna.trial.create_trial(
        state=state,
        value=value,
        params={"x": x},
        distributions={"x": FloatDistribution(0, 1)},
        intermediate_values=curve or {},
        user_attrs=user_attrs,
    )
    made.number = number
    made.datetime_complete = START + timedelta(seconds=number) if state.is_finished() else None
    return made


def read(*trials, direction=StudyDirection.MAXIMIZE, asking=-1):
    return HistoryReader(ENCODING).read(trials, direction, asking)


def test_larger_is_better_whatever_the_direction():
    trials = trial(0, TrialState.COMPLETE, 3.0), trial(1, TrialState.COMPLETE, 5.0)
    assert read(*trials).values.tolist() == [3, 5]
    assert read(*trials, direction=StudyDirection.MINIMIZE).values.tolist() == [-3, -5]


def test_a_stopped_trial_counts_by_its_last_value_with_more_noise():
    history = read(
        trial(0, TrialState.COMPLETE, 1.0), trial(1, TrialState.PRUNED, curve={1: 0.9, 3: 0.2, 2: 0.5}, x=0.1)
    )
    assert history.values.tolist() == [1.0, 0.2]
    assert history.noise_factors.tolist() == [1, PRUNED_NOISE]


def test_a_stopped_trial_is_never_better_than_the_median_of_the_complete_ones():
    complete = [trial(number, TrialState.COMPLETE, float(number)) for number in range(3)]
    assert read(*complete, trial(3, TrialState.PRUNED, curve={1: 9.0})).values.tolist() == [0, 1, 2, 1]


def test_what_a_running_trial_has_reached_is_placed_among_the_results():
    results = [trial(number, TrialState.COMPLETE, value) for number, value in enumerate((0.0, 1.0, 2.0, 4.0))]
    curves = [{}, {1: -1.0}, {1: 3.0, 2: 2.5}, {1: 9.0}]
    running = [trial(number, TrialState.RUNNING, curve=curve) for number, curve in enumerate(curves, 4)]
    targets = half_ranked(np.array([0.0, 1.0, 2.0, 4.0]))
    between = (targets[2] + targets[3]) / 2
    assert read(*results, *running).reached_targets().tolist() == pytest.approx([-np.inf, -np.inf, between, targets[3]])


def test_running_trials_are_pending_and_the_asking_one_is_not():
    history = read(trial(0, TrialState.RUNNING, x=0.2), trial(1, TrialState.RUNNING, x=0.7), asking=1)
    assert history.pending.tolist() == [[0.2]]
    assert len(history) == 0


def test_only_failures_that_say_so_are_infeasible_but_none_is_tried_again():
    history = read(trial(0, TrialState.FAIL, x=0.2, infeasible=True), trial(1, TrialState.FAIL, x=0.3))
    assert history.infeasible.tolist() == [[0.2]]
    assert len(history.tried) == 2


@pytest.mark.parametrize("value", [float("inf"), float("-inf")])
def test_infinite_values_teach_nothing(value):
    assert len(read(trial(0, TrialState.COMPLETE, value))) == 0
    assert len(read(trial(1, TrialState.PRUNED, curve={1: value}))) == 0


def test_trials_come_in_the_order_in_which_they_ended():
    early = trial(5, TrialState.COMPLETE, 5.0)
    early.datetime_complete = START - timedelta(hours=1)
    assert read(trial(0, TrialState.COMPLETE, 0.0), early).values.tolist() == [5, 0]


def test_the_better_half_keeps_its_distances_and_the_worse_half_only_its_order():
    values = np.array([-1e9, 0.0, 1.0, 2.0, 4.0])
    warped = half_ranked(values)
    assert warped.mean() == pytest.approx(0, abs=1e-12)
    assert warped.std() == pytest.approx(1)
    assert (np.diff(warped) > 0).all()
    assert (warped[4] - warped[3]) / (warped[3] - warped[2]) == pytest.approx(2)
    assert half_ranked(np.array([-10.0, 0.0, 1.0, 2.0, 4.0])) == pytest.approx(warped)


@pytest.mark.parametrize("values", [[1.0], [2.0, 2.0, 2.0], [0.0, 1.0, 1.0, 1.0]])
def test_equal_values_are_no_reason_to_divide_by_zero(values):
    assert np.isfinite(half_ranked(np.array(values))).all()


def test_a_trial_that_ended_is_looked_at_once_however_often_is_asked():
    """An ask in a long study must not cost more than one in a short study."""
    placed: list[int] = []

    class Counting(Encoding):
        def coordinates(self, configurations):
            placed.append(len(configurations))
            return super().coordinates(configurations)

    historian = HistoryReader(Counting(Space((Parameter("x", "", 0.0, 1.0),))))
    trials = [trial(number, TrialState.COMPLETE, float(number)) for number in range(50)]
    historian.read(trials, StudyDirection.MAXIMIZE, -1)
    placed.clear()
    for number in range(50, 60):
        trials.append(trial(number, TrialState.RUNNING))
        historian.read(trials, StudyDirection.MAXIMIZE, -1)
        trials[number] = trial(number, TrialState.COMPLETE, float(number))
    assert sum(placed) == 19, "ten that run, and nine of them again at their end"


def test_trials_told_one_by_one_give_what_they_give_all_at_once():
    kinds = [
        lambda number: trial(number, TrialState.COMPLETE, float(number), x=0.1),
        lambda number: trial(number, TrialState.PRUNED, curve={1: 7.0 - number}, x=0.2),
        lambda number: trial(number, TrialState.FAIL, x=0.3, status=DIVERGED),
        lambda number: trial(number, TrialState.FAIL, x=0.4 + number / 100, infeasible=True),
        lambda number: trial(number, TrialState.FAIL, x=0.5, status="failed"),
    ]
    ended = [kinds[number % len(kinds)](number) for number in range(20)]
    historian, told = HistoryReader(ENCODING), [trial(number, TrialState.RUNNING) for number in range(20)]
    for number in (*range(1, 20, 2), *range(0, 20, 2)):  # not in the order of their numbers
        told[number] = ended[number]
        step_by_step = historian.read(told, StudyDirection.MINIMIZE, -1)
    at_once = read(*ended, direction=StudyDirection.MINIMIZE)
    for name in ("observed", "values", "noise_factors", "numbers", "infeasible", "pending"):
        assert getattr(step_by_step, name).tolist() == getattr(at_once, name).tolist(), name
    assert step_by_step.tried == at_once.tried
