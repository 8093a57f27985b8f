"""The Pareto front: the trials of which no other is as good in every objective and better in one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

from tuner.events import TrialStatus
from tuner.objectives import Constraint, Objective, dominates, maximised, violations


class RankedTrial(Protocol):
    """What is looked at of a trial."""

    @property
    def trial_number(self) -> int: ...
    @property
    def status(self) -> TrialStatus: ...
    @property
    def values(self) -> Mapping[str, float]: ...


T = TypeVar("T", bound=RankedTrial)


def pareto_front(
    trials: Sequence[T], objectives: Sequence[Objective], constraints: Sequence[Constraint] = ()
) -> list[T]:
    """The completed trials that meet the constraints and that no other one of these dominates, the best by the first
    objective first. Trials of equal values are on it together.
    """
    candidates = [
        trial
        for trial in trials
        if trial.status == "completed"
        and all(objective in trial.values for objective in objectives)
        and breach(trial, constraints) == 0
    ]
    front: list[T] = []
    # In this order whoever dominates a trial comes before it, so that looking at the front so far is enough.
    for trial in sorted(candidates, key=lambda trial: [_cost(objective, trial) for objective in objectives]):
        if not any(dominates(objectives, other.values, trial.values) for other in front):
            front.append(trial)
    return front


def breach(trial: RankedTrial, constraints: Sequence[Constraint]) -> float:
    """How far the trial breaks the constraints, all together, each relative to its bound; 0: it meets them."""
    return sum(max(0.0, violation) for violation in violations(constraints, trial.values).values())


def _cost(objective: Objective, trial: RankedTrial) -> float:
    value = trial.values[objective]
    return -value if maximised(objective) else value
