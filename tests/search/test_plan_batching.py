"""How many trials a plan is for, by a clock of the test's own."""

from __future__ import annotations

import optuna
import pytest

from tuner.search import auto_sampler
from tuner.search.auto_sampler import AutoSampler
from tuner.search.encoding import identity
from tuner.search.parameter import Parameter
from tuner.search.plan_batching import KNOWN, MOST, PlanBatching
from tuner.search.space import Space

PLANE = Space((Parameter("x", "", 0.0, 1.0), Parameter("y", "", 0.0, 1.0)))


def pace(between_s: float, took_s: float, asks: int = KNOWN + 1) -> PlanBatching:
    """After so many trials, one every so many seconds."""
    now = [0.0]
    made = PlanBatching(lambda: now[0])
    for _ in range(asks):
        made.asked()
        now[0] += between_s
    made.planned(took_s)
    return made


@pytest.mark.parametrize(
    ("between_s", "took_s", "at_once"),
    [(60.0, 0.1, 1), (1.0, 0.1, 1), (0.25, 0.1, 4), (0.0625, 0.125, MOST), (0.0, 0.1, MOST)],
)
def test_planning_takes_a_tenth_of_one_core(between_s: float, took_s: float, at_once: int) -> None:
    assert pace(between_s, took_s).at_once(running=100) == at_once


def test_never_more_than_run_at_once_and_at_least_one() -> None:
    fast = pace(0.001, 0.1)
    assert [fast.at_once(running) for running in (0, 1, 2, 5)] == [1, 1, 2, 5]


def test_before_the_pace_is_known_trials_are_planned_one_by_one() -> None:
    assert pace(0.001, 0.1, asks=KNOWN).at_once(running=100) == 1


class Hurried(PlanBatching):
    """As if trials were asked for all the time."""

    def at_once(self, running: int) -> int:
        return max(1, min(running, 8))


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the trials for which a plan was made."""
    made: list[int] = []
    plan = AutoSampler._planned

    def counted(self, study, trial, before):
        made.append(trial.number)
        return plan(self, study, trial, before)

    monkeypatch.setattr(AutoSampler, "_planned", counted)
    monkeypatch.setattr(auto_sampler, "PlanBatching", Hurried)
    monkeypatch.setattr(auto_sampler, "MOST_TPE", 0.0)
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
    assert (plans, sampler.has_planned(asked.number, 7), sampler.has_planned(asked.number, 8)) == ([28], True, False)
    sampler.plan_ahead(study, asked.number, more=True)
    assert (plans, sampler.has_planned(asked.number, 15)) == ([28, 36], True)
    suggested += [PLANE.suggest(asked), *(PLANE.suggest(study.ask()) for _ in range(15))]
    assert plans == [28, 36]
    assert len({identity(one) for one in suggested}) == 24
