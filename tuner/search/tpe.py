"""Optuna's TPE, and whole configurations drawn from it without adding a trial to the study."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping

import optuna
from optuna.samplers import TPESampler
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from tuner.events import Scalar
from tuner.search.encoding import Configuration
from tuner.search.space import Space


def make_tpe(seed: int, startup_trials: int = 0) -> TPESampler:
    """Multivariate TPE that models each group of parameters that exist together; the first trials are random."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return TPESampler(seed=seed, multivariate=True, group=True, n_startup_trials=startup_trials)


class TpeDraws:
    """Draws configurations from TPE, which sees copies of some trials in a study of its own.

    The copies are what makes planning ahead possible: TPE writes to the storage of the trial that it samples for, and
    a trial that is planned ahead is in no storage yet. The `planned` configurations, by key, count as running.
    """

    def __init__(
        self,
        seed: int,
        space: Space,
        direction: StudyDirection,
        trials: Iterable[FrozenTrial],
        planned: Iterable[Mapping[str, Scalar]] = (),
    ) -> None:
        self._space = space
        self._study = optuna.create_study(direction=direction, sampler=make_tpe(seed))
        self._study.add_trials(trial for trial in trials if trial.state != TrialState.WAITING)
        for values in planned:
            self._ask(values)

    def draw(self, fixed: Mapping[str, Scalar]) -> Configuration:
        """Returns a configuration with the `fixed` values (by key). Each call draws anew."""
        trial, configuration = self._ask(fixed)
        self._study.tell(trial, state=TrialState.FAIL)  # else the next draw would keep away from this one
        return configuration

    def _ask(self, fixed: Mapping[str, Scalar]) -> tuple[optuna.Trial, Configuration]:
        if fixed:
            self._study.enqueue_trial(dict(fixed))
        trial = self._study.ask()
        return trial, Configuration(self._space.suggest(trial), trial.params)
