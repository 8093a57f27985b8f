"""The nodes and GPUs of a cluster as plain values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Gpu:
    """One GPU. None: unknown."""

    name: str | None = None
    memory_bytes: int | None = None
    compute_capability: tuple[int, int] | None = None
    """CUDA's: (8, 0) is an A100, which computes in bfloat16; (7, 0) is a V100, the first with tensor cores."""


@dataclass(frozen=True)
class Node:
    """One machine of a cluster."""

    cpus: float
    gpus: tuple[Gpu, ...] = ()
    here: bool = True
    """Whether it is running. False: the autoscaler can start it when trials wait for it."""
    host: str | None = None
    """Host name; None: not known."""
    memory_bytes: int | None = None
    """Main memory that Ray may give away; None: not known."""

    def holds(self, cpus: float, gpus: float) -> bool:
        """Whether a trial with these devices fits on the node if no other trial is there."""
        return cpus <= self.cpus and gpus <= len(self.gpus)


@dataclass(frozen=True)
class ClusterSize:
    """A cluster, and how many trials will train on it at once."""

    nodes: tuple[Node, ...]
    trials: int
    """Upper bound: the trials that are left, or the user's limit of concurrent trials."""

    @property
    def cpus(self) -> float:
        return sum(node.cpus for node in self.nodes)

    @property
    def gpus(self) -> int:
        return sum(len(node.gpus) for node in self.nodes)

    @property
    def most_gpus_of_a_node(self) -> int:
        """GPUs of the largest node: a trial's GPUs are all on one node."""
        return max((len(node.gpus) for node in self.nodes), default=0)
