"""A circuit breaker: after repeated faults the service is left alone for a while. Pure; the clock is handed in.

Closed, every trial may go. Open, none may, until `rest_s` have passed; then one trial tries (half open): if it gets
through, the breaker closes, else it opens again for twice as long. (Nygard, Release It!, 2007.)
"""

from __future__ import annotations

import time
from collections.abc import Callable

FAULTS = 3
"""In a row, of any trials: the service is broken."""

REST_S, LONGEST_REST_S = 15.0, 600.0
PROBE_S = 900.0
"""A trial that tries and says nothing for so long was lost, and another one may."""


class CircuitBreaker:
    """The breaker of one endpoint, shared by all workers of a study."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._faults = 0
        self._last = ""
        self._rest_s = REST_S
        self._open_until: float | None = None

    def wait_s(self) -> float:
        """0: the trial that asks may go now (and must then tell `fault` or `works`). Else seconds until one may."""
        if self._open_until is None:
            return 0.0
        left = self._open_until - self._clock()
        if left > 0:
            return left
        self._open_until = self._clock() + PROBE_S  # this one tries, the others wait for what it finds
        return 0.0

    def works(self) -> None:
        """A trial got through to a worker."""
        self._faults, self._rest_s, self._open_until = 0, REST_S, None

    def fault(self, reason: str, *, lasting: bool = False) -> None:
        """A trial did not. A lasting fault (a refused key) opens the breaker at once."""
        self._faults += 1
        self._last = reason
        if self._open_until is not None or lasting or self._faults >= FAULTS:
            self._open_until = self._clock() + self._rest_s
            self._rest_s = min(2 * self._rest_s, LONGEST_REST_S)

    @property
    def why(self) -> str:
        """Why it is open, in one line."""
        times = "once" if self._faults == 1 else f"{self._faults} times in a row"
        return f"RunPod is left alone for a while: it failed {times}, last: {self._last}"
