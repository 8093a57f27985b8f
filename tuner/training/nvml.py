"""What NVIDIA's management library tells of this process's GPUs, where it is installed (nvidia-ml-py) and finds a
driver.

Nothing here raises: a machine without it is a machine that does not tell.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from typing import Any


def memory_of_gpus(count: int) -> list[int | None]:
    """Bytes of memory of each of the first `count` GPUs that this process sees; None: not known."""
    nvml = _library()
    sizes: list[int | None] = []
    if nvml is not None:
        try:
            sizes = [int(nvml.nvmlDeviceGetMemoryInfo(handle).total) for handle in _handles(nvml)]
        except nvml.NVMLError:
            sizes = []
    return (sizes + [None] * count)[:count]


def use_of_gpus() -> tuple[float, int] | None:
    """Percent of the last moments in which the GPUs of this process computed (their mean), and their memory in use.

    Another process on the same GPU counts too: NVML does not tell apart who computes. None: there are none, or not
    known.
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
    """The library, begun; None: there is none, or no driver."""
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
    """Of the GPUs that CUDA shows this process, in CUDA's order; of all where nothing narrows them."""
    shown = os.environ.get("CUDA_VISIBLE_DEVICES")
    if shown is None:
        return [nvml.nvmlDeviceGetHandleByIndex(index) for index in range(nvml.nvmlDeviceGetCount())]
    return [_handle(nvml, name) for name in _until_invalid(shown.split(","))]


def _until_invalid(names: Sequence[str]) -> list[str]:
    """CUDA stops at the first name that is none, such as -1."""
    valid: list[str] = []
    for name in map(str.strip, names):
        if not name or name.startswith("-"):
            break
        valid.append(name)
    return valid


def _handle(nvml: Any, name: str) -> Any:
    return nvml.nvmlDeviceGetHandleByIndex(int(name)) if name.isdigit() else nvml.nvmlDeviceGetHandleByUUID(name)
