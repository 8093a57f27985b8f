"""The sampler of `searcher=auto`: a Gaussian process where it predicts well, Optuna's TPE where it does not.

The sampler plans a trial's whole configuration when the first parameter is asked for, and then returns it parameter by
parameter. A suggestion depends only on the seed, the trial's number and the study's trials: a new sampler in a resumed
study continues as the old one would have.

1. The first trials are spread evenly over the space (Sobol); every other one lies near the user's priors, if any.
2. Then a Gaussian process is fitted to the trials so far. A running trial counts as if it had ended at a value drawn
   from the process, or at the best value it has reported if that is better. The process ranks candidates (see
   `candidates`, and then the neighbours of the best) by expected improvement, times the probability that the network is
   feasible, times the user's priors (which fade), divided by a power of the expected cost.
3. The better the process predicts each trial from the others, the fewer trials TPE plans in its place.

Where trials are requested faster than they can be planned one by one (`PlanBatching`), the Gaussian process plans
several at once: each as if the ones before it were running. Only then does a suggestion depend on time.

No configuration is suggested twice while an untried one is left. After an error, a trial gets a random configuration.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState, create_trial

from tuner.events import Scalar, SuggestedBy
from tuner.search.parameter import Hyperparameters, is_number
from tuner.search.plan_batching import PlanBatching
from tuner.search.resilience import FailureLog
from tuner.search.space import Space
from tuner.search.trial_planner import Plan, TrialPlanner


class AutoSampler(BaseSampler):
    """Samples configurations of one study, as the module describes. Parameters outside the space are sampled at random.

    Args:
        cost: Predicted cost of a trial (above 0, in any unit). Expected improvement is divided by
            cost ** exponent(): with 1 the search buys most improvement per second, with 0 it ignores cost.
        exponent: Called at every suggestion: cost can count less as a budget runs out. By default 1.
        priors: Values that the user believes to be best, by parameter name.
        one_by_one: Plan each trial on its own, however fast trials are requested.
        good_first: The study's first trials are enqueued, and known to be good on other data.
    """

    def __init__(
        self,
        space: Space,
        seed: int,
        *,
        cost: Callable[[Hyperparameters], float] | None = None,
        exponent: Callable[[], float] | None = None,
        priors: Mapping[str, Scalar] | None = None,
        one_by_one: bool = False,
        good_first: bool = False,
    ) -> None:
        self._batching, self._last_requested = PlanBatching(), -1
        self._planner = TrialPlanner(
            space,
            seed,
            cost=cost,
            exponent=exponent or (lambda: 0.0 if cost is None else 1.0),
            priors=priors or {},
            trials_per_plan=(lambda running: 1) if one_by_one else self._batching.trials_per_plan,
            good_first=good_first,
        )
        self._random = RandomSampler(seed=seed)
        self._failures = FailureLog("planning a trial failed, so it gets a random configuration")
        self._plans: dict[int, Plan] = {}
        """Plans by Optuna's trial number: of the trial that was suggested last, and of trials planned with it."""

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Returns an empty space: a plan needs the conditions of the space, which Optuna does not know."""
        return {}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Returns no values, see `infer_relative_search_space`."""
        return {}

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """Returns the planned value; a random one if the plan lacks the parameter or its value is out of range."""
        if param_name in self._planner.keys:
            if trial.number != self._last_requested:
                self._last_requested = trial.number
                self._batching.record_request()
            if trial.number not in self._plans:
                self._plans = self._plan(study, trial)
            value = self._plans[trial.number].values.get(param_name)
            if value is not None and _contains(param_distribution, value):
                return value
        return self._random.sample_independent(study, trial, param_name, param_distribution)

    def suggested_by(self, number: int) -> SuggestedBy:
        """The method that planned the trial with this number of Optuna's, which was suggested last."""
        return self._plans[number].suggested_by if number in self._plans else "random"

    def plan_ahead(self, study: Study, number: int, *, more: bool = False) -> None:
        """Plan a trial that `study.ask` has returned; with `more`, if it is planned already, the trials after it."""
        kept = {planned: plan for planned, plan in self._plans.items() if planned >= number}
        if number not in kept or not (more or self._has_batch):
            self._plans = self._plan(study, study.get_trials(deepcopy=False)[number])
        elif more:
            after = create_trial(state=TrialState.RUNNING)
            after.number = max(kept) + 1
            self._plans = kept | self._plan(study, after, [plan.values for plan in kept.values()])

    def forget_plan(self) -> None:
        """Plan again when the next trial is requested, unless the last plan was for several trials."""
        if not self._has_batch:
            self._plans.clear()

    def plans_several(self, running: int) -> bool:
        """Whether a plan is for several trials while this many are running."""
        return self._batching.trials_per_plan(running) > 1

    def has_plan(self, number: int, further: int = 0) -> bool:
        """Whether this trial and `further` trials after it are planned."""
        return number in self._plans and number + further in self._plans

    @property
    def _has_batch(self) -> bool:
        """Whether the last plan was for several trials: all of it is used, whatever is learned in between."""
        return len(self._plans) > 1

    def _plan(self, study: Study, trial: FrozenTrial, before: Sequence[Mapping[str, Scalar]] = ()) -> dict[int, Plan]:
        """Plans by number, of this trial and of those planned with it."""
        started = time.monotonic()
        try:
            planned = self._planner.plan(study, trial, before)
        except Exception as error:  # noqa: BLE001 - whatever fails in a model costs one suggestion, not the study
            self._failures.add(error)
            planned = [self._planner.random_plan(trial)]
        self._batching.record_plan(time.monotonic() - started)
        return dict(enumerate(planned, start=trial.number))


def _contains(distribution: Any, value: Scalar) -> bool:
    if isinstance(distribution, CategoricalDistribution):
        return value in distribution.choices
    return is_number(value) and distribution.low <= value <= distribution.high
