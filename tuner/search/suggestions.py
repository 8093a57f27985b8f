"""Suggests trials, one complete TrialSpec at a time, and learns from the log of the study."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import count, filterfalse

import optuna

from tuner.events import DurableEvent, TrialComplete
from tuner.search.auto_sampler import AutoSampler
from tuner.search.background_planner import BackgroundPlanner
from tuner.search.cost_model import CostModel
from tuner.search.optuna_study import OptunaStudyWriter
from tuner.search.parameter import Hyperparameters
from tuner.search.plan_batching import MOST
from tuner.search.samplers import make_sampler
from tuner.search.space import Space
from tuner.search.warm_start import WarmStart, comes_from
from tuner.spec import StudySpec, TrialSpec
from tuner.store import EpochRow, TrialRow

MOST_REJECTIONS = 300
"""In a row; after that the space holds hardly anything that fits, and the search ends."""

FIRST = "first"
"""User attribute of an Optuna trial that an earlier study's configuration was asked for."""


class Suggestions:
    """The trials of one run of a study, in the order of their numbers; first those that an earlier run left unfinished.

    A network that `preflight` finds too large never reaches a worker: it is recorded as rejected, and the next
    suggestion takes its place.

    Args:
        trials, epochs: What the store holds of the study so far.
        make_trial: The complete spec of a trial, from its number and hyperparameters.
        preflight: Why a trial must not start; None if it may.
        record: Appends an event to the study's log. Whoever does must also call `learn`.
        warm: What earlier studies give this one to begin with: their results are known whenever it runs, their
            configurations are suggested first, unless an earlier run has done so.
        frugal: What trials cost; None: that does not count.
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
        frugal: CostModel | None = None,
    ) -> None:
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._spec, self._space, self._frugal = spec, space, frugal
        self._make_trial, self._preflight, self._record = make_trial, preflight, record
        self._mirror = OptunaStudyWriter(optuna.storages.InMemoryStorage(), spec, space)
        warm = warm or WarmStart()
        for result in warm.results:
            self._mirror.feed(result)
        known = self._mirror.study.get_trials(deepcopy=False)
        self._mirror.catch_up(trials, epochs)
        sampler = make_sampler(spec, space, told=len(trials), frugal=frugal, known=known)
        self._mirror.study.sampler = sampler
        self._ahead: BackgroundPlanner | None = None
        # Only what the curve of a running trial tells of the objective makes up for not knowing its end.
        if isinstance(sampler, AutoSampler) and spec.objectives[0] == spec.monitor:
            self._sampler = sampler
            self._ahead = BackgroundPlanner(sampler.forget_plan, self._take_in, sampler.is_hurried)
        self._asked: optuna.Trial | None = None
        """What a plan was made for and that is handed out next."""
        for configuration in warm.first:
            if not any(comes_from(space, trial.hyperparameters, configuration) for trial in trials):
                self._mirror.study.enqueue_trial(configuration, {FIRST: True})
        self._unfinished = [trial for trial in trials if trial.status in ("running", "cancelled")]
        # A trial that an earlier run suggested but that no worker began has no row: its number is free.
        self._numbers: Iterator[int] = filterfalse({trial.trial_number for trial in trials}.__contains__, count(1))
        self._tried = {_frozen(trial.hyperparameters) for trial in trials}
        self.exhausted: str | None = None
        """Why nothing more can be suggested; None while something can."""

    def next(self) -> TrialSpec | None:
        """The next trial; None if there is nothing more to suggest: see `exhausted`."""
        if self._unfinished:
            again = self._unfinished.pop(0)
            return self._make_trial(again.trial_number, again.hyperparameters)
        for _ in range(MOST_REJECTIONS):
            asked, self._asked = self._asked or self._mirror.study.ask(), None
            if self._ahead is not None:
                # In a hurry those after this one may be being planned.
                if not (self._ahead.planning and self._ahead.hurried and self._sampler.has_planned(asked.number)):
                    self._ahead.settle()
                self._ahead.taken()
            hyperparameters = self._space.suggest(asked)
            if self._frugal is not None and not self._frugal.reports_in_time(hyperparameters):
                self._mirror.withdraw(asked)
                continue
            number = next(self._numbers)
            self._mirror.adopt(number, asked)
            trial = self._make_trial(number, hyperparameters)
            if self._spec.searcher == "grid" and self._repeats(trial):
                if FIRST in asked.user_attrs:
                    continue  # what was completed by the sampler may be what an earlier study had
                self.exhausted = "every combination of the grid was tried"
                return None
            reason = self._preflight(trial)
            if reason is None:
                return trial
            self._record(rejection(trial, reason))
        limits = "max_parameters, max_memory_mb, constraints"
        limits += " and the time that is left" if self._spec.time_budget_s is not None else ""
        self.exhausted = f"nothing more that was suggested fits {limits}"
        return None

    def start_again(self, unfinished: Iterable[TrialRow]) -> None:
        """Suggest these trials next, with their numbers and hyperparameters: they ended before they were done."""
        self._unfinished = list(unfinished)

    def learn(self, event: DurableEvent) -> None:
        """Take in what the study's log has got."""
        if self._ahead is not None:
            self._ahead.hear(event)
        else:
            self._take_in(event)

    def plan_ahead(self) -> None:
        """Use the time while all workers train; to be called whenever the driver has nothing else to do."""
        if self._ahead is not None and not self._unfinished and self._ahead.due():
            # Here, not in the plan's thread: Optuna reads a study anew only in the thread that asks.
            self._asked = self._asked or self._mirror.study.ask()
            number, hurried = self._asked.number, self._ahead.hurried
            in_reserve = min(self._ahead.training, MOST) // 2
            if not (hurried and self._sampler.has_planned(number, in_reserve)):
                self._ahead.begin(partial(self._sampler.plan_ahead, self._mirror.study, number, more=hurried))

    def _take_in(self, event: DurableEvent) -> None:
        self._mirror.learn(event)
        if self._frugal is not None:
            self._frugal.learn(event)

    def _repeats(self, trial: TrialSpec) -> bool:
        """Whether these hyperparameters were suggested before."""
        before = len(self._tried)
        self._tried.add(_frozen(trial.hyperparameters))
        return len(self._tried) == before


def first_suggestion(spec: StudySpec, space: Space) -> Hyperparameters:
    """What a new study of this spec tries first."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return space.suggest(optuna.create_study(sampler=make_sampler(spec, space)).ask())


def rejection(trial: TrialSpec, reason: str) -> TrialComplete:
    """The end of a trial that never reached a worker."""
    return TrialComplete(
        trial_number=trial.trial_number,
        trial_id=trial.trial_id,
        status="rejected",
        cause="too_large",
        reason=reason,
        hyperparameters=trial.hyperparameters,
    )


def _frozen(hyperparameters: Hyperparameters) -> frozenset[tuple[str, object]]:
    return frozenset(hyperparameters.items())
