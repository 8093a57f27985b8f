"""What a trial will cost and how much cost counts, so that no huge network uses up the budget.

While much of the budget is left, the improvement that a trial promises is divided by its expected seconds. As the
budget runs out, cost counts less and less, so that the search ends as one for the best value alone (cost cooling: Lee
et al., Cost-aware Bayesian Optimization, 2020). The first trials start with the cheapest (as in Wu et al., Frugal
Optimization for Cost-related Hyperparameters, 2021). With a time budget, each trial is planned with
the epochs that it should have the time for.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from tuner.devices.epoch_cost import CPU_RATES, FittedRates, Rates, TrialLoad
from tuner.events import DurableEvent, EpochProgress, TrialComplete, TrialStart
from tuner.search.parameter import Hyperparameters
from tuner.search.rungs import expected_epochs
from tuner.search.time_budget import TimeBudget
from tuner.spec import StudySpec

EPOCHS = "epochs"
"""The hyperparameter that says how many epochs a trial trains at most."""

SAFE_SHARE = 0.9
"""Share of the time left for which a trial is planned: an epoch may take a little longer than expected."""

LEAST_SHARE = 1 / 3
"""Share of its epochs without which a trial is not worth its start: it would end far below what it could reach."""


class CostModel:
    """Costs of the trials of one run of a study that has `done` trials already.

    Args:
        rates: What is assumed of the workers until their epochs are measured.
    """

    def __init__(
        self,
        spec: StudySpec,
        load: Callable[[Hyperparameters], TrialLoad],
        budget: TimeBudget,
        done: int,
        rates: Rates = CPU_RATES,
    ) -> None:
        self._load, self._budget = load, budget
        self._calculated = spec.deterministic
        """Whether costs are calculated from a network's operations alone: measured seconds are never twice the same."""
        self._trials = self._trials_left = max(1, spec.trials - done)
        self._epochs = expected_epochs(spec)
        self._min_epochs, self._epochs_are_free = spec.min_epochs_per_trial, EPOCHS not in spec.space
        self._rates = FittedRates(rates)
        self._running: dict[int, tuple[TrialLoad, int]] = {}
        """By trial number: the load, and which epoch is the first of this run."""

    def learn(self, event: DurableEvent) -> None:
        """Learn an event that was appended to the study's log."""
        match event:
            case TrialStart():
                self._running[event.trial_number] = (self._load(event.hyperparameters), event.resumed_from_epoch + 1)
            case EpochProgress() if event.trial_number in self._running and not self._calculated:
                load, first = self._running[event.trial_number]
                self._rates.learn(load, event.duration_s, first=event.epoch == first)
            case TrialComplete():
                self._running.pop(event.trial_number, None)
                self._trials_left -= event.status != "rejected" and not event.continues
            case _:
                pass

    def cost(self, hyperparameters: Hyperparameters) -> float:
        """Expected seconds of a trial, above 0, for the epochs that the scheduler lets it train on average."""
        return self._rates.start_s + self._epochs * self._rates.epoch_s(self._load(hyperparameters))

    def exponent(self) -> float:
        """How much cost counts: from 1 at the start to 0 at the end of the budget."""
        return min(max(0.0, self._trials_left / self._trials), self._budget.share_left)

    def in_time(self, hyperparameters: Hyperparameters) -> Hyperparameters | None:
        """Return the hyperparameters of a trial that starts now, with the epochs that it should have the time for.

        A learning rate that falls over the epochs is low at their end, which a training that is cut off never reaches:
        a training for a fixed time is best planned for it (Li et al., Budgeted Training, 2020). Epochs that the user
        searches stay. None if there is too little time for the trial. The first trials always start: no speed was
        measured yet.
        """
        if self._budget.seconds is None:
            return hyperparameters
        asked = int(hyperparameters[EPOCHS])
        least = max(self._min_epochs, ceil(LEAST_SHARE * asked))
        left_s = SAFE_SHARE * self._budget.left_s - self._rates.start_s
        fitting = int(left_s / self._rates.epoch_s(self._load(hyperparameters)))
        if fitting < least and self._budget.begun:
            return None
        return (
            {**hyperparameters, EPOCHS: min(asked, max(least, fitting))} if self._epochs_are_free else hyperparameters
        )
