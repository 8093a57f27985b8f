"""Prints the devices a trial trained on, why, and the resources it used."""

from __future__ import annotations

from rich.console import Console

from tuner.console.formatting import clean
from tuner.console.show import field_table
from tuner.events import Devices, ResourceUse
from tuner.store import TrialRow

MB = 10**6


def print_devices(trial: TrialRow, out: Console) -> None:
    """Print the devices section; nothing if they are not known."""
    if trial.devices is None:
        return
    lines = [("  trained on", _trained_on(trial.devices)), ("  precision", _precision(trial.devices))]
    if trial.resources is not None:
        lines.append(("  used", _used(trial.resources)))
    lines += [("" if number else "  why", clean(reason)) for number, reason in enumerate(trial.devices.why)]
    out.print("\nDevices")
    out.print(field_table(*lines))


def _trained_on(devices: Devices) -> str:
    node = clean(devices.node)
    if not devices.gpus:
        return f"{node}, {devices.threads} CPU{'' if devices.threads == 1 else 's'}"
    names = ", ".join(map(clean, dict.fromkeys(devices.names)))
    return f"{node}, {devices.gpus:g} GPU{'' if devices.gpus <= 1 else 's'}" + (f" ({names})" if names else "")


def _precision(devices: Devices) -> str:
    parts = [devices.precision]
    if devices.xla:
        parts.append("XLA")
    if devices.steps_per_execution > 1:
        parts.append(f"{devices.steps_per_execution} steps per call")
    if devices.replicas > 1:
        parts.append(f"{devices.replicas} replicas, {devices.batch_size} samples per step in total")
    return ", ".join(parts)


def _used(use: ResourceUse) -> str:
    parts = [f"{use.cpu_percent.mean:.0f} % of a CPU"]
    if use.memory_bytes is not None:
        parts.append(f"{use.memory_bytes.peak / MB:,.0f} MB of memory")
    if use.gpu_percent is not None:
        parts.append(f"{use.gpu_percent.mean:.0f} % of the GPUs")
    if use.gpu_memory_bytes is not None:
        parts.append(f"{use.gpu_memory_bytes.peak / MB:,.0f} MB of GPU memory")
    return ", ".join(parts)
