"""Records the bills of RunPod jobs in the study's log: a job ends, and its cost is known, after its trial has ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import ray
from ray import tune

from tuner.events import RemoteJob, TrialBilled
from tuner.search.stateless import Stateless

LOOK_S = 1.0
LAST_LOOK_S = 10.0


class BillingCallback(Stateless, tune.Callback):  # type: ignore[misc]
    """Asks the live-progress actor for new bills about once a second, without waiting, and records them."""

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
        except ray.exceptions.RayError:  # the bills of a lost actor are lost here; the service has them
            return
        for trial_number, job in bills:
            self._record(TrialBilled(trial_number=trial_number, job=RemoteJob.model_validate(job)))
