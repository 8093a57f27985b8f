"""Keeps a study alive when a part of the search fails: a sampler costs a suggestion, a scheduler a decision.

Samplers and schedulers are libraries' code that meets every space and every curve that users bring. Whatever one of
them raises, the study goes on: the trial gets random values, or continues. The first failure of each part is a warning
in the log.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.study import Study
from optuna.trial import FrozenTrial

from tuner.errors import in_one_line

log = logging.getLogger("tuner.search")

T = TypeVar("T")


class FailureLog:
    """Logs failures of one part of the search: the first one as a warning, later ones for debugging."""

    def __init__(self, what: str) -> None:
        self._what, self._level = what, logging.WARNING

    def add(self, error: Exception) -> None:
        """Log one failure."""
        log.log(self._level, "%s: %s", self._what, in_one_line(error), exc_info=self._level < logging.WARNING)
        self._level = logging.DEBUG


class ResilientSampler(BaseSampler):
    """Asks another sampler. If that fails, all further values of the trial are random."""

    def __init__(self, sampler: BaseSampler, seed: int) -> None:
        self._sampler, self._random = sampler, RandomSampler(seed)
        self._failures = FailureLog("the search could not plan a trial, which gets random values")
        self._failed_number = -1

    def failed(self, number: int) -> bool:
        """Whether planning the trial with this number of Optuna's failed; it was the last one that was suggested."""
        return number == self._failed_number

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        self._asked(trial, lambda: self._sampler.before_trial(study, trial), lambda: None)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        return self._asked(trial, lambda: self._sampler.infer_relative_search_space(study, trial), dict)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        return self._asked(trial, lambda: self._sampler.sample_relative(study, trial, search_space), dict)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        arguments = (study, trial, param_name, param_distribution)
        return self._asked(
            trial,
            lambda: self._sampler.sample_independent(*arguments),
            lambda: self._random.sample_independent(*arguments),
        )

    def _asked(self, trial: FrozenTrial, ask: Callable[[], T], instead: Callable[[], T]) -> T:
        if not self.failed(trial.number):
            try:
                return ask()
            except Exception as error:  # noqa: BLE001 - see the module
                self._failures.add(error)
                self._failed_number = trial.number
        return instead()


class ResilientScheduler:
    """Mixin for Ray Tune's schedulers: if one fails, the trial that it was asked about continues."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._failures = FailureLog("the scheduler could not judge a trial, which continues")

    def on_trial_add(self, tune_controller: Any, trial: Any) -> None:
        self._guarded("on_trial_add", tune_controller, trial)

    def on_trial_result(self, tune_controller: Any, trial: Any, result: dict[str, Any]) -> Any:
        return self._guarded("on_trial_result", tune_controller, trial, result) or "CONTINUE"

    def on_trial_complete(self, tune_controller: Any, trial: Any, result: dict[str, Any]) -> None:
        self._guarded("on_trial_complete", tune_controller, trial, result)

    def on_trial_remove(self, tune_controller: Any, trial: Any) -> None:
        self._guarded("on_trial_remove", tune_controller, trial)

    def on_trial_error(self, tune_controller: Any, trial: Any) -> None:
        self._guarded("on_trial_error", tune_controller, trial)

    def _guarded(self, step: str, *arguments: Any) -> Any:
        try:
            return getattr(super(), step)(*arguments)
        except Exception as error:  # noqa: BLE001 - see the module
            self._failures.add(error)
            return None
