"""What the nodes of the connected Ray cluster have, GPUs included."""

from __future__ import annotations

import logging
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache

import ray
from ray.util.placement_group import placement_group, remove_placement_group
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from tuner.devices import Gpu, Node
from tuner.runners.node_drain import draining

MIB = 2**20
ANSWER_WITHIN_S = 60.0
"""A node whose GPUs are not known by then has GPUs of which nothing is known."""
RECENT_S = 1.0
QUERY = ("nvidia-smi", "--query-gpu=name,memory.total,compute_cap", "--format=csv,noheader,nounits")

log = logging.getLogger("tuner.study")


def cluster_nodes() -> tuple[Node, ...]:
    """All nodes that are alive and stay, as Ray counts their CPUs and GPUs."""
    nodes = []
    going = draining()
    for node in ray.nodes():
        if node["Alive"] and node["NodeID"] not in going:
            resources = node["Resources"]
            count = int(resources.get("GPU", 0))
            nodes.append(Node(resources.get("CPU", 0), _gpus(node["NodeID"], count) if count else ()))
    return tuple(nodes)


@contextmanager
def request_node(resources: Mapping[str, float]) -> Iterator[None]:
    """Within it the cluster is asked for a node that holds these resources, as a trial that waits for one asks."""
    group = placement_group([{kind: amount for kind, amount in resources.items() if amount}])
    try:
        yield
    finally:
        remove_placement_group(group)


class CachedNodes:
    """The same, as of the last second: whoever asks with every event of a study asks often."""

    def __init__(self) -> None:
        self._nodes: tuple[Node, ...] = ()
        self._asked_at: float | None = None

    def __call__(self) -> tuple[Node, ...]:
        now = time.monotonic()
        if self._asked_at is None or now >= self._asked_at + RECENT_S:
            self._nodes, self._asked_at = cluster_nodes(), now
        return self._nodes


@cache
def _gpus(node_id: str, count: int) -> tuple[Gpu, ...]:
    """The GPUs of a node, asked there once; as many as Ray counts."""
    there = NodeAffinitySchedulingStrategy(node_id, soft=False)
    asked = ray.remote(num_cpus=0, max_retries=0)(ask_driver).options(scheduling_strategy=there).remote()
    try:
        found = parse(ray.get(asked, timeout=ANSWER_WITHIN_S))
    except ray.exceptions.RayError as error:
        log.warning("the GPUs of node %s are not known: %s", node_id, error)
        found = []
    return tuple((found + [Gpu()] * count)[:count])


def ask_driver() -> str:
    """What nvidia-smi says of this machine's GPUs; nothing where there is none."""
    try:
        return subprocess.run(QUERY, capture_output=True, text=True, timeout=30, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ""


def parse(told: str) -> list[Gpu]:
    """Lines such as `NVIDIA A100-SXM4-40GB, 40960, 8.0`."""
    gpus = []
    for line in filter(None, map(str.strip, told.splitlines())):
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
