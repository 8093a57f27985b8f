"""Ends a trial with the epoch in which it reaches the study's target, before Ray Tune lets it train on."""

from __future__ import annotations

from typing import Any

from ray import tune

from tuner.objectives import better
from tuner.spec import StudySpec


class TargetStopper(tune.Stopper):  # type: ignore[misc]
    """Ends the trial alone: the recorder sees the same result, and ends the study with this trial as its best.

    It decides nothing if the target is of no epoch (parameter_count), or if the best trial must meet constraints: then
    the message to the workers, which needs some batches, ends them.
    """

    def __init__(self, spec: StudySpec) -> None:
        decides = spec.monitor == spec.objectives[0] and not spec.bounds
        self._target = spec.target_score if decides else None
        self._objective = spec.objectives[0]

    def __call__(self, trial_id: str, result: dict[str, Any]) -> bool:
        """Return whether one of the epochs of this result of a trial reaches the target."""
        if self._target is None:
            return False
        reached = [event["objective"] for event in result.get("events", ()) if event["type"] == "epoch_progress"]
        return any(not better(self._objective, self._target, value) for value in reached)

    def stop_all(self) -> bool:
        """Return False: the study's signal ends the other trials, as for every other reason."""
        return False
