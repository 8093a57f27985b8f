"""What there is to train on, as plain values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Gpu:
    """One GPU. None: not known."""

    name: str | None = None
    memory_bytes: int | None = None
    compute_capability: tuple[int, int] | None = None
    """Of CUDA: (8, 0) is an A100, which computes in bfloat16; (7, 0) a V100, the first with tensor cores."""


@dataclass(frozen=True)
class Node:
    """One machine of a cluster."""

    cpus: float
    gpus: tuple[Gpu, ...] = ()
    here: bool = True
    """False: it could come, where trials wait for it."""

    def holds(self, cpus: float, gpus: float) -> bool:
        """Whether a trial that takes so much fits, where no other one is."""
        return cpus <= self.cpus and gpus <= len(self.gpus)


@dataclass(frozen=True)
class ClusterSize:
    """A cluster, and how many trials want to train on it at once."""

    nodes: tuple[Node, ...]
    trials: int
    """At most so many: as many as are still to be done, or as the user allows at once."""

    @property
    def cpus(self) -> float:
        return sum(node.cpus for node in self.nodes)

    @property
    def gpus(self) -> int:
        return sum(len(node.gpus) for node in self.nodes)

    @property
    def most_gpus_of_a_node(self) -> int:
        """A trial's GPUs are all in one machine."""
        return max((len(node.gpus) for node in self.nodes), default=0)
