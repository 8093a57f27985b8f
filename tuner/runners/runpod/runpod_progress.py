"""The live progress of a study on RunPod, with the workers' circuit breaker and the bills of their jobs."""

from __future__ import annotations

from typing import Any

from tuner.runners.live_progress import LiveProgress
from tuner.runners.runpod.circuit_breaker import CircuitBreaker


class RunPodProgress(LiveProgress, CircuitBreaker):
    """State of a Ray actor: `tuner.runners.live_progress.start_live_progress(study, RunPodProgress)`."""

    def __init__(self) -> None:
        LiveProgress.__init__(self)
        CircuitBreaker.__init__(self)
        self._bills: list[tuple[int, dict[str, Any]]] = []

    def add_bill(self, trial_number: int, job: dict[str, Any]) -> None:
        """Add the bill of a job that has ended: a `RemoteJob`, as JSON values."""
        self._bills.append((trial_number, job))

    def take_bills(self) -> list[tuple[int, dict[str, Any]]]:
        """Return the bills that were added since the last call, with the numbers of their trials."""
        bills, self._bills = self._bills, []
        return bills
