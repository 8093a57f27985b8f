"""Decides which trial leads a study, by what ended trials came to and by what running trials have reached so far.

A running trial counts as soon as its value can only get better: its objective has a value after each epoch, all health
metrics of its best epoch are known, and no constraint is on a value that may still change. Others count at their end.

What a trial came to at its end replaces what it had reached: its health is then measured on more samples, for example.
If the leader gets worse that way, the best of all trials leads. Of trials with equal objectives the one with the lowest
loss leads, which is known at their ends: on little validation data many are equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tuner.events import EpochProgress, Performance, TrialComplete, TrialStatus
from tuner.objectives import Constraint, Objective, better, maximised, violations
from tuner.spec import StudySpec
from tuner.store import StudyRow, TrialRow

UNFINISHED: TrialStatus = "cancelled"
"""Status of a trial that `tuner resume` continues, unless a person cancelled it: its training's state is kept."""


@dataclass(frozen=True)
class Reached:
    """What a trial has reached: its value of the first objective, and how good it is."""

    trial_number: int
    objective: float
    performance: Performance


class Leader:
    """Which trial of a study leads, and which ended trial's weights must be kept.

    Args:
        study: Its row names the leader so far; None: a study without trials.
    """

    def __init__(self, spec: StudySpec, study: StudyRow | None = None) -> None:
        self._spec = spec
        self._objective_name: Objective = spec.objectives[0]
        self._running_count = self._objective_name == spec.monitor and all(
            _stays_met(bound, self._objective_name) for bound in spec.bounds
        )
        self.current = None if study is None else _leader_of(study)
        """What the leader has reached; None: no trial leads."""
        self._reached: dict[int, Reached] = {}
        self._best_ended: Reached | None = None

    def add_epoch(
        self, number: int, best: EpochProgress, values: Mapping[str, float], performance: Performance
    ) -> Reached | None:
        """Take in the best epoch of a running trial; return the new leader if the lead changed."""
        if not self._running_count or (best.health_metrics is not None and best.health_metrics.insufficient):
            return None
        if not self._meets_constraints(values):
            return None
        reached, before = Reached(number, best.objective, performance), self._reached.get(number)
        if before is not None and not self._better(reached, before):
            return None
        self._reached[number] = reached
        if self.current is not None and reached.objective == self.current.objective:
            return None  # of equal trials the loss decides, which is known at their ends
        return self._update(reached)

    def add_end(self, trial: TrialComplete | TrialRow) -> Reached | None:
        """Take in a trial that ended; return the new leader if the lead, or the leader's value, changed."""
        number = trial.trial_number
        self._reached.pop(number, None)
        if trial.objective is None or trial.performance is None or not self._meets_constraints(trial.values):
            return self._best_of_all() if self.current and number == self.current.trial_number else None
        reached = self._reached[number] = Reached(number, trial.objective, trial.performance)
        if not trial.continues and (self._best_ended is None or self._better(reached, self._best_ended)):
            self._best_ended = reached
        return self._update(reached)

    @property
    def best_ended(self) -> int | None:
        """Number of the best trial among those that ended for good; None if there is none."""
        return None if self._best_ended is None else self._best_ended.trial_number

    def _update(self, reached: Reached) -> Reached | None:
        leader = self.current
        if leader is not None and (leader.trial_number, leader.objective) == (reached.trial_number, reached.objective):
            self.current = reached  # as good as before, maybe with a lower loss
            return None
        if leader is not None and reached.trial_number == leader.trial_number and self._better(leader, reached):
            return self._best_of_all()
        if leader is None or reached.trial_number == leader.trial_number or self._better(reached, leader):
            self.current = reached
            return reached
        return None

    def _best_of_all(self) -> Reached | None:
        self.current = None
        for reached in self._reached.values():
            if self.current is None or self._better(reached, self.current):
                self.current = reached
        return self.current

    def _better(self, one: Reached, other: Reached) -> bool:
        if one.objective != other.objective:
            return better(self._objective_name, one.objective, other.objective)
        if one.performance.loss != other.performance.loss:
            return one.performance.loss < other.performance.loss
        # Which of equal ones came first depends on time; their numbers do not.
        return self._spec.deterministic and one.trial_number < other.trial_number

    def _meets_constraints(self, values: Mapping[str, float]) -> bool:
        return all(violation <= 0 for violation in violations(self._spec.bounds, values).values())


def _leader_of(study: StudyRow) -> Reached | None:
    if study.best_trial_number is None or study.best_objective is None or study.best_performance is None:
        return None
    return Reached(study.best_trial_number, study.best_objective, study.best_performance)


def _stays_met(bound: Constraint, objective: Objective) -> bool:
    """Return whether a running trial that meets the constraint meets it at its end too."""
    return bound.objective == "parameter_count" or (
        bound.objective == objective and bound.upper != maximised(objective)
    )
