"""What the sampler promises: never twice, never a copy, always allowed, always the same."""

from __future__ import annotations

import math
import warnings
from itertools import product

import numpy as np
import optuna
import pytest
from optuna.distributions import FloatDistribution
from optuna.trial import TrialState

from tuner.search import trial_planner
from tuner.search.auto_sampler import AutoSampler
from tuner.search.encoding import identity
from tuner.search.history import INFEASIBLE
from tuner.search.parameter import Parameter
from tuner.search.space import Space

PLANE = Space((Parameter("x", "", 0.0, 1.0), Parameter("y", "", 0.0, 1.0)))
NETWORK = Space(
    (
        Parameter("layers", "", 1, 4, integer=True),
        Parameter("units_3", "", 16, 1024, integer=True, log=True, when=lambda hp: hp["layers"] >= 3),
        Parameter("units", "", 16, 1024, integer=True, log=True),
        Parameter("optimizer", "", choices=("adam", "sgd")),
        Parameter("rate", "", 1e-4, 1e-2, log=True, when=lambda hp: hp["optimizer"] == "adam"),
        Parameter("rate", "", 1e-3, 3e-1, log=True, when=lambda hp: hp["optimizer"] == "sgd", key="rate_sgd"),
    )
)


@pytest.fixture(autouse=True)
def quiet():
    optuna.logging.set_verbosity(optuna.logging.ERROR)


def hill(hp) -> float:
    return -((hp["x"] - 0.3) ** 2) - (hp["y"] - 0.8) ** 2


def deep(hp) -> float:
    """A stand-in for a network's accuracy: layers help, and the best rate depends on the optimizer."""
    place = {"adam": -3.0, "sgd": -1.0}[hp["optimizer"]]
    return 0.9 - 0.1 * abs(math.log10(hp["rate"]) - place) - 0.02 * abs(hp["layers"] - 3)


def study(sampler, direction="maximize") -> optuna.Study:
    return optuna.create_study(sampler=sampler, direction=direction)


def search(made: optuna.Study, space_: Space, value, trials: int) -> list[dict]:
    suggested = []
    for _ in range(trials):
        trial = made.ask()
        suggested.append(space_.suggest(trial))
        made.tell(trial, value(suggested[-1]))
    return suggested


@pytest.mark.parametrize("direction", ["maximize", "minimize"])
def test_it_finds_the_top_of_a_hill(direction):
    sign = 1 if direction == "maximize" else -1
    made = study(AutoSampler(PLANE, 1), direction)
    search(made, PLANE, lambda hp: sign * hill(hp), 35)
    assert sign * made.best_value > -0.001


def test_it_searches_a_conditional_space():
    made = study(AutoSampler(NETWORK, 3))
    search(made, NETWORK, deep, 30)
    assert made.best_value > 0.87


def test_no_configuration_twice_while_one_is_left_whatever_runs():
    small = Space(
        (
            Parameter("kind", "", choices=("a", "b")),
            Parameter("size", "", 1, 3, integer=True),
            Parameter("more", "", choices=(1, 2, 3), when=lambda hp: hp["kind"] == "b"),
        )
    )
    made = study(AutoSampler(small, 0))
    running = []
    for _ in range(12):
        running.append(made.ask())
        small.suggest(running[-1])
        if len(running) == 4:
            trial = running.pop(0)
            made.tell(trial, float(trial.params["size"]))
    assert len({identity(trial.params) for trial in made.trials}) == 3 + 9
    small.suggest(made.ask())  # all are taken: one comes again, and no error


def test_parallel_trials_are_not_copies():
    for finished in (0, 3, 20):
        made = study(AutoSampler(PLANE, 2))
        search(made, PLANE, hill, finished)
        batch = [PLANE.suggest(made.ask()) for _ in range(6)]
        apart = [math.dist(a.values(), b.values()) for a, b in product(batch, batch) if a is not b]
        assert min(apart) > 1e-4


def test_the_first_trials_spread_over_the_space():
    made = study(AutoSampler(PLANE, 5))
    batch = [PLANE.suggest(made.ask()) for _ in range(8)]
    assert {(int(2 * hp["x"]), int(2 * hp["y"])) for hp in batch} == {(0, 0), (0, 1), (1, 0), (1, 1)}


def test_the_same_seed_and_history_suggest_the_same_after_a_resume():
    whole = study(AutoSampler(NETWORK, 7))
    expected = search(whole, NETWORK, deep, 24)
    first = study(AutoSampler(NETWORK, 7))
    search(first, NETWORK, deep, 17)
    second = study(AutoSampler(NETWORK, 7))
    for trial in first.trials:
        second.add_trial(trial)
    assert search(second, NETWORK, deep, 7) == expected[17:]
    assert search(study(AutoSampler(NETWORK, 8)), NETWORK, deep, 1) != expected[:1]


def test_enqueued_values_are_taken_and_decide_the_rest():
    made = study(AutoSampler(NETWORK, 0))
    for finished in (0, 15):
        search(made, NETWORK, deep, finished)
        made.enqueue_trial({"optimizer": "sgd", "layers": 2, "rate_sgd": 0.123})
        hyperparameters = NETWORK.suggest(made.ask())
        assert (hyperparameters["optimizer"], hyperparameters["layers"]) == ("sgd", 2)
        assert hyperparameters["rate"] == 0.123
        assert "units_3" not in hyperparameters


def test_what_is_not_in_the_plan_is_drawn_at_random():
    trial = study(AutoSampler(PLANE, 0)).ask()
    assert 5 <= trial.suggest_float("unknown", 5, 6) <= 6
    assert 2 <= trial.suggest_float("x", 2, 3) <= 3


def test_infeasible_networks_are_avoided_even_where_larger_is_better():
    made = study(AutoSampler(NETWORK, 4))
    units = []
    for _ in range(40):
        trial = made.ask()
        hyperparameters = NETWORK.suggest(trial)
        units.append(hyperparameters["units"])
        if units[-1] > 200:
            trial.set_user_attr(INFEASIBLE, True)
            made.tell(trial, state=TrialState.FAIL)
        else:
            made.tell(trial, deep(hyperparameters) + units[-1] / 1000)
    assert max(units[:10]) > 400, "else this tests nothing"
    assert max(units[-12:]) < 250, "just beyond the border is where it has to look"
    assert sum(one > 200 for one in units[-12:]) <= 6


def test_stopped_and_failed_trials_are_no_obstacle():
    made = study(AutoSampler(PLANE, 0))
    for number in range(40):
        trial = made.ask()
        value = hill(PLANE.suggest(trial))
        trial.report(value, 1)
        if number % 5 == 4:
            made.tell(trial, state=TrialState.FAIL)
        elif value < -0.3:
            made.tell(trial, state=TrialState.PRUNED)
        else:
            made.tell(trial, value)
    assert made.best_value > -0.01


@pytest.mark.parametrize("value", [lambda hp: 1.0, lambda hp: 1e300 * hp["x"], lambda hp: float(hp["x"] > 2)])
def test_strange_targets_are_no_obstacle(value):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        search(study(AutoSampler(PLANE, 0)), PLANE, value, 25)


def test_cheap_trials_come_first_where_cost_counts():
    flat = Space((Parameter("x", "", 0.0, 1.0),))

    def mean_x(exponent):
        suggested = []
        for seed in range(5):
            sampler = AutoSampler(flat, seed, cost=lambda hp: 1 + 20 * hp["x"], exponent=lambda: exponent)
            suggested += search(study(sampler), flat, lambda hp: math.sin(20 * hp["x"]), 20)
        return sum(hp["x"] for hp in suggested) / len(suggested)

    assert mean_x(1.0) < mean_x(0.0) - 0.1


def test_a_search_of_few_trials_begins_with_cheap_ones_and_comes_to_dear_ones_too():
    trials = 6

    def suggested(seed):
        made = study(AutoSampler(PLANE, seed, cost=lambda hp: 1 + hp["x"], exponent=lambda: left(made)))
        return [hp["x"] for hp in search(made, PLANE, hill, trials)]

    def left(made):
        return 1 - sum(trial.state.is_finished() for trial in made.trials) / trials

    first, *_, last = np.mean([suggested(seed) for seed in range(5)], axis=0)
    assert first < 0.2
    assert last > 0.6


def test_many_that_begin_at_once_are_from_the_cheapest_to_the_middle():
    made = study(AutoSampler(PLANE, 0, cost=lambda hp: 1 + hp["x"], exponent=lambda: 1.0))
    suggested = [PLANE.suggest(made.ask())["x"] for _ in range(64)]
    for first in range(0, 60, 10):
        assert min(suggested[first : first + 10]) < 0.15
    assert 0.1 < np.mean(suggested) < 0.4


def test_a_right_belief_helps_at_once_and_a_wrong_one_only_delays():
    known = {"rate": 1e-3, "layers": 3, "optimizer": "adam"}
    assert deep(search(study(AutoSampler(NETWORK, 0, priors=known)), NETWORK, deep, 1)[0]) > 0.85
    made = study(AutoSampler(PLANE, 0, priors={"x": 0.95, "y": 0.05}))
    search(made, PLANE, hill, 60)
    assert made.best_value > -0.005


def test_an_own_sampler_needs_a_space_with_parameters_no_more_than_optuna_does():
    constant = Space((Parameter("x", "", 3, 3, integer=True),))
    assert search(study(AutoSampler(constant, 0)), constant, lambda hp: 1.0, 15) == [{"x": 3}] * 15


def test_a_value_out_of_range_of_the_distribution_is_not_given():
    trial = study(AutoSampler(PLANE, 0)).ask()
    assert trial._suggest("x", FloatDistribution(0.999999, 1)) >= 0.999999


def test_however_long_a_study_is_a_plan_looks_at_as_many_trials(monkeypatch):
    """What is predicted, and what TPE reads, are the trials that the Gaussian process holds."""
    from tuner.search import gaussian_process

    most, seen = 30, {"predicted": 0, "read": 0}
    monkeypatch.setattr("tuner.search.surrogate.MOST_OBSERVED", most)
    monkeypatch.setattr("tuner.search.surrogate.MOST_FITTED", most)
    predict, draws = gaussian_process.GaussianProcess.predict, trial_planner.TpeDraws

    def counted(self, features):
        seen["predicted"] = max(seen["predicted"], len(features))
        return predict(self, features)

    def watched(seed, space, direction, trials, planned):
        seen["read"] = max(seen["read"], len(trials))
        return draws(seed, space, direction, trials, planned)

    made = study(AutoSampler(PLANE, seed=1))
    made.sampler, sampler = optuna.samplers.RandomSampler(seed=1), made.sampler
    search(made, PLANE, hill, 500)
    made.sampler = sampler
    monkeypatch.setattr(gaussian_process.GaussianProcess, "predict", counted)
    monkeypatch.setattr(trial_planner, "MOST_TPE", 0.0)
    search(made, PLANE, hill, 2)
    assert seen["predicted"] < 500, "candidates alone"
    monkeypatch.setattr(trial_planner, "MOST_TPE", 2.0)
    monkeypatch.setattr(trial_planner, "ENOUGH_TRUST", math.inf)
    monkeypatch.setattr(trial_planner, "TpeDraws", watched)
    search(made, PLANE, hill, 2)
    assert seen["read"] == most


@pytest.fixture
def only_tpe(monkeypatch):
    """From the end of the first trials on, TPE plans every trial."""
    monkeypatch.setattr(trial_planner, "MOST_TPE", 2.0)
    monkeypatch.setattr(trial_planner, "ENOUGH_TRUST", math.inf)


def test_tpe_plans_a_trial_that_the_study_does_not_have_yet(only_tpe):
    sampler = AutoSampler(PLANE, seed=1)
    made = study(sampler)
    search(made, PLANE, hill, 20)
    trial = made.ask()
    sampler.plan_ahead(made, trial.number)
    sampler.plan_ahead(made, trial.number, more=True)
    assert sampler.has_plan(trial.number, 1)
    assert len(made.trials) == 21, "planning adds no trial to the study"
    assert PLANE.suggest(trial) != PLANE.suggest(made.ask())


def test_a_plan_that_fails_costs_a_suggestion_and_not_the_study(monkeypatch, caplog, only_tpe):
    def fails(*args):
        raise KeyError("No trial with trial_id -1")

    made = study(AutoSampler(PLANE, seed=1))
    search(made, PLANE, hill, 20)
    monkeypatch.setattr(trial_planner, "TpeDraws", fails)
    suggested = search(made, PLANE, hill, 5)
    assert len({identity(hp) for hp in suggested}) == 5
    assert "KeyError: 'No trial with trial_id -1'" in caplog.text
    caplog.clear()
