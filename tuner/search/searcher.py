"""The search as Ray Tune's `Searcher`: hands Ray Tune the trials of `Suggestions`.

It learns nothing from Ray Tune, which reports pruned trials as complete and diverged ones not at all. The study's log
does that, through `Suggestions.learn`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

from ray.tune import Callback
from ray.tune.search import ConcurrencyLimiter, Searcher
from ray.tune.search.search_generator import SearchGenerator

from tuner.objectives import direction
from tuner.search.scheduler_report import OBJECTIVE, SUGGESTED_AT, SUGGESTED_BY
from tuner.search.stateless import Stateless
from tuner.search.suggestions import Suggestion, Suggestions
from tuner.spec import StudySpec
from tuner.trial_spec import TrialSpec


class DeviceSource(Protocol):
    """Allocates devices to trials."""

    @property
    def has_capacity(self) -> bool:
        """Whether to suggest one more trial now."""

    @property
    def should_yield(self) -> bool:
        """Whether the devices of a trial that has ended belong to another study now."""

    def allocate(self, trial: TrialSpec, who: str) -> dict[str, Any]:
        """Allocate a trial's devices to `who` until `release`; returns them as JSON values under their key."""

    def release(self, who: str) -> None:
        """Free the devices of `who`."""


class StudySearcher(Stateless, Searcher):  # type: ignore[misc]
    """Returns up to `trials` complete TrialSpecs to Ray Tune, each as JSON under the key `trial`, with its devices.

    `add_trial` allows one more, until the last of them has ended.
    """

    def __init__(
        self,
        spec: StudySpec,
        suggestions: Suggestions,
        trials: int,
        *,
        stopped: Callable[[], bool],
        devices: DeviceSource,
    ) -> None:
        super().__init__(metric=OBJECTIVE, mode=direction(spec.monitor)[:3])
        self._suggestions, self._left, self._stopped, self._devices = suggestions, trials, stopped, devices
        self._numbers: dict[str, int] = {}
        """Our numbers of the trials that Ray Tune has not ended, by its identifiers."""
        self.yields_worker = False
        """Whether the worker whose trial has just ended must end too."""

    def suggest(self, trial_id: str) -> Any:
        if self._stopped():
            return Searcher.FINISHED
        if self._left <= 0 and not self._numbers:
            return Searcher.FINISHED
        if self._left <= 0 or not self._devices.has_capacity or not self._suggestions.ready:
            return None  # Ray Tune asks again: a later suggestion knows more results
        self._left -= 1
        suggestion = self._suggestions.next()
        if suggestion is None:
            return Searcher.FINISHED
        self._numbers[trial_id] = suggestion.trial.trial_number
        return tune_config(suggestion) | self._devices.allocate(suggestion.trial, trial_id)

    def add_trial(self) -> None:
        """Suggest one more trial, in the place of one whose network its worker rejected."""
        self._left += 1

    def plan_ahead(self) -> None:
        """Have the next suggestion ready before a worker is free."""
        if self._left > 0 and not self._stopped():
            self._suggestions.plan_ahead()

    def on_trial_complete(self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False) -> None:
        """Free the trial's devices. Its result comes from the log, see the module."""
        if trial_id in self._numbers:
            self._suggestions.end(self._numbers.pop(trial_id))
        self._devices.release(trial_id)
        self.yields_worker = self._devices.should_yield

    def save(self, checkpoint_path: str) -> None:
        """Does nothing: Ray Tune's state is never saved; a study resumes from its database."""

    def restore(self, checkpoint_path: str) -> None:
        """Does nothing, see `save`."""


def tune_config(suggestion: Suggestion) -> dict[str, Any]:
    """Ray Tune's config of a suggested trial, without its devices."""
    return {
        "trial": suggestion.trial.model_dump(mode="json"),
        SUGGESTED_BY: suggestion.suggested_by,
        SUGGESTED_AT: time.time(),
    }


class StudySearch(Stateless, SearchGenerator):  # type: ignore[misc]
    """A searcher as Ray Tune's search algorithm, with a limit of concurrent trials.

    Ray Tune keeps a worker whose trial has ended for the next trial, unless the search has finished. So after a trial
    whose worker goes back to the cluster, the search claims to have finished until the step of Ray Tune's loop ends.
    """

    def __init__(self, searcher: StudySearcher, max_concurrent: int) -> None:
        super().__init__(ConcurrencyLimiter(searcher, max_concurrent=max_concurrent))
        self._study_searcher = searcher

    def set_max_concurrent(self, most: int) -> None:
        """Change the limit; trials that run go on, and no other one is suggested while there are as many."""
        self.searcher.max_concurrent = most

    def is_finished(self) -> bool:
        return self._study_searcher.yields_worker or bool(super().is_finished())


class PlanAfterStep(Stateless, Callback):  # type: ignore[misc]
    """Lets a searcher plan ahead at the end of each step of Ray Tune's loop, while Ray Tune waits for its workers."""

    def __init__(self, searcher: StudySearcher) -> None:
        self._searcher = searcher

    def on_step_end(self, iteration: int, trials: list[Any], **info: Any) -> None:
        self._searcher.yields_worker = False
        self._searcher.plan_ahead()
