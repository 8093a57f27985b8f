"""What a trial will cost and how much that counts, so that no giant eats up the budget.

While much of the budget is left, what a trial may gain is divided by the seconds it will take; as the budget runs out,
cost counts less and less, so that the search ends as one for the best value alone (cost cooling: Lee et al., Cost-aware
Bayesian Optimization, 2020). The first trials begin with the cheapest (as in Wu et al., CostModel Optimization for
Cost-related Hyperparameters, 2021). Where a time budget is set, nothing is started that could not report once in time.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from tuner.events import DurableEvent, EpochProgress, TrialComplete, TrialStart
from tuner.search.epoch_time import EpochTimeModel, EpochWork
from tuner.search.parameter import Hyperparameters
from tuner.search.rungs import expected_epochs
from tuner.spec import StudySpec


class CostModel:
    """Costs of one run of a study.

    Args:
        work: What one epoch with some hyperparameters takes.
        deadline: When the time budget ends, by `clock`; None: there is none.
        done: Trials that the study has already.
    """

    def __init__(
        self,
        spec: StudySpec,
        work: Callable[[Hyperparameters], EpochWork],
        deadline: float | None,
        done: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._spec, self._work, self._clock, self._deadline = spec, work, clock, deadline
        self._began = clock()
        self._left, self._asked_for = max(1, spec.trials - done), max(1, spec.trials - done)
        self._epochs = expected_epochs(spec)
        self._seconds = EpochTimeModel()
        self._running: dict[int, tuple[EpochWork, int]] = {}

    def learn(self, event: DurableEvent) -> None:
        """Take in what the study's log has got."""
        match event:
            case TrialStart():
                self._running[event.trial_number] = (self._work(event.hyperparameters), event.resumed_from_epoch + 1)
            case EpochProgress() if event.trial_number in self._running:
                work, first = self._running[event.trial_number]
                self._seconds.learn(work, event.duration_s, first=event.epoch == first)
            case TrialComplete():
                self._running.pop(event.trial_number, None)
                self._left -= event.status not in ("rejected", "cancelled")
            case _:
                pass

    def cost(self, hyperparameters: Hyperparameters) -> float:
        """Expected seconds of a trial, the scheduler's early ends counted in; above 0."""
        return self._seconds.start + self._epochs * self._seconds.epoch(self._work(hyperparameters))

    def exponent(self) -> float:
        """How much cost counts, from 1 at the beginning to 0 at the end of the budget."""
        left = max(0.0, self._left / self._asked_for)
        if self._deadline is not None:
            left = min(left, max(0.0, (self._deadline - self._clock()) / (self._deadline - self._began)))
        return left

    def reports_in_time(self, hyperparameters: Hyperparameters) -> bool:
        """Whether a trial that begins now is expected to end an epoch before the time budget does."""
        if self._deadline is None:
            return True
        first = self._seconds.start + self._seconds.epoch(self._work(hyperparameters))
        return self._clock() + first <= self._deadline
