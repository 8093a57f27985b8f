"""The live board of a study on RunPod: in addition, the breaker that its workers share, and the bills of their jobs."""

from __future__ import annotations

from typing import Any

from tuner.runners.live_progress import LiveProgress
from tuner.runners.runpod.circuit_breaker import CircuitBreaker


class RunPodProgress(LiveProgress):
    """State of the board. Lives in a Ray actor: `tuner.runners.live_progress.open_board(study, RunPodProgress)`."""

    def __init__(self) -> None:
        super().__init__()
        self._breaker = CircuitBreaker()
        self._bills: list[tuple[int, dict[str, Any]]] = []

    def may_go(self) -> tuple[float, str]:
        """0 and nothing: a trial may try the service now. Else the seconds until one may, and why."""
        wait_s = self._breaker.wait_s()
        return wait_s, self._breaker.why if wait_s else ""

    def works(self) -> None:
        """A trial got through to a worker."""
        self._breaker.works()

    def fault(self, reason: str, lasting: bool) -> None:
        """A trial did not."""
        self._breaker.fault(reason, lasting=lasting)

    def bill(self, trial_number: int, job: dict[str, Any]) -> None:
        """A job of a trial ended: a `RemoteJob`, as JSON values."""
        self._bills.append((trial_number, job))

    def take_bills(self) -> list[tuple[int, dict[str, Any]]]:
        """The bills since they were last taken."""
        bills, self._bills = self._bills, []
        return bills
