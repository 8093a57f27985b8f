"""Ray Tune's side of the search: a Searcher that hands on what `Suggestions` suggests.

It learns nothing from Ray Tune, which tells a pruned trial as complete and a diverged one never: the study's log does
that, through `Suggestions.learn`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ray.tune import Callback
from ray.tune.search import Searcher

from tuner.objectives import direction
from tuner.search.judged import OBJECTIVE
from tuner.search.stateless import Stateless
from tuner.search.suggestions import Suggestions
from tuner.spec import StudySpec


class StudySearcher(Stateless, Searcher):  # type: ignore[misc]
    """Gives Ray Tune one complete TrialSpec per suggestion, as JSON values, under the key `trial`.

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
        beside: Callable[[], dict[str, Any]] = dict,
    ) -> None:
        super().__init__(metric=OBJECTIVE, mode=direction(spec.monitor)[:3])
        self._suggestions = suggestions
        self._left = trials
        self._stopped = stopped
        self._beside = beside

    def suggest(self, trial_id: str) -> Any:
        if self._stopped():
            return Searcher.FINISHED
        self._left -= 1
        trial = self._suggestions.next()
        return Searcher.FINISHED if trial is None else {"trial": trial.model_dump(mode="json"), **self._beside()}

    def plan_ahead(self) -> None:
        """Have the next suggestion ready before a worker is free."""
        if self._left > 0 and not self._stopped():
            self._suggestions.plan_ahead()

    def on_trial_complete(self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False) -> None:
        """Nothing: see above."""

    def save(self, checkpoint_path: str) -> None:
        """Nothing: see `Stateless`."""

    def restore(self, checkpoint_path: str) -> None:
        """Nothing: see `Stateless`."""


class PlanAhead(Stateless, Callback):  # type: ignore[misc]
    """Has a searcher plan ahead while Ray Tune waits for its workers."""

    def __init__(self, searcher: StudySearcher) -> None:
        self._searcher = searcher

    def on_step_end(self, iteration: int, trials: list[Any], **info: Any) -> None:
        self._searcher.plan_ahead()
