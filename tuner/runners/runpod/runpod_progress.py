"""The live progress of a study on RunPod, with the workers' circuit breaker and the bills of their jobs."""

from __future__ import annotations

from typing import Any

from tuner.runners.live_progress import LiveProgress
from tuner.runners.runpod.circuit_breaker import CircuitBreaker, Permission


class RunPodProgress(LiveProgress):
    """State of a Ray actor: `tuner.runners.live_progress.start_live_progress(study, RunPodProgress)`."""

    def __init__(self) -> None:
        super().__init__()
        self._breaker = CircuitBreaker()
        self._bills: list[tuple[int, dict[str, Any]]] = []

    def permission(self) -> Permission:
        """Return whether a trial may be sent to the service now."""
        return self._breaker.permission()

    def record_success(self) -> None:
        """Record that a worker of the service trains a trial."""
        self._breaker.record_success()

    def record_failure(self, reason: str, period: int, lasting: bool) -> None:
        """Record that the service did not run a trial: see `CircuitBreaker.record_failure`."""
        self._breaker.record_failure(reason, period=period, lasting=lasting)

    def add_bill(self, trial_number: int, job: dict[str, Any]) -> None:
        """Add the bill of a job that has ended: a `RemoteJob`, as JSON values."""
        self._bills.append((trial_number, job))

    def take_bills(self) -> list[tuple[int, dict[str, Any]]]:
        """Return the bills that were added since the last call, with the numbers of their trials."""
        bills, self._bills = self._bills, []
        return bills
