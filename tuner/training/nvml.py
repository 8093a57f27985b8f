"""Memory and use of this process's GPUs, read from NVIDIA's management library (nvidia-ml-py).

Nothing here raises: without the library or a driver the values are unknown.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
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
    return [_handle(nvml, name) for name in _until_invalid(shown.split(","))]


def _until_invalid(names: Sequence[str]) -> list[str]:
    """Return the names up to the first invalid one, such as -1, as CUDA does."""
    valid: list[str] = []
    for name in map(str.strip, names):
        if not name or name.startswith("-"):
            break
        valid.append(name)
    return valid


def _handle(nvml: Any, name: str) -> Any:
    return nvml.nvmlDeviceGetHandleByIndex(int(name)) if name.isdigit() else nvml.nvmlDeviceGetHandleByUUID(name)
