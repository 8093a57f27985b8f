"""What share of a GPU a trial needs: 1, 1/2, 1/4 or 1/8, so that shares fit together and processes can be reused.

Two bounds, and the larger share wins. Memory: every process needs `CONTEXT_BYTES` for itself beside what its network
needs. Time: a trial keeps a GPU busy for the part of a step in which it computes; trials that together would want
more than the whole GPU only wait for each other.
"""

from __future__ import annotations

from tuner.devices.capacity import ClusterSize
from tuner.devices.epoch_cost import MeasuredEpochs, TrialLoad, step_s

MOST_SHARING = 8
CONTEXT_BYTES = 800 * 2**20
"""CUDA's context and the libraries of one TensorFlow process: 300 to 700 MiB, by the model of the GPU."""
SAFETY = 1.5
"""Of the estimate of a network's memory: the workspace of convolutions is chosen while it runs."""


def share_of_gpu(load: TrialLoad, room: ClusterSize, measured: MeasuredEpochs, cpus: float) -> tuple[float, str]:
    """The share of one GPU that a trial gets, and why.

    Args:
        cpus: That a trial takes at least: trials without a CPU share nothing.
    """
    memory = [gpu.memory_bytes for node in room.nodes for gpu in node.gpus]
    known = [one for one in memory if one is not None]
    if len(known) < len(memory):
        return 1, "a whole GPU: its memory is not known"
    need = CONTEXT_BYTES + SAFETY * load.memory_bytes
    fixed, computing, _ = step_s(load)
    bounds = {
        f"a trial needs {need / 2**30:.1f} of {min(known) / 2**30:.0f} GiB": min(known) / need,
        f"a trial computes {computing / (fixed + computing):.0%} of its time": (fixed + computing) / computing,
        f"{room.trials} trials for {room.gpus} GPUs": -(-room.trials // room.gpus),
        f"{room.cpus:g} CPUs for {room.gpus} GPUs": min(
            node.cpus / (cpus * len(node.gpus)) for node in room.nodes if node.gpus
        ),
        "at most 8 on one GPU": MOST_SHARING,
    }
    why = min(bounds, key=lambda reason: bounds[reason])
    together = 1
    while 2 * together <= bounds[why]:
        together *= 2
    while together > 1 and _is_slower(together, measured):
        together //= 2
        why = f"{2 * together} are slower together than one after the other, as measured"
    return 1 / together, f"{together} trials on one GPU: {why}" if together > 1 else f"a whole GPU: {why}"


def _is_slower(together: int, measured: MeasuredEpochs) -> bool:
    """Whether trials that shared a GPU took longer than they would have taken one after the other."""
    known = measured.knows(1) and measured.knows(1 / together)
    return known and measured.factor(1 / together) >= together * measured.factor(1)
