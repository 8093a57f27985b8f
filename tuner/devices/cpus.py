"""Chooses how many CPUs a trial gets, unless the user sets it.

A trial runs as many threads as it has CPUs, so that concurrent trials do not compete for them. One CPU per trial is the
best use of the CPUs while there are at least as many trials. With fewer trials, each gets its part of the other CPUs,
as far as a step has work for several threads.
"""

from __future__ import annotations

from math import ceil

from tuner.devices.capacity import ClusterSize
from tuner.devices.epoch_cost import CPU_RATES, TrialLoad, step_s
from tuner.spec import StudySpec

MOST_CPUS = 8
"""Most CPUs of a trial without a GPU."""
MOST_CPUS_PER_GPU = 4
"""CPUs that prepare the batches of one GPU."""
THREAD_S = 2e-3
"""Computation per step that a further thread must get: with less, starting the thread costs more than it gains."""


def cpus_for(spec: StudySpec, load: TrialLoad | None, cluster: ClusterSize, gpus: float) -> tuple[float, str]:
    """The CPUs of a trial that gets this many GPUs, and the reason."""
    if spec.cpus_per_trial != "auto":
        return spec.cpus_per_trial, f"cpus_per_trial={spec.cpus_per_trial:g}"
    if gpus:
        cpus_beside_gpu = min(node.cpus * gpus / len(node.gpus) for node in cluster.nodes if len(node.gpus) >= gpus)
        cpus = max(1, min(int(cpus_beside_gpu), ceil(MOST_CPUS_PER_GPU * gpus)))
        return cpus, f"{cpus} CPUs of {cluster.cpus:g} for a trial on a GPU"
    largest = max(node.cpus for node in cluster.nodes)
    useful = min(MOST_CPUS, int(largest))
    if useful < 1:
        return largest, f"{largest:g} CPUs: all of a node"
    if load is not None:
        _, computing, _ = step_s(load, CPU_RATES)
        useful = max(1, min(useful, int(computing / THREAD_S)))
    at_once = min(cluster.trials, _trials_that_fit(cluster, 1))
    cpus = max((n for n in range(1, useful + 1) if _trials_that_fit(cluster, n) >= at_once), default=1)
    if cpus == useful < min(MOST_CPUS, int(largest)):
        return cpus, f"{cpus} CPUs: a step is too short for more"
    return cpus, f"{cpus} CPUs: {cluster.trials} trials for {cluster.cpus:g} CPUs"


def _trials_that_fit(cluster: ClusterSize, cpus: int) -> int:
    return sum(int(node.cpus / cpus) for node in cluster.nodes)
