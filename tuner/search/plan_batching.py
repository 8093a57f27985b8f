"""How many trials are planned at once: one, unless they are asked for faster than they can be planned one by one."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from math import ceil

SHARE = 0.1
"""Of one core, that planning is to take; with trials of minutes it takes a hundredth of that."""
MOST = 16
KNOWN = 8
"""Times between two trials that are looked at. Before there are so many, each trial is planned on its own."""


class PlanBatching:
    """Knows how fast trials are asked for, and how long a plan took."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._asked: deque[float] = deque(maxlen=KNOWN + 1)
        self._took_s = 0.0

    def asked(self) -> None:
        """A trial was asked for."""
        self._asked.append(self._clock())

    def planned(self, took_s: float) -> None:
        """A plan was made, of however many trials."""
        self._took_s = took_s

    def at_once(self, running: int) -> int:
        """Trials that the next plan is to be for: at most as many as run now, so that a single worker never waits for
        more than its own, and what is suggested to it does not depend on how fast the machine is.
        """
        if len(self._asked) <= KNOWN:
            return 1
        between_s = (self._asked[-1] - self._asked[0]) / KNOWN
        wanted = self._took_s / (SHARE * between_s) if between_s > 0 else MOST
        return max(1, min(running, MOST, ceil(wanted)))
