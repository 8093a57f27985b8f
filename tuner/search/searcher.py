"""Suggests trials: Ray's OptunaSearch over the study's space, behind a pre-flight, with the study's past told first."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState
from ray.tune.search import Searcher
from ray.tune.search.optuna import OptunaSearch

from tuner.events import Scalar
from tuner.search.parameter import Hyperparameters
from tuner.search.space import Space
from tuner.search.stateless import Stateless
from tuner.spec import StudySpec, TrialSpec, maximised

OBJECTIVE, BEST_OBJECTIVE, STATUS = "objective", "best_objective", "status"
"""Keys of what a worker reports to Ray Tune: the objective of an epoch; at the end of a trial that it completed, the
best one, and how the trial ended. A trial that the scheduler ended has no status."""

MOST_REJECTIONS = 300
"""In a row; after that the space holds hardly anything that fits, and the search ends."""

STARTUP_TRIALS = 10
"""Drawn at random before TPE models the space."""


@dataclass(frozen=True)
class PastTrial:
    """A trial of an earlier run of the study: its best objective (None if it gave none) and that of each epoch."""

    hyperparameters: Hyperparameters
    objective: float | None
    curve: dict[int, float]
    pruned: bool = False


@dataclass(frozen=True)
class InterruptedTrial:
    """A trial that an earlier run of the study began and did not end: it is suggested first, under its number."""

    number: int
    hyperparameters: Hyperparameters


class StudySearcher(Stateless, Searcher):  # type: ignore[misc]
    """Gives Ray Tune one complete TrialSpec (as JSON values, under the key `trial`) per suggestion.

    A network that `preflight` finds too large never reaches a worker: it is told to Optuna as failed and to
    `on_rejected`, and the next suggestion takes its place. A trial that the scheduler ended is told as pruned with its
    curve; one that diverged or failed is told as failed, since OptunaSearch would leave it running for ever.
    """

    def __init__(
        self,
        spec: StudySpec,
        space: Space,
        make_trial: Callable[[int, Hyperparameters], TrialSpec],
        preflight: Callable[[TrialSpec], str | None],
        on_rejected: Callable[[TrialSpec, str], None],
        *,
        stopped: Callable[[], bool] = lambda: False,
        past: Sequence[PastTrial] = (),
        interrupted: Sequence[InterruptedTrial] = (),
        next_number: int = 1,
    ) -> None:
        mode = "max" if maximised(spec.objective) else "min"
        super().__init__(metric=OBJECTIVE, mode=mode)
        self._make_trial = make_trial
        self._preflight = preflight
        self._on_rejected = on_rejected
        self._stopped = stopped
        self._numbers: Iterator[int] = count(next_number)
        self._asked: Iterator[int] = count()
        self._keys: dict[str, str] = {}
        self._steps: dict[str, int] = {}
        self.exhausted = False
        """Whether nothing in the space fits the limits: the search ended before all trials were suggested."""
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        storage = optuna.storages.InMemoryStorage()
        _tell_past(storage, spec, space, past, interrupted)
        self._inner = OptunaSearch(
            space=lambda trial: {"suggested": {"hyperparameters": space.suggest(trial)}},
            metric=OBJECTIVE,
            mode=mode,
            sampler=make_sampler(spec.seed + len(past)),
            study_name=spec.run_name,
            storage=storage,
        )
        self._interrupted = list(interrupted)

    def suggest(self, trial_id: str) -> Any:
        if self._stopped():
            return Searcher.FINISHED
        for _ in range(MOST_REJECTIONS):
            key = f"{trial_id}-{next(self._asked)}"
            hyperparameters = self._inner.suggest(key)["suggested"]["hyperparameters"]
            number = self._interrupted.pop(0).number if self._interrupted else next(self._numbers)
            trial = self._make_trial(number, hyperparameters)
            reason = self._preflight(trial)
            if reason is None:
                self._keys[trial_id] = key
                return {"trial": trial.model_dump(mode="json")}
            self._inner.on_trial_complete(key, error=True)
            self._on_rejected(trial, reason)
        self.exhausted = True
        return Searcher.FINISHED

    def on_trial_result(self, trial_id: str, result: dict[str, Any]) -> None:
        epoch = result.get("epoch", 0)
        # A worker that was lost is started again and repeats its first epochs: Optuna has them already.
        if _usable(result) and epoch > self._steps.get(trial_id, 0):
            self._steps[trial_id] = epoch
            self._inner.on_trial_result(self._keys[trial_id], result | {"training_iteration": epoch})

    def on_trial_complete(self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False) -> None:
        if trial_id not in self._keys:
            return
        if result is not None:
            self.on_trial_result(trial_id, result)  # Ray Tune tells a trial's last epoch only here
        key = self._keys.pop(trial_id)
        if result is None or error or not _usable(result):
            self._inner.on_trial_complete(key, error=True)
        elif STATUS in result:
            self._inner.on_trial_complete(key, {OBJECTIVE: result[BEST_OBJECTIVE]})
        else:
            self._inner.on_trial_complete(key, None)

    def save(self, checkpoint_path: str) -> None:
        """Nothing: see `Stateless`."""

    def restore(self, checkpoint_path: str) -> None:
        """Nothing: see `Stateless`."""


def first_suggestion(space: Space, seed: int) -> Hyperparameters:
    """What a new study with this seed tries first."""
    return space.suggest(optuna.create_study(sampler=make_sampler(seed)).ask())


def make_sampler(seed: int) -> optuna.samplers.BaseSampler:
    """Multivariate TPE that models each group of parameters that exist together on its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True, n_startup_trials=STARTUP_TRIALS)


def _usable(result: dict[str, Any]) -> bool:
    value = result.get(OBJECTIVE)
    return value is not None and math.isfinite(value)


def _tell_past(
    storage: optuna.storages.BaseStorage,
    spec: StudySpec,
    space: Space,
    past: Sequence[PastTrial],
    interrupted: Sequence[InterruptedTrial],
) -> None:
    study = optuna.create_study(
        storage=storage,
        study_name=spec.run_name,
        direction="maximize" if maximised(spec.objective) else "minimize",
    )
    for trial in past:
        asked = _Replay(space, trial.hyperparameters)
        state = TrialState.PRUNED if trial.pruned else TrialState.COMPLETE
        study.add_trial(
            optuna.trial.create_trial(
                state=TrialState.FAIL if trial.objective is None else state,
                value=trial.objective,
                params=asked.values,
                distributions=asked.distributions,
                intermediate_values=trial.curve,
            )
        )
    for again in interrupted:
        study.enqueue_trial(_Replay(space, again.hyperparameters).values)


class _Replay:
    """A suggester that answers with known hyperparameters and notes what a sampler would have been asked."""

    def __init__(self, space: Space, hyperparameters: Hyperparameters) -> None:
        self._names = {parameter.key: parameter.name for parameter in space.parameters}
        self._known = hyperparameters
        self.values: dict[str, Scalar] = {}
        self.distributions: dict[str, BaseDistribution] = {}
        space.suggest(self)

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        return float(self._note(name, FloatDistribution(low, high, log=log)))

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        return int(self._note(name, IntDistribution(low, high, log=log)))

    def suggest_categorical(self, name: str, choices: Any) -> Any:
        return self._note(name, CategoricalDistribution(choices))

    def _note(self, key: str, distribution: BaseDistribution) -> Scalar:
        self.values[key] = self._known[self._names[key]]
        self.distributions[key] = distribution
        return self.values[key]
