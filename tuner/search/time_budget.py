"""The seconds that a run of a study may train. They count from the start of its first trial, not while Ray starts."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from tuner.events import DurableEvent, TrialStart


class TimeBudget:
    """A time budget that begins with the first trial. Without `seconds` it never ends."""

    def __init__(self, seconds: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._began: float | None = None

    def learn(self, event: DurableEvent) -> None:
        """Learn an event that was appended to the study's log: the first start of a trial begins the budget."""
        if isinstance(event, TrialStart) and self._began is None:
            self._began = self._clock()

    @property
    def begun(self) -> bool:
        return self._began is not None

    @property
    def left_s(self) -> float:
        """Seconds left, at least 0; infinite without a budget."""
        if self.seconds is None:
            return math.inf
        return self.seconds if self._began is None else max(0.0, self._began + self.seconds - self._clock())

    @property
    def share_left(self) -> float:
        """Share of the budget that is left, in [0, 1]."""
        return 1.0 if self.seconds is None else self.left_s / self.seconds
