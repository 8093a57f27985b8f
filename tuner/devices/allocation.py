"""How many CPUs and GPUs a trial is given, and why.

Several trials side by side use several GPUs better than one trial does, which loses time in every step. So one trial
gets several GPUs only where some would stand idle otherwise and where the break-even of `tuner.devices.epoch_cost`
says that it ends sooner. A GPU that a trial does not fill is shared.
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
    """What Ray is asked for one trial."""

    cpus: float
    gpus: float
    """Above 1 whole ones."""
    why: str
    """In one line."""
    retried: bool = False
    """Whether the trial ran out of GPU memory before, with half of this."""


def choose_allocation(
    spec: StudySpec, load: TrialLoad | None, room: ClusterSize, measured: MeasuredEpochs
) -> Allocation:
    """The devices of one trial.

    Args:
        load: Of the trial; None: not known, as of an own model.
        measured: What the study's epochs have shown so far.
    """
    gpus, why = _gpus(spec, load, room, measured)
    cpus, why_cpus = cpus_for(spec, load, room, gpus)
    return Allocation(cpus, gpus, f"{why}; {why_cpus}")


def twice_the_share(allocation: Allocation) -> Allocation | None:
    """What a trial that ran out of GPU memory is tried with once more; None: there is nothing more to give."""
    if allocation.retried or not 0 < allocation.gpus < 1:
        return None
    gpus = min(1.0, 2 * allocation.gpus)
    why = f"out of memory with {allocation.gpus:g} of a GPU, so twice that; before: {allocation.why}"
    return replace(allocation, gpus=gpus, why=why, retried=True)


def _gpus(spec: StudySpec, load: TrialLoad | None, room: ClusterSize, measured: MeasuredEpochs) -> tuple[float, str]:
    if spec.gpus_per_trial != "auto":
        return spec.gpus_per_trial, f"gpus_per_trial={spec.gpus_per_trial:g} as asked for"
    if spec.use_multi_gpu is True:
        if spec.target_gpus_per_worker != "auto":
            return spec.target_gpus_per_worker, f"{spec.target_gpus_per_worker} GPUs: use_multi_gpu=true"
        several = max(1, room.most_gpus_of_a_node)
        return several, f"{several} GPUs: use_multi_gpu=true, all of a node"
    if room.gpus == 0:
        return 0, "no GPU in the cluster"
    if load is None:
        return 1, "1 GPU: what an own model takes is known to its worker alone"
    several, why = (1, "use_multi_gpu=false") if spec.use_multi_gpu is False else _several(spec, load, room, measured)
    if several > 1:
        return several, why
    share, why_shared = share_of_gpu(load, room, measured, _least_cpus(spec))
    return share, f"{why_shared}; {why}"


def _least_cpus(spec: StudySpec) -> float:
    return 1 if spec.cpus_per_trial == "auto" else spec.cpus_per_trial


def _several(spec: StudySpec, load: TrialLoad, room: ClusterSize, measured: MeasuredEpochs) -> tuple[int, str]:
    idle_too = room.gpus // max(1, room.trials)
    wanted = room.gpus if spec.target_gpus_per_worker == "auto" else spec.target_gpus_per_worker
    most = min(idle_too, room.most_gpus_of_a_node, wanted)
    if room.most_gpus_of_a_node < 2:
        return 1, "no node has 2 GPUs"
    if most < 2:
        return 1, f"the other GPUs have trials of their own: {room.trials} for {room.gpus} GPUs"
    return best_count(load, measured, range(2, most + 1))
