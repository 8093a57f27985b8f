"""A circuit breaker: no trial is sent to the service for a while after repeated failures. Pure: the clock is passed in.

Closed, it lets every trial pass. After `FAILURES` failures in a row it opens, and lets none pass for `pause_s`. Then
one trial probes the service: its success closes the breaker, its failure opens it again for twice as long. Failures of
trials that were sent before it opened do not count. (Nygard, Release It!, 2007.)
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

FAILURES = 3
"""Consecutive failures, of any trials, that open the breaker."""

PAUSE_S, LONGEST_PAUSE_S = 15.0, 600.0
PROBE_S = 900.0
"""A probing trial that reported nothing for this time is lost, and another one may probe."""


@dataclass(frozen=True)
class Permission:
    """Whether a trial may be sent to the service."""

    wait_s: float = 0.0
    """0 if it may be sent now; else seconds until one may."""
    reason: str = ""
    """Why not, in one line."""
    period: int = 0
    """How often the breaker had opened before: to be passed to `record_failure`."""


class CircuitBreaker:
    """The breaker of one endpoint, shared by all workers of a study."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._why_open = ""
        self._pause_s = PAUSE_S
        self._open_until: float | None = None
        self._period = 0

    def permission(self) -> Permission:
        """Return whether a trial may be sent now; if so, it must report its success or failure."""
        if self._open_until is not None:
            left = self._open_until - self._clock()
            if left > 0:
                return Permission(left, self._why_open)
            self._open_until = self._clock() + PROBE_S  # the others wait for the result of this probe
        return Permission(period=self._period)

    def record_success(self) -> None:
        """Close the breaker: a worker of the endpoint trains a trial."""
        self._failures, self._pause_s, self._open_until = 0, PAUSE_S, None

    def record_failure(self, reason: str, *, period: int, lasting: bool = False) -> None:
        """Count a failure in the period of the trial's permission, and open the breaker if there were enough.

        A lasting failure, such as a refused key, opens it at once. `reason` is one line.
        """
        if period < self._period:
            return  # the trial was sent before the breaker opened
        self._failures += 1
        if self._open_until is not None or lasting or self._failures >= FAILURES:
            self._period += 1
            times = "1 failure" if self._failures == 1 else f"{self._failures} consecutive failures"
            self._why_open = f"RunPod paused for {self._pause_s:g} s after {times}; the last: {reason}"
            self._open_until = self._clock() + self._pause_s
            self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)
