"""GPUs, nodes and loads to decide about."""

from __future__ import annotations

from typing import Any

from tuner.devices.capacity import ClusterSize, Gpu, Node
from tuner.devices.epoch_cost import TrialLoad

GIB = 2**30
A100 = Gpu("A100", 40 * GIB, (8, 0))
V100 = Gpu("V100", 16 * GIB, (7, 0))
SMALL = TrialLoad(50_000, 50 * 2**20, 2_000_000, 0, batch_size=64, samples=12_000, epochs=10)
LARGE = TrialLoad(25_000_000, 4 * GIB, 4_000_000_000, 0, batch_size=64, samples=50_000, epochs=50)
RECURRENT = TrialLoad(500_000, 100 * 2**20, 20_000_000, 200, batch_size=64, samples=20_000, epochs=20)


def room(gpus: int = 0, trials: int = 20, nodes: int = 1, cpus: float = 16, gpu: Gpu = A100) -> ClusterSize:
    """So many equal nodes with so many GPUs each, and so many trials for all of them."""
    return ClusterSize(tuple(Node(cpus, (gpu,) * gpus) for _ in range(nodes)), trials)


def load(of: TrialLoad = SMALL, **fields: Any) -> TrialLoad:
    return TrialLoad(**(of.__dict__ | fields))
