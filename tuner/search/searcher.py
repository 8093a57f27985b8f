"""Ray Tune's side of the search: a Searcher that hands on what `Suggestions` suggests.

It learns nothing from Ray Tune, which tells a pruned trial as complete and a diverged one never: the study's log does
that, through `Suggestions.learn`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ray.tune.search import Searcher

from tuner.objectives import direction
from tuner.search.stateless import Stateless
from tuner.search.suggestions import Suggestions
from tuner.spec import StudySpec

OBJECTIVE, EPOCH, TRAINED_S = "objective", "epoch", "trained_s"
"""Keys of what a worker reports to Ray Tune, for the scheduler: the monitored objective, after which epoch, and after
how many seconds of training and validation."""


class StudySearcher(Stateless, Searcher):  # type: ignore[misc]
    """Gives Ray Tune one complete TrialSpec per suggestion, as JSON values, under the key `trial`."""

    def __init__(self, spec: StudySpec, suggestions: Suggestions, *, stopped: Callable[[], bool]) -> None:
        super().__init__(metric=OBJECTIVE, mode=direction(spec.monitor)[:3])
        self._suggestions = suggestions
        self._stopped = stopped

    def suggest(self, trial_id: str) -> Any:
        if self._stopped():
            return Searcher.FINISHED
        trial = self._suggestions.next()
        return Searcher.FINISHED if trial is None else {"trial": trial.model_dump(mode="json")}

    def on_trial_complete(self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False) -> None:
        """Nothing: see above."""

    def save(self, checkpoint_path: str) -> None:
        """Nothing: see `Stateless`."""

    def restore(self, checkpoint_path: str) -> None:
        """Nothing: see `Stateless`."""
