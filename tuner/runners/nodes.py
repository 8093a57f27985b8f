"""The nodes of the connected Ray cluster with their CPUs and GPUs, and whether they are being drained.

A node is drained when the cloud is about to take it back. Ray starts nothing new there, but a worker that Ray Tune
reuses would train one trial after the other. So each worker checks its own node (`NodeDrain`), and ends.
"""

from __future__ import annotations

import logging
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache

import ray
from ray.util.placement_group import placement_group, remove_placement_group
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from tuner.devices.capacity import Gpu, Node
from tuner.ray_internals import draining_nodes

MIB = 2**20
DRAIN_INTERVAL_S = 1.0
"""Shortest time between two requests of a worker. The shortest notice of a cloud is 30 s."""
DRAIN_TIMEOUT_S = 2.0
TIMEOUT_S = 60.0
"""A node that does not answer in time has GPUs of unknown kind."""
CACHE_S = 1.0
QUERY = ("nvidia-smi", "--query-gpu=name,memory.total,compute_cap", "--format=csv,noheader,nounits")

log = logging.getLogger("tuner.study")


def cluster_nodes() -> tuple[Node, ...]:
    """Return all nodes that are alive and not being drained, as Ray counts their CPUs and GPUs."""
    nodes = []
    drained = draining()
    for node in ray.nodes():
        if node["Alive"] and node["NodeID"] not in drained:
            resources = node["Resources"]
            count = int(resources.get("GPU", 0))
            gpus = _gpus(node["NodeID"], count) if count else ()
            memory = resources.get("memory")
            nodes.append(
                Node(
                    resources.get("CPU", 0),
                    gpus,
                    host=node.get("NodeManagerHostname"),
                    memory_bytes=None if memory is None else int(memory),
                )
            )
    return tuple(nodes)


def draining() -> frozenset[str]:
    """Return the identifiers of the nodes that are being drained; none while the head does not answer."""
    try:
        return draining_nodes(DRAIN_TIMEOUT_S)
    except ray.exceptions.RayError:  # the caller continues and asks again
        return frozenset()


class NodeDrain:
    """Whether the node of this process is being drained; a node that was drained once stays so."""

    def __init__(self, draining: Callable[[], frozenset[str]] = draining) -> None:
        self._node = ray.get_runtime_context().get_node_id()
        self._draining = draining
        self._next_request = 0.0
        self._drained = False

    def is_draining(self) -> bool:
        """Return whether this node is being drained, as known within the last second."""
        now = time.monotonic()
        if not self._drained and now >= self._next_request:
            self._drained = self._node in self._draining()
            self._next_request = now + DRAIN_INTERVAL_S
        return self._drained


@contextmanager
def request_node(resources: Mapping[str, float]) -> Iterator[None]:
    """Context manager that requests a node with these resources from the autoscaler, as a waiting trial does."""
    group = placement_group([{kind: amount for kind, amount in resources.items() if amount}])
    try:
        yield
    finally:
        remove_placement_group(group)


class CachedNodes:
    """Returns `cluster_nodes()` when called, at most one second old, for callers that ask with every event."""

    def __init__(self) -> None:
        self._nodes: tuple[Node, ...] = ()
        self._read_at: float | None = None

    def __call__(self) -> tuple[Node, ...]:
        now = time.monotonic()
        if self._read_at is None or now >= self._read_at + CACHE_S:
            self._nodes, self._read_at = cluster_nodes(), now
        return self._nodes


@cache
def _gpus(node_id: str, count: int) -> tuple[Gpu, ...]:
    """Return the GPUs of a node, as many as Ray counts; the node is asked once."""
    on_node = NodeAffinitySchedulingStrategy(node_id, soft=False)
    answer = ray.remote(num_cpus=0, max_retries=0)(nvidia_smi).options(scheduling_strategy=on_node).remote()
    try:
        found = parse(ray.get(answer, timeout=TIMEOUT_S))
    except ray.exceptions.RayError as error:
        log.warning("cannot read the GPUs of node %s: %s", node_id, error)
        found = []
    return tuple((found + [Gpu()] * count)[:count])


def nvidia_smi() -> str:
    """Return the output of nvidia-smi for this machine's GPUs; empty without NVIDIA's driver."""
    try:
        return subprocess.run(QUERY, capture_output=True, text=True, timeout=30, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ""


def parse(output: str) -> list[Gpu]:
    """Return the GPUs in the output of nvidia-smi: lines such as `NVIDIA A100-SXM4-40GB, 40960, 8.0`."""
    gpus = []
    for line in filter(None, map(str.strip, output.splitlines())):
        name, memory, capability = (part.strip() for part in line.rsplit(",", 2))
        major, _, minor = capability.partition(".")
        gpus.append(
            Gpu(
                name=name,
                memory_bytes=int(memory) * MIB if memory.isdigit() else None,
                compute_capability=(int(major), int(minor)) if major.isdigit() and minor.isdigit() else None,
            )
        )
    return gpus
