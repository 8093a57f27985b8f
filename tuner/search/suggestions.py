"""Suggests trials, one complete TrialSpec at a time, and learns from the study's log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import count, filterfalse, takewhile
from random import Random
from typing import NamedTuple

import optuna

from tuner.events import DurableEvent, Scalar, SuggestedBy, TrialComplete
from tuner.search.auto_sampler import AutoSampler
from tuner.search.background_planner import BackgroundPlanner
from tuner.search.combinations import combinations, is_finite
from tuner.search.cost_model import EPOCHS, CostModel
from tuner.search.encoding import Identity, identity
from tuner.search.optuna_study import OptunaStudyWriter
from tuner.search.ordered_results import OrderedResults
from tuner.search.parameter import Hyperparameters, Parameter
from tuner.search.plan_batching import MOST_TRIALS
from tuner.search.resilience import FailureLog, ResilientSampler
from tuner.search.samplers import make_sampler
from tuner.search.space import Space
from tuner.search.warm_start import WarmStart, is_completion
from tuner.spec import StudySpec
from tuner.store import EpochRow, TrialRow
from tuner.trial_spec import TrialSpec

MOST_REJECTIONS = 300
"""Consecutive rejections after which the search ends: hardly any configuration of the space satisfies the limits."""

MOST_SLOW_PLANS = 3
"""Plans that do not fit the time left, after which faster configurations are drawn at random.

A plan takes a tenth of a second or more, in which the study can neither stop nor take results.
"""

MOST_REPEATS = 20
"""Consecutive suggestions of configurations that were tried already, after which an untried one is chosen instead."""

EARLIER_CONFIGURATION = "earlier_configuration"
"""User attribute of an Optuna trial that was enqueued with an earlier study's configuration."""

PORTFOLIO = "portfolio"
"""User attribute of an Optuna trial that was enqueued with a configuration of the portfolio."""

DRAWN = "drawn"
"""User attribute of an Optuna trial that was enqueued since what the sampler planned did not fit the time left."""

ENUMERATED = "enumerated"
"""User attribute of an Optuna trial that was enqueued since the sampler repeated itself."""


class Suggestion(NamedTuple):
    """A trial to run, and the method that suggested it; None: an earlier version of tuner did not record it."""

    trial: TrialSpec
    suggested_by: SuggestedBy | None


class Suggestions:
    """The trials of one run of a study, in the order of their numbers, after those that an earlier run left unfinished.

    Args:
        trials, epochs: The store's rows of the study so far.
        make_trial: Returns the complete spec of a trial, from its number and hyperparameters.
        preflight: Returns why a trial must not start; None if it may. Such a trial is recorded as rejected, and the
            next suggestion takes its place.
        record: Appends an event to the study's log. It must also call `learn`.
        warm: What earlier studies contribute. The sampler learns their results at every start; their configurations
            are suggested first, unless an earlier run of this study has done so.
        portfolio: Configurations by key that are suggested first where no earlier study contributes any.
        concurrent: Number of trials that train at once; it only counts with `deterministic=true`.
    """

    def __init__(
        self,
        spec: StudySpec,
        space: Space,
        trials: list[TrialRow],
        epochs: list[EpochRow],
        *,
        make_trial: Callable[[int, Hyperparameters], TrialSpec],
        preflight: Callable[[TrialSpec], str | None],
        record: Callable[[DurableEvent], None],
        warm: WarmStart | None = None,
        portfolio: Sequence[Hyperparameters] = (),
        cost_model: CostModel | None = None,
        concurrent: int = 1,
    ) -> None:
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._spec, self._space, self._cost_model = spec, space, cost_model
        self._make_trial, self._preflight, self._record = make_trial, preflight, record
        self._writer = OptunaStudyWriter(optuna.storages.InMemoryStorage(), spec, space)
        self.study = self._writer.study
        """The Optuna study that the sampler learns from."""
        warm = warm or WarmStart()
        for result in warm.results:
            self._writer.add_earlier_result(result)
        earlier = self.study.get_trials(deepcopy=False)
        self._writer.catch_up(trials, epochs)
        first = warm.first or portfolio
        self._sampler = make_sampler(
            spec,
            space,
            trials_before=len(trials),
            cost_model=cost_model,
            earlier=earlier,
            good_first=bool(first),
        )
        self.study.sampler = self._resilient = ResilientSampler(self._sampler, spec.seed + len(trials))
        self._planner: BackgroundPlanner | None = None
        # A trial can be planned while others run only if their curves show the objective.
        if isinstance(self._sampler, AutoSampler) and spec.objectives[0] == spec.monitor and not spec.deterministic:
            sampler = self._sampler
            self._planner = BackgroundPlanner(sampler.forget_plan, self._learn_now, sampler.plans_several)
        self._ordered = OrderedResults(concurrent, self._learn_now) if spec.deterministic else None
        self._asked: optuna.Trial | None = None
        """The trial that was planned ahead and is suggested next."""
        origin = EARLIER_CONFIGURATION if warm.first else PORTFOLIO
        for configuration in first:
            if not any(is_completion(space, trial.hyperparameters, configuration) for trial in trials):
                self.study.enqueue_trial(configuration, {origin: True})
        self._unfinished = [trial for trial in trials if trial.continues]
        # A trial that an earlier run suggested but no worker started has no row: its number is free.
        self._numbers: Iterator[int] = filterfalse({trial.trial_number for trial in trials}.__contains__, count(1))
        self._tried = {self._identity(trial.hyperparameters) for trial in trials}
        self._rejections = _rejected_last(trials)
        """Consecutive rejections up to now, also by an earlier run."""
        self._last_rejection = trials[-1].reason if self._rejections else None
        self._random = Random(spec.seed + len(trials))
        self._learning_failures = FailureLog("the search could not learn from a trial")
        self.exhausted: str | None = None
        """Why no further trial can be suggested; None while one can."""

    @property
    def ready(self) -> bool:
        """Whether the next trial may be suggested now; if not, it may once another trial has ended."""
        return self._ordered is None or self._ordered.ready

    def next(self) -> Suggestion | None:
        """The next trial; None if there is no further one: see `exhausted`. Call it only when `ready`."""
        if self._ordered is not None:
            self._ordered.release()
        suggestion = self._next()
        if self._ordered is not None and suggestion is not None:
            self._ordered.suggested(suggestion.trial.trial_number)
        return suggestion

    def end(self, number: int) -> None:
        """Note that a trial has ended, after its last event was learned."""
        if self._ordered is not None:
            self._ordered.end(number)

    def _next(self) -> Suggestion | None:
        if self._unfinished:
            row = self._unfinished.pop(0)
            return Suggestion(self._make_trial(row.trial_number, row.hyperparameters), row.suggested_by)
        too_slow = 0
        while self._rejections + too_slow < MOST_REJECTIONS:
            untried = self._ask_untried()
            if untried is None:
                what = "grid" if self._spec.searcher == "grid" else "search space"
                self.exhausted = f"every combination of the {what} was tried ({len(self._tried):,})"
                return None
            asked, hyperparameters = untried
            if self._cost_model is not None:
                in_time = self._cost_model.in_time(hyperparameters)
                if in_time is None:
                    self._writer.discard(asked)
                    too_slow += 1
                    if too_slow >= MOST_SLOW_PLANS:
                        too_slow += self._enqueue_faster(MOST_REJECTIONS - self._rejections - too_slow)
                    continue
                hyperparameters = in_time
            if PORTFOLIO in asked.user_attrs and self._preflight(self._make_trial(1, hyperparameters)) is not None:
                self._writer.discard(asked)  # nobody asked for it: the next member may fit
                continue
            self._tried.add(self._identity(hyperparameters))
            number = next(self._numbers)
            self._writer.assign_number(asked, number)
            trial = self._make_trial(number, hyperparameters)
            reason = self._preflight(trial)
            if reason is None:
                self._rejections = 0
                return Suggestion(trial, self._suggested_by(asked))
            self._rejections, self._last_rejection = self._rejections + 1, reason
            self._record(
                TrialComplete(
                    trial_number=number,
                    trial_id=trial.trial_id,
                    status="rejected",
                    cause="too_large",
                    reason=reason,
                    hyperparameters=trial.hyperparameters,
                    suggested_by=self._suggested_by(asked),
                )
            )
        self.exhausted = _why_exhausted(self._rejections, self._last_rejection, too_slow)
        return None

    def start_again(self, unfinished: Iterable[TrialRow]) -> None:
        """Suggest these trials next, with their numbers and hyperparameters: they ended before they were done."""
        self._unfinished = list(unfinished)

    def learn(self, event: DurableEvent) -> None:
        """Learn an event that was appended to the study's log."""
        if self._planner is not None:
            self._planner.learn(event)
        elif self._ordered is not None:
            self._ordered.add(event)
        else:
            self._learn_now(event)

    def plan_ahead(self) -> None:
        """Plan the next trial in the background if that is due; call it whenever the driver has nothing else to do."""
        planner, sampler = self._planner, self._sampler
        if planner is None or self._unfinished or not planner.is_due():
            return
        assert isinstance(sampler, AutoSampler)
        # Requested here, since only one thread may change the study.
        self._asked = self._asked or self.study.ask()
        number, several = self._asked.number, planner.plans_several
        reserve = min(planner.running, MOST_TRIALS) // 2
        if not (several and sampler.has_plan(number, reserve)):
            planner.start(partial(sampler.plan_ahead, self.study, number, more=several))

    def _ask_untried(self) -> tuple[optuna.Trial, Hyperparameters] | None:
        """Ask for a configuration that was not tried yet; None if there is none left.

        The members of a population may begin alike, since their hyperparameters change while they train.
        """
        for _ in range(MOST_REPEATS):
            asked = self._ask()
            hyperparameters = self._space.suggest(asked)
            if self._identity(hyperparameters) not in self._tried or self._spec.scheduler == "pbt":
                return asked, hyperparameters
            self._writer.discard(asked)
        values = self._untried_values()
        if values is None:
            return None
        self.study.enqueue_trial(values, {ENUMERATED: True})
        asked = self._ask()
        return asked, self._space.suggest(asked)

    def _untried_values(self) -> dict[str, Scalar] | None:
        """Values by key of the first untried configuration, or of a random one in an infinite space; None: all tried"""
        if is_finite(self._space):
            for named, by_key in combinations(self._space):
                if self._identity(named) not in self._tried:
                    return by_key
            return None
        return self._drawn()[0]

    def _enqueue_faster(self, most: int) -> int:
        """Draw until a configuration fits the time left, and suggest it next; return how many before it did not."""
        assert self._cost_model is not None
        for slow in range(most):
            values, hyperparameters = self._drawn()
            untried = self._identity(hyperparameters) not in self._tried
            if untried and self._cost_model.in_time(hyperparameters) is not None:
                self.study.enqueue_trial(values, {DRAWN: True})
                return slow
        return max(0, most)

    def _drawn(self) -> tuple[dict[str, Scalar], Hyperparameters]:
        """A random configuration: its values by key, and by name."""
        values: dict[str, Scalar] = {}

        def pick(parameter: Parameter) -> Scalar:
            value = values[parameter.key] = parameter.drawn(self._random)
            return value

        return values, self._space.choose(pick)

    def _identity(self, hyperparameters: Hyperparameters) -> Identity:
        """A key that is equal for equal configurations, whatever epochs the time left for each."""
        if EPOCHS in self._spec.space:
            return identity(hyperparameters)
        return identity({name: value for name, value in hyperparameters.items() if name != EPOCHS})

    def _ask(self) -> optuna.Trial:
        asked, self._asked = self._asked or self.study.ask(), None
        if (planner := self._planner) is not None:
            assert isinstance(self._sampler, AutoSampler)
            # A plan of several trials may be under way while this one's plan is ready.
            if not (planner.planning and planner.plans_several and self._sampler.has_plan(asked.number)):
                planner.wait()
            planner.mark_used()
        return asked

    def _suggested_by(self, asked: optuna.Trial) -> SuggestedBy:
        if EARLIER_CONFIGURATION in asked.user_attrs:
            return "warm_start"
        if PORTFOLIO in asked.user_attrs:
            return "portfolio"
        if ENUMERATED in asked.user_attrs:
            return "enumeration"
        if DRAWN in asked.user_attrs or self._resilient.failed(asked.number):
            return "random"
        if isinstance(self._sampler, AutoSampler):
            return self._sampler.suggested_by(asked.number)
        return "tpe" if self._spec.searcher == "auto" else self._spec.searcher

    def _learn_now(self, event: DurableEvent) -> None:
        try:
            self._writer.learn(event)
            if self._cost_model is not None:
                self._cost_model.learn(event)
        except Exception as error:  # noqa: BLE001 - what the search does not learn costs no study
            self._learning_failures.add(error)


def _rejected_last(trials: list[TrialRow]) -> int:
    """Return how many trials with the highest numbers were rejected without another one between them."""
    return sum(1 for _ in takewhile(lambda trial: trial.status == "rejected", reversed(trials)))


def _why_exhausted(rejections: int, last: str | None, too_slow: int) -> str:
    told = []
    if rejections:
        told.append(f"{rejections} suggestions in a row were rejected, the latest one: {last}")
    if too_slow:
        told.append(f"too little time is left for another trial: none of {too_slow} suggestions fits, by estimate")
    return "; ".join(told)


def first_suggestion(spec: StudySpec, space: Space) -> Hyperparameters:
    """The hyperparameters that a new study of this spec tries first."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return space.suggest(optuna.create_study(sampler=make_sampler(spec, space)).ask())
