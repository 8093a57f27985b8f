"""Ray Tune callbacks that exchange messages with a study's live-progress actor: stops go to it, bills come from it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import ray
from ray import tune

from tuner.events import RemoteJob, TrialBilled
from tuner.search.stateless import Stateless
from tuner.search.time_budget import TimeBudget
from tuner.study.stop_signal import StopSignal

LAST_S = 15.0
"""Seconds before the end of a time budget at which the study's end is prepared: a process takes so long to start."""
AGAIN_S = 1.0
"""Seconds between two stop messages: an actor that was lost and restarted does not know of the first one."""
LOOK_S, LAST_LOOK_S = 1.0, 10.0
"""Seconds between two requests for bills, and the longest wait for the last bills."""


class StopCallback(Stateless, tune.Callback):  # type: ignore[misc]
    """Sets the signal once the time is up, and passes it on to the workers: each ends its trial within a batch.

    Ray Tune then sees trials that end by themselves, so their weights are kept and their ends recorded as ever.
    `nearly_up` is called, repeatedly, in the last seconds of the budget.
    """

    def __init__(
        self, signal: StopSignal, live_progress: Any, budget: TimeBudget, nearly_up: Callable[[], None]
    ) -> None:
        self._signal = signal
        self._nearly_up = nearly_up
        self._live_progress = live_progress
        self._tell_workers_at = time.monotonic()
        self._budget = budget

    def on_step_begin(self, iteration: int, trials: list[Any], **info: Any) -> None:
        if self._budget.left_s <= LAST_S:
            self._nearly_up()
        if self._budget.left_s <= 0:
            reason = f"time budget of {self._budget.seconds:g} s used up"
            self._signal.request("completed", reason, cause="time_budget")
        if self._signal.stop is not None and time.monotonic() >= self._tell_workers_at:
            self._tell_workers_at = time.monotonic() + AGAIN_S
            self._live_progress.stop.remote()

    def on_trial_error(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        """Remove a trial whose worker was lost; other workers remove their trials themselves."""
        self._live_progress.remove.remote(trial.config["trial"]["trial_number"])


class CancelCallback(Stateless, tune.Callback):  # type: ignore[misc]
    """Passes the trials that people cancel on to the workers: each ends its trial within a batch."""

    def __init__(self, signal: StopSignal, live_progress: Any) -> None:
        self._signal, self._live_progress = signal, live_progress
        self._told: frozenset[int] = frozenset()
        self._told_at = 0.0

    def on_step_begin(self, iteration: int, trials: list[Any], **info: Any) -> None:
        asked = self._signal.trials_to_cancel
        if asked and (asked != self._told or time.monotonic() >= self._told_at + AGAIN_S):
            self._told, self._told_at = asked, time.monotonic()
            self._live_progress.cancel.remote(sorted(asked))


class WorkersCallback(Stateless, tune.Callback):  # type: ignore[misc]
    """Applies the number of concurrent trials that people set while the study runs. No running trial is stopped.

    Args:
        apply: Called with each new number.
        began_with: The number with which the run began, or auto.
    """

    def __init__(self, signal: StopSignal, apply: Callable[[int], None], began_with: int | str) -> None:
        self._signal, self._apply = signal, apply
        self._applied = began_with

    def on_step_begin(self, iteration: int, trials: list[Any], **info: Any) -> None:
        asked = self._signal.workers
        if asked is not None and asked != self._applied:
            self._applied = asked
            self._apply(asked)


class BillingCallback(Stateless, tune.Callback):  # type: ignore[misc]
    """Records the bills of RunPod jobs: the cost of a job is known only after its trial has ended."""

    def __init__(self, live_progress: Any, record: Callable[[TrialBilled], None]) -> None:
        self._live_progress, self._record = live_progress, record
        self._asked: Any = None
        self._asked_at = 0.0

    def on_step_begin(self, iteration: int, trials: list[Any], **info: Any) -> None:
        if self._asked is not None:
            if ray.wait([self._asked], timeout=0)[0]:
                self._take(0.0)
        elif time.monotonic() - self._asked_at >= LOOK_S:
            self._ask()

    def finish(self) -> None:
        """Record the remaining bills, once all workers have ended."""
        if self._asked is not None:
            self._take(LAST_LOOK_S)
        self._ask()
        self._take(LAST_LOOK_S)

    def _ask(self) -> None:
        self._asked_at = time.monotonic()
        self._asked = self._live_progress.take_bills.remote()

    def _take(self, timeout_s: float) -> None:
        asked, self._asked = self._asked, None
        try:
            bills = ray.get(asked, timeout=timeout_s or None)
        except ray.exceptions.RayError:  # its bills are lost with the actor
            return
        for trial_number, job in bills:
            self._record(TrialBilled(trial_number=trial_number, job=RemoteJob.model_validate(job)))
