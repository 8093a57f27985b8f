"""What a worker's process takes of its machine, from the system's own books: no library, no thread, microseconds."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

from tuner.events import ResourceSample

EVERY_S = 2.0
"""How often a sample is due."""
_STATM = Path("/proc/self/statm")


class Meter:
    """Measures this process. For one thread."""

    def __init__(self) -> None:
        self._node = socket.gethostname()
        self._cpu_s, self._clock_s = _cpu_s(), time.monotonic()

    def due(self, trial_number: int) -> ResourceSample | None:
        """What the process took since the last sample, in the name of the trial that it trains; None: not due yet."""
        spent_s, at_s = _cpu_s(), time.monotonic()
        passed_s = at_s - self._clock_s
        if passed_s < EVERY_S:
            return None
        share = (spent_s - self._cpu_s) / passed_s
        self._cpu_s, self._clock_s = spent_s, at_s
        return ResourceSample(
            trial_number=trial_number, node=self._node, cpu_percent=round(100 * share, 1), memory_bytes=_memory_bytes()
        )


def _cpu_s() -> float:
    times = os.times()
    return times.user + times.system


def _memory_bytes() -> int | None:
    try:
        pages = int(_STATM.read_text().split()[1])
    except OSError:
        return None  # not Linux
    return pages * os.sysconf("SC_PAGE_SIZE")
