"""Chooses a trial's share of a GPU: 1, 1/2, 1/4 or 1/8, so that shares fit together and workers can be reused.

The largest share that a bound requires is chosen. Memory: each process needs `CONTEXT_BYTES` beside the memory of its
network. Time: a trial keeps a GPU busy for the part of a step in which it computes; trials that together need more than
the whole GPU only wait for each other. CPUs and the number of trials bound it too.
"""

from __future__ import annotations

from tuner.devices.capacity import ClusterSize
from tuner.devices.epoch_cost import MeasuredEpochs, TrialLoad, step_s

MOST_SHARING = 8
"""Trials on one GPU at most."""
CONTEXT_BYTES = 800 * 2**20
"""CUDA's context and the libraries of one TensorFlow process: 300 to 700 MiB, by the model of the GPU."""
SAFETY = 1.5
"""Factor on the estimated memory of a network: the workspace of convolutions is chosen while it runs."""


def share_of_gpu(load: TrialLoad, cluster: ClusterSize, measured: MeasuredEpochs, cpus: float) -> tuple[float, str]:
    """The share of one GPU that a trial gets, and the reason.

    Args:
        cpus: CPUs that a trial needs at least: no more trials share a GPU than there are CPUs for.
    """
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
            node.cpus / (cpus * len(node.gpus)) for node in cluster.nodes if node.gpus
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
    """Whether trials that shared a GPU took longer than one after the other."""
    known = measured.knows(1) and measured.knows(1 / together)
    return known and measured.factor(1 / together) >= together * measured.factor(1)
