"""Chooses how many CPUs and GPUs a trial gets, unless the user sets them.

Several trials side by side use several GPUs better than one trial does, which loses time in every step. So one trial
gets several GPUs only if some would be idle otherwise, and if `tuner.devices.epoch_cost` expects it to finish sooner.

Trials share a GPU that one of them does not fill. The shares are 1, 1/2, 1/4 and 1/8, so that they fit together and
workers can be reused; a trial gets the largest that a bound requires. Memory: each process needs `CONTEXT_BYTES` beside
the memory of its network. Time: a trial keeps a GPU busy for the part of a step in which it computes; trials that
together need more than the whole GPU only wait for each other. CPUs and the number of trials bound it too.

A trial runs as many threads as it has CPUs, so that concurrent trials do not compete for them. One CPU per trial is the
best use of the CPUs while there are at least as many trials. With fewer trials, each gets its part of the other CPUs,
as far as a step has work for several threads.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil

from tuner.devices.capacity import ClusterSize
from tuner.devices.epoch_cost import CPU_RATES, MeasuredEpochs, TrialLoad, best_count, step_s
from tuner.spec import StudySpec

TOLERANCE = 1e-6
"""Rounding error of sums of shares."""
MOST_CPUS = 8
"""Most CPUs of a trial without a GPU."""
MOST_CPUS_PER_GPU = 4
"""CPUs that prepare the batches of one GPU."""
THREAD_S = 2e-3
"""Computation per step that a further thread must get: with less, starting the thread costs more than it gains."""
MOST_SHARING = 8
"""Trials on one GPU at most."""
CONTEXT_BYTES = 800 * 2**20
"""CUDA's context and the libraries of one TensorFlow process: 300 to 700 MiB, by the model of the GPU."""
SAFETY = 1.5
"""Factor on the estimated memory of a network: the workspace of convolutions is chosen while it runs."""


@dataclass(frozen=True)
class Allocation:
    """The devices that one trial reserves."""

    cpus: float
    gpus: float
    """A share of one GPU up to 1, whole GPUs above."""
    why: str
    """The reason, in one line."""
    retried: bool = False
    """Whether the trial ran out of GPU memory before, with half of these GPUs."""


def choose_allocation(
    spec: StudySpec, load: TrialLoad | None, cluster: ClusterSize, measured: MeasuredEpochs
) -> Allocation:
    """The devices of one trial, given the study's epochs so far. The load of an own model is unknown: None."""
    gpus, why = _gpus(spec, load, cluster, measured)
    cpus, why_cpus = _cpus(spec, load, cluster, gpus)
    return Allocation(cpus, gpus, f"{why}; {why_cpus}")


def twice_the_share(allocation: Allocation) -> Allocation | None:
    """The allocation for another attempt of a trial that ran out of GPU memory; None: it cannot get more."""
    if allocation.retried or not 0 < allocation.gpus < 1:
        return None
    gpus = min(1.0, 2 * allocation.gpus)
    why = f"out of memory with {allocation.gpus:g} of a GPU, so twice that; before: {allocation.why}"
    return replace(allocation, gpus=gpus, why=why, retried=True)


class AllocatedDevices:
    """The devices that running trials hold, so that no trial is suggested long before it can start."""

    def __init__(self, smallest: Allocation) -> None:
        """No trial holds less than `smallest`."""
        self._smallest = smallest
        self._allocations: dict[str, Allocation] = {}

    def allocate(self, trial_id: str, allocation: Allocation) -> None:
        """Record the devices of a trial that starts."""
        self._allocations[trial_id] = allocation

    def release(self, trial_id: str) -> None:
        """Record that a trial has ended. Releasing it again changes nothing."""
        self._allocations.pop(trial_id, None)

    @property
    def count(self) -> int:
        """Number of trials that hold devices."""
        return len(self._allocations)

    def has_capacity(self, cluster: ClusterSize) -> bool:
        """Whether the smallest trial would fit into the cluster. True if no trial holds devices, so that one starts."""
        cpus = sum(one.cpus for one in self._allocations.values()) + self._smallest.cpus
        gpus = sum(one.gpus for one in self._allocations.values()) + self._smallest.gpus
        return not self._allocations or (cpus <= cluster.cpus + TOLERANCE and gpus <= cluster.gpus + TOLERANCE)


def _gpus(spec: StudySpec, load: TrialLoad | None, cluster: ClusterSize, measured: MeasuredEpochs) -> tuple[float, str]:
    if spec.gpus_per_trial != "auto":
        return spec.gpus_per_trial, f"gpus_per_trial={spec.gpus_per_trial:g}"
    if spec.use_multi_gpu is True:
        if spec.target_gpus_per_worker != "auto":
            return spec.target_gpus_per_worker, f"{spec.target_gpus_per_worker} GPUs: use_multi_gpu=true"
        several = max(1, cluster.most_gpus_of_a_node)
        return several, f"{several} GPUs: use_multi_gpu=true, all of a node"
    if cluster.gpus == 0:
        return 0, "no GPU in the cluster"
    if load is None:
        return 1, "1 GPU: the load of an own model is unknown"
    several, why = (
        (1, "use_multi_gpu=false") if spec.use_multi_gpu is False else _several(spec, load, cluster, measured)
    )
    if several > 1:
        return several, why
    min_cpus = 1 if spec.cpus_per_trial == "auto" else spec.cpus_per_trial
    share, why_shared = _share_of_gpu(load, cluster, measured, min_cpus)
    return share, f"{why_shared}; {why}"


def _several(spec: StudySpec, load: TrialLoad, cluster: ClusterSize, measured: MeasuredEpochs) -> tuple[int, str]:
    per_trial = cluster.gpus // max(1, cluster.trials)
    wanted = cluster.gpus if spec.target_gpus_per_worker == "auto" else spec.target_gpus_per_worker
    most = min(per_trial, cluster.most_gpus_of_a_node, wanted)
    if cluster.most_gpus_of_a_node < 2:
        return 1, "no node has 2 GPUs"
    if most < 2:
        return 1, f"the other GPUs run other trials: {cluster.trials} trials for {cluster.gpus} GPUs"
    return best_count(load, measured, range(2, most + 1))


def _share_of_gpu(
    load: TrialLoad, cluster: ClusterSize, measured: MeasuredEpochs, min_cpus: float
) -> tuple[float, str]:
    memory = [gpu.memory_bytes for node in cluster.nodes for gpu in node.gpus]
    known = [one for one in memory if one is not None]
    if len(known) < len(memory):
        return 1, "a whole GPU: the memory of a GPU is unknown"
    need = CONTEXT_BYTES + SAFETY * load.memory_bytes
    fixed, computing, _ = step_s(load)
    bounds = {
        f"a trial needs {need / 2**30:.1f} of {min(known) / 2**30:.0f} GiB": min(known) / need,
        f"a trial computes {computing / (fixed + computing):.0%} of its time": (fixed + computing) / computing,
        f"{cluster.trials} trials for {cluster.gpus} GPUs": -(-cluster.trials // cluster.gpus),
        f"{cluster.cpus:g} CPUs for {cluster.gpus} GPUs": min(
            node.cpus / (min_cpus * len(node.gpus)) for node in cluster.nodes if node.gpus
        ),
        "at most 8 on one GPU": MOST_SHARING,
    }
    why = min(bounds, key=lambda reason: bounds[reason])
    together = 1
    while 2 * together <= bounds[why]:
        together *= 2
    while together > 1 and _is_slower(together, measured):
        together //= 2
        why = f"{2 * together} together were measured to be slower than one after the other"
    return 1 / together, f"{together} trials on one GPU: {why}" if together > 1 else f"a whole GPU: {why}"


def _is_slower(together: int, measured: MeasuredEpochs) -> bool:
    known = measured.knows(1) and measured.knows(1 / together)
    return known and measured.factor(1 / together) >= together * measured.factor(1)


def _cpus(spec: StudySpec, load: TrialLoad | None, cluster: ClusterSize, gpus: float) -> tuple[float, str]:
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
