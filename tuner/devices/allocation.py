"""Chooses how many CPUs and GPUs a trial gets.

Several trials side by side use several GPUs better than one trial does, which loses time in every step. So one trial
gets several GPUs only if some would be idle otherwise, and if `tuner.devices.epoch_cost` expects it to finish sooner.
Trials share a GPU that one of them does not fill.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tuner.devices.capacity import ClusterSize
from tuner.devices.cpus import cpus_for
from tuner.devices.epoch_cost import MeasuredEpochs, TrialLoad, best_count
from tuner.devices.gpu_share import share_of_gpu
from tuner.spec import StudySpec


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
    """The devices of one trial.

    Args:
        load: The trial's load; None: unknown, as of an own model.
        measured: The epochs that the study has measured so far.
    """
    gpus, why = _gpus(spec, load, cluster, measured)
    cpus, why_cpus = cpus_for(spec, load, cluster, gpus)
    return Allocation(cpus, gpus, f"{why}; {why_cpus}")


def twice_the_share(allocation: Allocation) -> Allocation | None:
    """The allocation for another attempt of a trial that ran out of GPU memory; None: it cannot get more."""
    if allocation.retried or not 0 < allocation.gpus < 1:
        return None
    gpus = min(1.0, 2 * allocation.gpus)
    why = f"out of memory with {allocation.gpus:g} of a GPU, so twice that; before: {allocation.why}"
    return replace(allocation, gpus=gpus, why=why, retried=True)


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
    share, why_shared = share_of_gpu(load, cluster, measured, _min_cpus(spec))
    return share, f"{why_shared}; {why}"


def _min_cpus(spec: StudySpec) -> float:
    return 1 if spec.cpus_per_trial == "auto" else spec.cpus_per_trial


def _several(spec: StudySpec, load: TrialLoad, cluster: ClusterSize, measured: MeasuredEpochs) -> tuple[int, str]:
    per_trial = cluster.gpus // max(1, cluster.trials)
    wanted = cluster.gpus if spec.target_gpus_per_worker == "auto" else spec.target_gpus_per_worker
    most = min(per_trial, cluster.most_gpus_of_a_node, wanted)
    if cluster.most_gpus_of_a_node < 2:
        return 1, "no node has 2 GPUs"
    if most < 2:
        return 1, f"the other GPUs run other trials: {cluster.trials} trials for {cluster.gpus} GPUs"
    return best_count(load, measured, range(2, most + 1))
