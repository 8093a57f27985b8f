"""Measures the CPU, GPU and memory use of a training: samples while it trains, means and peaks at its end.

CPU and memory come from the operating system, GPU values from NVML. A sample takes microseconds.
"""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

from tuner.events import MeanAndPeak, ResourceSample, ResourceUse
from tuner.training.nvml import use_of_gpus

INTERVAL_S = 2.0
"""Time between two samples."""
_STATM = Path("/proc/self/statm")


class ResourceMeter:
    """Measures this process on behalf of one trial, after the use in an earlier part of it. Not thread-safe."""

    def __init__(self, trial_number: int, before: ResourceUse | None = None) -> None:
        self._trial_number = trial_number
        self._node = socket.gethostname()
        self._cpu_s, self._clock_s = _cpu_s(), time.monotonic()
        self.use = before
        """Means and peaks over all samples so far; None: no sample yet."""

    def due(self) -> ResourceSample | None:
        """Return a sample of the time since the last one; None if the interval is not over."""
        passed_s = time.monotonic() - self._clock_s
        return self._sample(passed_s) if passed_s >= INTERVAL_S else None

    def now(self) -> ResourceUse | None:
        """Return `use`; of a trial that was too short for a sample, take one now."""
        passed_s = time.monotonic() - self._clock_s
        if self.use is None and passed_s > 0:
            self._sample(passed_s)
        return self.use

    def _sample(self, passed_s: float) -> ResourceSample:
        spent_s = _cpu_s()
        share = (spent_s - self._cpu_s) / passed_s
        self._cpu_s, self._clock_s = spent_s, self._clock_s + passed_s
        busy, used = use_of_gpus() or (None, None)
        sample = ResourceSample(
            trial_number=self._trial_number,
            node=self._node,
            cpu_percent=round(100 * share, 1),
            memory_bytes=_memory_bytes(),
            gpu_percent=busy,
            gpu_memory_bytes=used,
        )
        self.use = with_sample(self.use, sample)
        return sample


def with_sample(use: ResourceUse | None, sample: ResourceSample) -> ResourceUse:
    """Return the means and peaks with one more sample."""
    count = use.samples if use is not None else 0

    def added(before: MeanAndPeak | None, value: float | None) -> MeanAndPeak | None:
        if value is None:
            return before
        if before is None:
            return MeanAndPeak(mean=value, peak=value)
        return MeanAndPeak(mean=(before.mean * count + value) / (count + 1), peak=max(before.peak, value))

    known = ("cpu_percent", "memory_bytes", "gpu_percent", "gpu_memory_bytes")
    merged = {name: added(getattr(use, name, None), getattr(sample, name)) for name in known}
    return ResourceUse.model_validate({"samples": count + 1, **merged})


def _cpu_s() -> float:
    times = os.times()
    return times.user + times.system


def _memory_bytes() -> int | None:
    try:
        pages = int(_STATM.read_text().split()[1])
    except OSError:
        return None  # not Linux
    return pages * os.sysconf("SC_PAGE_SIZE")
