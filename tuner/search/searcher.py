"""Ray Tune's side of the search: a Searcher that hands on what `Suggestions` suggests.

It learns nothing from Ray Tune, which tells a pruned trial as complete and a diverged one never: the study's log does
that, through `Suggestions.learn`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from ray.tune import Callback
from ray.tune.search import ConcurrencyLimiter, Searcher
from ray.tune.search.search_generator import SearchGenerator

from tuner.objectives import direction
from tuner.search.scheduler_report import OBJECTIVE
from tuner.search.stateless import Stateless
from tuner.search.suggestions import Suggestions
from tuner.spec import StudySpec, TrialSpec


class DeviceSource(Protocol):
    """Gives trials their devices."""

    @property
    def has_room(self) -> bool:
        """Whether one more trial is to be suggested now."""

    @property
    def should_yield(self) -> bool:
        """Whether the devices of a trial that has ended are another study's."""

    def allocate(self, trial: TrialSpec, who: str) -> dict[str, Any]:
        """The devices of a trial, as JSON values under their key; `who` has them until `give_back`."""

    def give_back(self, who: str) -> None:
        """They are free again."""


class StudySearcher(Stateless, Searcher):  # type: ignore[misc]
    """Gives Ray Tune one complete TrialSpec per suggestion, as JSON values, under the key `trial`, and its devices.

    Args:
        trials: As many as Ray Tune will ask for.
        stopped: Whether nothing more is to be suggested.
        beside: What a worker is told beside the trial.
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
        self._suggestions = suggestions
        self._left = trials
        self._stopped = stopped
        self._devices = devices
        self.gives_back = False
        """Whether the worker whose trial has just ended is to end too."""

    def suggest(self, trial_id: str) -> Any:
        if self._stopped():
            return Searcher.FINISHED
        if not self._devices.has_room:
            return None  # not yet: what is suggested once a trial has ended knows more
        self._left -= 1
        trial = self._suggestions.next()
        if trial is None:
            return Searcher.FINISHED
        return {"trial": trial.model_dump(mode="json"), **self._devices.allocate(trial, trial_id)}

    def plan_ahead(self) -> None:
        """Have the next suggestion ready before a worker is free."""
        if self._left > 0 and not self._stopped():
            self._suggestions.plan_ahead()

    def on_trial_complete(self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False) -> None:
        """Nothing is learned, see above: its devices are free."""
        self._devices.give_back(trial_id)
        self.gives_back = self._devices.should_yield

    def save(self, checkpoint_path: str) -> None:
        """Nothing: see `Stateless`."""

    def restore(self, checkpoint_path: str) -> None:
        """Nothing: see `Stateless`."""


class StudySearch(Stateless, SearchGenerator):  # type: ignore[misc]
    """A searcher as Ray Tune's search algorithm, with at most so many trials at once.

    Ray Tune keeps a worker whose trial has ended for the next one, unless the search has finished. For a worker that is
    given back to the cluster it has, from that end to the end of the same step of Ray Tune's loop, which asks again
    before its next step.
    """

    def __init__(self, searcher: StudySearcher, at_once: int) -> None:
        super().__init__(ConcurrencyLimiter(searcher, max_concurrent=at_once))
        self._study = searcher

    def is_finished(self) -> bool:
        return self._study.gives_back or bool(super().is_finished())


class PlanAfterStep(Stateless, Callback):  # type: ignore[misc]
    """Has a searcher plan ahead while Ray Tune waits for its workers; what was given back is gone by then."""

    def __init__(self, searcher: StudySearcher) -> None:
        self._searcher = searcher

    def on_step_end(self, iteration: int, trials: list[Any], **info: Any) -> None:
        self._searcher.gives_back = False
        self._searcher.plan_ahead()
