"""Whole configurations from Optuna's own TPE, without asking a trial for them."""

from __future__ import annotations

import warnings
from collections.abc import Container, Mapping, Set

import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import TPESampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from tuner.events import Scalar
from tuner.search.encoding import Configuration
from tuner.search.space import Space
from tuner.search.suggesters import RecordingSuggester


def make_tpe(seed: int) -> TPESampler:
    """Multivariate TPE that models each group of parameters that exist together on its own; no random start."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return TPESampler(seed=seed, multivariate=True, group=True, n_startup_trials=0)


def draw(tpe: TPESampler, space: Space, study: Study, trial: FrozenTrial, fixed: Mapping[str, Scalar]) -> Configuration:
    """What TPE would suggest for this trial, `fixed` values (by key) given. A second call draws anew."""
    asked = _Asked(tpe, study, trial, fixed)
    return Configuration(space.suggest(asked), asked.values)


class StudySubset(Study):
    """A study of which a sampler sees some of the trials that ended, by their numbers, and all that run."""

    def __init__(self, study: Study, seen: Set[int]) -> None:
        super().__init__(study.study_name, study._storage)
        self._seen = seen

    def _get_trials(
        self, deepcopy: bool = True, states: Container[TrialState] | None = None, use_cache: bool = False
    ) -> list[FrozenTrial]:
        found = super()._get_trials(deepcopy, states, use_cache)
        return [trial for trial in found if trial.number in self._seen or not trial.state.is_finished()]


class _Asked(RecordingSuggester):
    """Answers from one joint sample, and for the rest of the parameters from samples of their own."""

    def __init__(self, tpe: TPESampler, study: Study, trial: FrozenTrial, fixed: Mapping[str, Scalar]) -> None:
        super().__init__()
        self._tpe = tpe
        self._study = study
        self._trial = trial
        self._fixed = fixed
        self._joint = tpe.sample_relative(study, trial, tpe.infer_relative_search_space(study, trial))

    def answer(self, key: str, distribution: BaseDistribution) -> Scalar:
        value: Scalar
        if key in self._fixed:
            value = self._fixed[key]
        elif key in self._joint:
            value = self._joint[key]
        else:
            value = self._tpe.sample_independent(self._study, self._trial, key, distribution)
        return value
