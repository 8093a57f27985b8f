"""The Pareto front: the trials that no other trial dominates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

from tuner.events import TrialStatus
from tuner.objectives import Constraint, Objective, dominates, maximised, violations


class RankedTrial(Protocol):
    """A trial, as far as a front needs it."""

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
    """The completed trials that satisfy the constraints and that no other such trial dominates.

    The best trial by the first objective comes first. Trials with equal values are all on the front.
    """
    candidates = [
        trial
        for trial in trials
        if trial.status == "completed"
        and all(objective in trial.values for objective in objectives)
        and total_violation(trial, constraints) == 0
    ]
    front: list[T] = []
    # In this order a trial comes after every trial that dominates it, so comparing with the front so far is enough.
    for trial in sorted(candidates, key=lambda trial: [_cost(objective, trial) for objective in objectives]):
        if not any(dominates(objectives, other.values, trial.values) for other in front):
            front.append(trial)
    return front


def total_violation(trial: RankedTrial, constraints: Sequence[Constraint]) -> float:
    """The sum of the trial's violations of the constraints, each relative to its bound; 0: it satisfies them."""
    return sum(max(0.0, violation) for violation in violations(constraints, trial.values).values())


def _cost(objective: Objective, trial: RankedTrial) -> float:
    value = trial.values[objective]
    return -value if maximised(objective) else value
