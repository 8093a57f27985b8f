"""What the nodes of a cluster have, without Ray."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tuner.devices.capacity import Gpu, Node
from tuner.runners import nodes
from tuner.runners.nodes import parse

TOLD = "NVIDIA A100-SXM4-40GB, 40960, 8.0\nTesla V100-SXM2-16GB, 16384, 7.0\n"
A100, V100 = Gpu("NVIDIA A100-SXM4-40GB", 40 * 2**30, (8, 0)), Gpu("Tesla V100-SXM2-16GB", 16 * 2**30, (7, 0))


class LostError(Exception):
    """What Ray raises where a node is gone."""


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Ray, with these nodes, of which each is asked for its GPUs by a task that answers `told`."""
    told = SimpleNamespace(nodes=[], answer=TOLD, asked=[], draining=frozenset())

    def get(node: str, timeout: float) -> str:
        told.asked.append(node)
        if isinstance(told.answer, Exception):
            raise told.answer
        return str(told.answer)

    task = SimpleNamespace(options=lambda scheduling_strategy: SimpleNamespace(remote=lambda: scheduling_strategy))
    ray = SimpleNamespace(
        nodes=lambda: told.nodes,
        remote=lambda **options: lambda function: task,
        get=get,
        exceptions=SimpleNamespace(RayError=LostError),
    )
    monkeypatch.setattr(nodes, "ray", ray)
    monkeypatch.setattr(nodes, "draining", lambda: told.draining)
    monkeypatch.setattr(nodes, "NodeAffinitySchedulingStrategy", lambda node, soft: node)
    nodes._gpus.cache_clear()
    return told


def node(name: str, alive: bool = True, **resources: float) -> dict[str, object]:
    return {"NodeID": name, "Alive": alive, "Resources": resources}


def test_the_driver_of_a_gpu_tells_its_name_memory_and_capability() -> None:
    assert parse(TOLD) == [A100, V100]


@pytest.mark.parametrize(
    ("line", "gpu"), [("GPU, [N/A], [N/A]", Gpu("GPU")), ("a, b, 1024, 9.0", Gpu("a, b", 2**30, (9, 0)))]
)
def test_what_the_driver_does_not_know_is_not_known(line: str, gpu: Gpu) -> None:
    assert parse(line) == [gpu]


def test_nodes_are_told_with_their_cpus_and_gpus(cluster: SimpleNamespace) -> None:
    cluster.nodes = [node("a", CPU=8.0), node("b", CPU=16.0, GPU=2.0), node("c", alive=False, CPU=64.0)]
    assert nodes.cluster_nodes() == (Node(8.0), Node(16.0, (A100, V100)))


def test_a_node_that_is_announced_to_go_is_not_counted_on(cluster: SimpleNamespace) -> None:
    cluster.nodes, cluster.draining = [node("a", CPU=8.0), node("b", CPU=16.0)], frozenset({"b"})
    assert nodes.cluster_nodes() == (Node(8.0),)


def test_a_node_is_asked_for_its_gpus_once_and_only_if_it_has_some(cluster: SimpleNamespace) -> None:
    cluster.nodes = [node("a", CPU=8.0), node("b", CPU=16.0, GPU=2.0)]
    for _ in range(3):
        nodes.cluster_nodes()
    assert cluster.asked == ["b"]


def test_recent_nodes_are_asked_for_once_a_second(cluster: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(monotonic=lambda: now[0])
    now = [100.0]
    monkeypatch.setattr(nodes, "time", clock)
    recent = nodes.CachedNodes()
    cluster.nodes = [node("a", CPU=8.0)]
    assert recent() == (Node(8.0),)
    cluster.nodes = []
    assert recent() == (Node(8.0),)
    now[0] += nodes.CACHE_S
    assert recent() == ()


@pytest.mark.parametrize("answer", ["", LostError("gone")])
def test_gpus_of_which_nothing_is_known_are_gpus_all_the_same(answer: object, cluster: SimpleNamespace) -> None:
    cluster.nodes, cluster.answer = [node("a", CPU=8.0, GPU=3.0)], answer
    assert nodes.cluster_nodes() == (Node(8.0, (Gpu(),) * 3),)


def test_a_machine_without_a_driver_says_nothing() -> None:
    assert nodes.nvidia_smi() == "" or parse(nodes.nvidia_smi())
