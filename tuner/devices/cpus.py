"""How many CPUs a trial gets where the user leaves it open.

A trial's threads are its CPUs, so that trials side by side do not fight for them. One CPU per trial is the best use
of all CPUs while there are as many trials; where there are fewer, each takes its part of the others, as far as a step
has work for several threads.
"""

from __future__ import annotations

from math import ceil

from tuner.devices.capacity import ClusterSize
from tuner.devices.epoch_cost import CPU_RATES, TrialLoad, step_s
from tuner.spec import StudySpec

MOST_CPUS = 8
"""Of a trial on CPUs."""
MOST_CPUS_PER_GPU = 4
"""That prepare the batches of one GPU."""
THREAD_S = 2e-3
"""Of computing in a step, per thread: with less, handing it on costs more than it gains."""


def cpus_for(spec: StudySpec, load: TrialLoad | None, room: ClusterSize, gpus: float) -> tuple[float, str]:
    """CPUs of a trial that gets so many GPUs, and why."""
    if spec.cpus_per_trial != "auto":
        return spec.cpus_per_trial, f"cpus_per_trial={spec.cpus_per_trial:g} as asked for"
    if gpus:
        room_for = min(node.cpus * gpus / len(node.gpus) for node in room.nodes if len(node.gpus) >= gpus)
        cpus = max(1, min(int(room_for), ceil(MOST_CPUS_PER_GPU * gpus)))
        return cpus, f"{cpus} CPUs of {room.cpus:g} beside the GPU"
    largest = max(node.cpus for node in room.nodes)
    useful = min(MOST_CPUS, int(largest))
    if useful < 1:
        return largest, f"{largest:g} CPUs, all of a node"
    if load is not None:
        _, computing, _ = step_s(load, CPU_RATES)
        useful = max(1, min(useful, int(computing / THREAD_S)))
    cpus = max((n for n in range(1, useful + 1) if _fits(room, n) >= min(room.trials, _fits(room, 1))), default=1)
    if cpus == useful < min(MOST_CPUS, int(largest)):
        return cpus, f"{cpus} CPUs: a step has no work for more"
    return cpus, f"{cpus} CPUs: {room.trials} trials for {room.cpus:g}"


def _fits(room: ClusterSize, cpus: int) -> int:
    return sum(int(node.cpus / cpus) for node in room.nodes)
