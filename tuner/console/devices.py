"""What a trial trained on, why, and what it took of its machine."""

from __future__ import annotations

from rich.console import Console

from tuner.console.formatting import clean
from tuner.console.show import facts
from tuner.events import Devices, ResourceUse
from tuner.store import TrialRow

MB = 10**6


def print_devices(trial: TrialRow, out: Console) -> None:
    """A section of its own; nothing where nothing is known."""
    if trial.devices is None:
        return
    lines = [("  trained on", _trained_on(trial.devices)), ("  computed in", _computed_in(trial.devices))]
    if trial.resources is not None:
        lines.append(("  took", _took(trial.resources)))
    lines += [("" if number else "  why", clean(reason)) for number, reason in enumerate(trial.devices.why)]
    out.print("\nDevices")
    out.print(facts(*lines))


def _trained_on(devices: Devices) -> str:
    node = clean(devices.node)
    if not devices.gpus:
        return f"{node}, {devices.threads} CPU{'' if devices.threads == 1 else 's'}"
    names = ", ".join(map(clean, dict.fromkeys(devices.names)))
    return f"{node}, {devices.gpus:g} GPU{'' if devices.gpus <= 1 else 's'}" + (f" ({names})" if names else "")


def _computed_in(devices: Devices) -> str:
    said = [devices.precision]
    if devices.xla:
        said.append("XLA")
    if devices.steps_per_execution > 1:
        said.append(f"{devices.steps_per_execution} steps per call")
    if devices.replicas > 1:
        said.append(f"{devices.replicas} replicas with {devices.batch_size} samples a step together")
    return ", ".join(said)


def _took(use: ResourceUse) -> str:
    said = [f"{use.cpu_percent.mean:.0f} % of a CPU"]
    if use.memory_bytes is not None:
        said.append(f"{use.memory_bytes.peak / MB:,.0f} MB of memory")
    if use.gpu_percent is not None:
        said.append(f"{use.gpu_percent.mean:.0f} % of its GPUs")
    if use.gpu_memory_bytes is not None:
        said.append(f"{use.gpu_memory_bytes.peak / MB:,.0f} MB of GPU memory")
    return ", ".join(said)
