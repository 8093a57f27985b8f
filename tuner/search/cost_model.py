"""What a trial will cost and how much cost counts, so that no huge network uses up the budget.

While much of the budget is left, the improvement that a trial promises is divided by its expected seconds. As the
budget runs out, cost counts less and less, so that the search ends as one for the best value alone (cost cooling: Lee
et al., Cost-aware Bayesian Optimization, 2020). The first trials start with the cheapest (as in Wu et al., Frugal
Optimization for Cost-related Hyperparameters, 2021). With a time budget, no trial starts that could not report an epoch
in time, and a trial is planned with the epochs that it should have the time for.
"""

from __future__ import annotations

from collections.abc import Callable

from tuner.devices.epoch_cost import FittedRates, TrialLoad
from tuner.events import DurableEvent, EpochProgress, TrialComplete, TrialStart
from tuner.search.parameter import Hyperparameters
from tuner.search.rungs import expected_epochs
from tuner.search.time_budget import TimeBudget
from tuner.spec import StudySpec

EPOCHS = "epochs"
"""The hyperparameter that says how many epochs a trial trains at most."""

SAFE_SHARE = 0.9
"""Share of the time left for which a trial is planned: an epoch may take a little longer than expected."""


class CostModel:
    """Costs of the trials of one run of a study that has `done` trials already."""

    def __init__(
        self,
        spec: StudySpec,
        load: Callable[[Hyperparameters], TrialLoad],
        budget: TimeBudget,
        done: int,
    ) -> None:
        self._load, self._budget = load, budget
        self._calculated = spec.deterministic
        """Whether costs are calculated from a network's operations alone: measured seconds are never twice the same."""
        self._trials = self._trials_left = max(1, spec.trials - done)
        self._epochs = expected_epochs(spec)
        self._min_epochs, self._epochs_are_free = spec.min_epochs_per_trial, EPOCHS not in spec.space
        self._rates = FittedRates()
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
                self._trials_left -= event.status not in ("rejected", "cancelled")
            case _:
                pass

    def cost(self, hyperparameters: Hyperparameters) -> float:
        """Expected seconds of a trial, above 0, for the epochs that the scheduler lets it train on average."""
        return self._rates.start_s + self._epochs * self._rates.epoch_s(self._load(hyperparameters))

    def exponent(self) -> float:
        """How much cost counts: from 1 at the start to 0 at the end of the budget."""
        return min(max(0.0, self._trials_left / self._trials), self._budget.share_left)

    def reports_in_time(self, hyperparameters: Hyperparameters) -> bool:
        """Whether a trial that starts now should end its first epoch before the time budget ends.

        The first trials always start: no speed was measured yet.
        """
        first = self._rates.start_s + self._rates.epoch_s(self._load(hyperparameters))
        return not self._budget.begun or first <= self._budget.left_s

    def with_epochs_in_time(self, hyperparameters: Hyperparameters) -> Hyperparameters:
        """These hyperparameters, with as many of their epochs as a trial that starts now should have the time for.

        A learning rate that falls over the epochs is low at their end, which a training that is cut off never reaches:
        a training for a fixed time is best planned for it (Li et al., Budgeted Training, 2020).
        """
        if self._budget.seconds is None or not self._epochs_are_free:
            return hyperparameters
        left_s = SAFE_SHARE * self._budget.left_s - self._rates.start_s
        in_time = int(left_s / self._rates.epoch_s(self._load(hyperparameters)))
        return {**hyperparameters, EPOCHS: max(self._min_epochs, min(int(hyperparameters[EPOCHS]), in_time))}
