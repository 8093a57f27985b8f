"""How many trials a plan is for, by a clock of the test's own."""

from __future__ import annotations

import optuna
import pytest

from tuner.search import auto_sampler, trial_planner
from tuner.search.auto_sampler import AutoSampler
from tuner.search.encoding import identity
from tuner.search.parameter import Parameter
from tuner.search.plan_batching import INTERVALS, MOST_TRIALS, PlanBatching
from tuner.search.space import Space
from tuner.search.trial_planner import TrialPlanner

PLANE = Space((Parameter("x", "", 0.0, 1.0), Parameter("y", "", 0.0, 1.0)))


def pace(between_s: float, took_s: float, requests: int = INTERVALS + 1) -> PlanBatching:
    """After so many trials, one every so many seconds."""
    now = [0.0]
    made = PlanBatching(lambda: now[0])
    for _ in range(requests):
        made.record_request()
        now[0] += between_s
    made.record_plan(took_s)
    return made


@pytest.mark.parametrize(
    ("between_s", "took_s", "trials_per_plan"),
    [(60.0, 0.1, 1), (1.0, 0.1, 1), (0.25, 0.1, 4), (0.0625, 0.125, MOST_TRIALS), (0.0, 0.1, MOST_TRIALS)],
)
def test_planning_takes_a_tenth_of_one_core(between_s: float, took_s: float, trials_per_plan: int) -> None:
    assert pace(between_s, took_s).trials_per_plan(running=100) == trials_per_plan


def test_never_more_than_run_trials_per_plan_and_at_least_one() -> None:
    fast = pace(0.001, 0.1)
    assert [fast.trials_per_plan(running) for running in (0, 1, 2, 5)] == [1, 1, 2, 5]


def test_before_the_pace_is_known_trials_are_planned_one_by_one() -> None:
    assert pace(0.001, 0.1, requests=INTERVALS).trials_per_plan(running=100) == 1


class Hurried(PlanBatching):
    """As if trials were asked for all the time."""

    def trials_per_plan(self, running: int) -> int:
        return max(1, min(running, 8))


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the trials for which a plan was made."""
    made: list[int] = []
    plan = TrialPlanner.plan

    def counted(self, study, trial, before):
        made.append(trial.number)
        return plan(self, study, trial, before)

    monkeypatch.setattr(TrialPlanner, "plan", counted)
    monkeypatch.setattr(auto_sampler, "PlanBatching", Hurried)
    monkeypatch.setattr(trial_planner, "MOST_TPE", 0.0)
    return made


def test_a_plan_for_several_trials_gives_each_another_configuration(plans: list[int]) -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler = AutoSampler(PLANE, seed=1)
    study = optuna.create_study(sampler=sampler, direction="maximize")
    told = [study.ask() for _ in range(20)]
    for trial in told:
        hp = PLANE.suggest(trial)
        study.tell(trial, -((hp["x"] - 0.3) ** 2))
    running = [study.ask() for _ in range(8)]
    suggested = [PLANE.suggest(trial) for trial in running]
    plans.clear()
    asked = []
    for _ in range(8):
        asked.append(study.ask())
        suggested.append(PLANE.suggest(asked[-1]))
        sampler.forget_plan()  # something was learned: there is no time for another plan
        sampler.plan_ahead(study, asked[-1].number)
    assert len(plans) == 1, "for eight trials"
    assert len({identity(one) for one in suggested}) == 16
    assert max(abs(one["x"] - 0.3) for one in suggested[-8:]) < 0.5, "good ones all the same"


def test_those_that_come_after_a_plan_are_planned_as_if_it_ran(plans: list[int]) -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler = AutoSampler(PLANE, seed=1)
    study = optuna.create_study(sampler=sampler, direction="maximize")
    for trial in [study.ask() for _ in range(20)]:
        hp = PLANE.suggest(trial)
        study.tell(trial, -((hp["x"] - 0.3) ** 2))
    suggested = [PLANE.suggest(study.ask()) for _ in range(8)]
    plans.clear()
    asked = study.ask()
    sampler.plan_ahead(study, asked.number)
    sampler.plan_ahead(study, asked.number)
    assert (plans, sampler.has_plan(asked.number, 7), sampler.has_plan(asked.number, 8)) == ([28], True, False)
    sampler.plan_ahead(study, asked.number, more=True)
    assert (plans, sampler.has_plan(asked.number, 15)) == ([28, 36], True)
    suggested += [PLANE.suggest(asked), *(PLANE.suggest(study.ask()) for _ in range(15))]
    assert plans == [28, 36]
    assert len({identity(one) for one in suggested}) == 24
