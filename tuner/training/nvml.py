"""Memory and use of this process's GPUs, read from NVIDIA's management library (nvidia-ml-py).

Nothing here raises: without the library or a driver the values are unknown.
"""

from __future__ import annotations

import os
from functools import cache
from itertools import takewhile
from typing import Any


def memory_of_gpus(count: int) -> list[int | None]:
    """Return the bytes of memory of each of the first `count` GPUs that this process sees; None if unknown."""
    nvml = _library()
    sizes: list[int | None] = []
    if nvml is not None:
        try:
            sizes = [int(nvml.nvmlDeviceGetMemoryInfo(handle).total) for handle in _handles(nvml)]
        except nvml.NVMLError:
            sizes = []
    return (sizes + [None] * count)[:count]


def use_of_gpus() -> tuple[float, int] | None:
    """Return the mean use of this process's GPUs in percent, and their used memory in bytes; None if unknown.

    Other processes on the same GPU count too, since NVML does not separate them.
    """
    nvml = _library()
    if nvml is None:
        return None
    try:
        handles = _handles(nvml)
        busy = [float(nvml.nvmlDeviceGetUtilizationRates(handle).gpu) for handle in handles]
        used = sum(int(nvml.nvmlDeviceGetMemoryInfo(handle).used) for handle in handles)
    except nvml.NVMLError:
        return None
    return (sum(busy) / len(busy), used) if busy else None


@cache
def _library() -> Any:
    """Return the initialised library; None without it or without a driver."""
    try:
        import pynvml
    except ImportError:
        return None
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return None
    return pynvml


def _handles(nvml: Any) -> list[Any]:
    """Return the handles of the GPUs that CUDA shows to this process, in CUDA's order."""
    shown = os.environ.get("CUDA_VISIBLE_DEVICES")
    if shown is None:
        return [nvml.nvmlDeviceGetHandleByIndex(index) for index in range(nvml.nvmlDeviceGetCount())]
    names = map(str.strip, shown.split(","))
    valid = takewhile(lambda name: name and not name.startswith("-"), names)  # CUDA ends at the first invalid name too
    return [_handle(nvml, name) for name in valid]


def _handle(nvml: Any, name: str) -> Any:
    return nvml.nvmlDeviceGetHandleByIndex(int(name)) if name.isdigit() else nvml.nvmlDeviceGetHandleByUUID(name)
