"""Passes a stop of the study on to its workers, and sets the stop signal when the time budget is used up."""

from __future__ import annotations

import time
from typing import Any

from ray import tune

from tuner.search.stateless import Stateless
from tuner.study.stop_signal import StopSignal

AGAIN_S = 1.0
"""Time between two reports of the stop: an actor for the live progress that was restarted has forgotten it."""


class StopCallback(Stateless, tune.Callback):  # type: ignore[misc]
    """Sets the signal once the time is up, and passes it on to the workers: each ends its trial within a batch.

    Ray Tune then sees trials that end by themselves, so their weights are kept and their ends recorded as ever.
    """

    def __init__(
        self, signal: StopSignal, live_progress: Any, time_budget_s: float | None, deadline: float | None
    ) -> None:
        self._signal = signal
        self._live_progress = live_progress
        self._tell_workers_at = time.monotonic()
        self._budget_s = time_budget_s
        self._deadline = deadline

    def on_step_begin(self, iteration: int, trials: list[Any], **info: Any) -> None:
        if self._deadline is not None and time.monotonic() >= self._deadline:
            self._signal.request("completed", f"time budget of {self._budget_s:g} s used up", cause="time_budget")
        if self._signal.stop is not None and time.monotonic() >= self._tell_workers_at:
            self._tell_workers_at = time.monotonic() + AGAIN_S
            self._live_progress.stop.remote()

    def on_trial_error(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        """Remove a trial whose worker was lost; other workers remove their trials themselves."""
        self._live_progress.remove.remote(trial.config["trial"]["trial_number"])
