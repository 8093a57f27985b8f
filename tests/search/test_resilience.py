"""What fails in the search costs a suggestion or a decision, never the study."""

from __future__ import annotations

import logging

import numpy as np
import optuna
import pytest

from tests.search.samples import narrowed, space
from tests.search.test_suggestions import NUMBERS, Driven
from tuner.search.background_planner import BackgroundPlanner
from tuner.search.pbt import PbtScheduler
from tuner.search.resilience import ResilientSampler
from tuner.search.rungs import Rungs
from tuner.search.schedulers import make_scheduler
from tuner.spec import StudySpec

ERRORS = [KeyError("No trial with trial_id -1"), np.linalg.LinAlgError("not positive definite"), ZeroDivisionError()]
SEARCHERS = ["auto", "tpe", "random", "cmaes", "nsga2", "grid"]


def fields_of(searcher):
    fields = {"searcher": searcher, "space": narrowed(**NUMBERS)}
    if searcher == "nsga2":
        fields["objective"] = ("val_accuracy", "parameter_count")
    if searcher == "grid":
        fixed = {"filters_1": [8, 16], "first_dense_nodes": 64, "batch_size": [32, 64], "dropout": [0.0, 0.5]}
        fields["space"] = narrowed(**NUMBERS, **fixed, learning_rate=[0.001, 0.01])
    return fields


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("method", ["before_trial", "infer_relative_search_space", "sample_relative"])
@pytest.mark.parametrize("searcher", SEARCHERS)
def test_a_sampler_that_fails_costs_a_suggestion_whatever_it_raises(searcher, method, error, monkeypatch, caplog):
    driven = Driven(**fields_of(searcher))
    for _ in range(3):
        driven.completed(driven.next(), 0.5)

    def fails(*args, **kwargs):
        raise error

    monkeypatch.setattr(driven.suggestions._sampler, method, fails)
    found = []
    for _ in range(4):
        suggested = driven.suggestions.next()
        assert suggested.suggested_by == "random"
        found.append(str(suggested.trial.hyperparameters))
        driven.completed(suggested.trial, 0.5)
    assert len(set(found)) == 4
    warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1, "one line for all failures"
    assert type(error).__name__ in warnings[0].message


@pytest.mark.parametrize("searcher", ["auto", "random", "grid"])
def test_so_does_one_that_fails_in_the_middle_of_a_trial(searcher, monkeypatch):
    driven = Driven(**fields_of(searcher))
    sampler, asked = driven.suggestions._sampler, []
    sample = sampler.sample_independent

    def fails_at_the_second(*args):
        asked.append(args)
        if len(asked) > 1:
            raise RuntimeError("no")
        return sample(*args)

    monkeypatch.setattr(sampler, "sample_independent", fails_at_the_second)
    assert {parameter.name for parameter in driven.space.parameters} >= set(driven.next().hyperparameters)
    assert len(asked) == 2, "all further values are random"


@pytest.mark.parametrize("part", ["HistoryReader.read", "Surrogate.posterior", "Encoding.decode"])
def test_whatever_fails_in_the_own_sampler_costs_a_suggestion(part, monkeypatch, caplog):
    driven = Driven()
    for _ in range(12):
        driven.completed(driven.next(), 0.5)

    def fails(*args):
        raise np.linalg.LinAlgError("SVD did not converge")

    monkeypatch.setattr(f"tuner.search.trial_planner.{part}", fails)
    for _ in range(3):
        driven.completed(driven.next(), 0.5)
    assert "SVD did not converge" in caplog.text


def test_a_plan_in_the_background_that_fails_is_one_warning_and_a_new_plan(caplog):
    forgotten = []
    planner = BackgroundPlanner(lambda: forgotten.append(1), lambda event: None, lambda running: False)

    def fails():
        raise KeyError("No trial with trial_id -1")

    for _ in range(3):
        planner.start(fails)
        planner.wait()
    assert len(forgotten) == 3
    assert [record.levelname for record in caplog.records if record.levelno >= logging.WARNING] == ["WARNING"]


def test_a_result_that_cannot_be_learned_is_one_warning(monkeypatch, caplog):
    driven = Driven(searcher="random")
    monkeypatch.setattr(driven.suggestions._writer, "learn", lambda event: {}["val_accuracy"])
    for _ in range(3):
        driven.completed(driven.next(), 0.5)
    assert [record.levelname for record in caplog.records if record.levelno >= logging.WARNING] == ["WARNING"]
    assert "could not learn" in caplog.text


def test_a_sampler_that_works_is_not_disturbed():
    def values(sampler):
        study = optuna.create_study(sampler=sampler)
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        study.optimize(lambda trial: trial.suggest_float("x", 0, 1) + trial.suggest_int("n", 1, 9), n_trials=15)
        return [trial.params for trial in study.trials]

    plain, wrapped = optuna.samplers.TPESampler(seed=1), optuna.samplers.TPESampler(seed=1)
    assert values(plain) == values(ResilientSampler(wrapped, 1))


# --- schedulers ---


class Trial:
    trial_id = "a"


@pytest.mark.parametrize("name", ["asha", "hyperband", "median", "pbt"])
def test_a_scheduler_that_fails_lets_the_trial_continue(name, caplog):
    made = make_scheduler(StudySpec(scheduler=name), space(), Rungs(1, 10))
    assert isinstance(made, PbtScheduler) or name != "pbt"
    for number in range(1, 4):  # a trial that was never added, without a controller
        assert made.on_trial_result(None, Trial(), {"epoch": number, "objective": 0.5}) == "CONTINUE"
        made.on_trial_complete(None, Trial(), {"epoch": number, "objective": 0.5})
        made.on_trial_remove(None, Trial())
        made.on_trial_error(None, Trial())
    assert sum(record.levelno == logging.WARNING and record.name == "tuner.search" for record in caplog.records) <= 1


def test_a_scheduler_that_works_is_not_disturbed():
    made = make_scheduler(StudySpec(), space(), Rungs(1, 10))
    decisions = []
    for number, value in enumerate((0.9, 0.8, 0.1, 0.5, 0.95)):
        trial = type("T", (), {"trial_id": str(number)})()
        made.on_trial_add(None, trial)
        decisions.append(made.on_trial_result(None, trial, {"epoch": 1, "objective": value}))
    assert decisions == ["CONTINUE", "CONTINUE", "CONTINUE", "STOP", "CONTINUE"]
