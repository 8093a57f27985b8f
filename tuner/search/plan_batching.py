"""Decides how many trials one plan is for: one, unless trials are requested faster than they can be planned."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from math import ceil

SHARE = 0.1
"""Share of one core that planning may take; with trials of minutes it uses a hundredth of it."""
MOST_TRIALS = 16
"""Trials of one plan at most."""
INTERVALS = 8
"""Times between two requests that are averaged. Until there are as many, each trial is planned on its own."""


class PlanBatching:
    """Measures how fast trials are requested and how long a plan takes."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._requested_at: deque[float] = deque(maxlen=INTERVALS + 1)
        self._plan_s = 0.0

    def record_request(self) -> None:
        """Note that a trial is requested now."""
        self._requested_at.append(self._clock())

    def record_plan(self, took_s: float) -> None:
        """Note how long the last plan took, for however many trials it was."""
        self._plan_s = took_s

    def trials_per_plan(self, running: int) -> int:
        """How many trials the next plan is for: at most as many as are running now.

        So what a single worker gets does not depend on the speed of the machine.
        """
        if len(self._requested_at) <= INTERVALS:
            return 1
        between_s = (self._requested_at[-1] - self._requested_at[0]) / INTERVALS
        wanted = self._plan_s / (SHARE * between_s) if between_s > 0 else MOST_TRIALS
        return max(1, min(running, MOST_TRIALS, ceil(wanted)))
