"""The devices of a trial in words: where it trained, with which precision, and what it used of its machine."""

from __future__ import annotations

from tuner.events import Devices, ResourceUse
from tuner.study.wording import clean

MB = 10**6


def trained_on(devices: Devices) -> str:
    """Such as `worker-1, 2 CPUs` or `host-7, 2 GPUs (NVIDIA L4)`."""
    node = clean(devices.node)
    if not devices.gpus:
        return f"{node}, {devices.threads} CPU{'' if devices.threads == 1 else 's'}"
    names = ", ".join(map(clean, dict.fromkeys(devices.names)))
    return f"{node}, {devices.gpus:g} GPU{'' if devices.gpus <= 1 else 's'}" + (f" ({names})" if names else "")


def precision(devices: Devices) -> str:
    """Such as `float32, 8 steps per call`."""
    parts = [devices.precision]
    if devices.xla:
        parts.append("XLA")
    if devices.steps_per_execution > 1:
        parts.append(f"{devices.steps_per_execution} steps per call")
    if devices.replicas > 1:
        parts.append(f"{devices.replicas} replicas, {devices.batch_size} samples per step in total")
    return ", ".join(parts)


def used(use: ResourceUse) -> str:
    """Such as `180 % of a CPU, 900 MB of memory`."""
    parts = [f"{use.cpu_percent.mean:.0f} % of a CPU"]
    if use.memory_bytes is not None:
        parts.append(f"{use.memory_bytes.peak / MB:,.0f} MB of memory")
    if use.gpu_percent is not None:
        parts.append(f"{use.gpu_percent.mean:.0f} % of the GPUs")
    if use.gpu_memory_bytes is not None:
        parts.append(f"{use.gpu_memory_bytes.peak / MB:,.0f} MB of GPU memory")
    return ", ".join(parts)
