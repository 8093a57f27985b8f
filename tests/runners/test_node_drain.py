"""A worker whose node is being drained, without Ray."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import ray

from tuner.runners import nodes as module
from tuner.runners.nodes import DRAIN_INTERVAL_S, NodeDrain, draining
from tuner.runners.ray_actor import RayTrial


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray, "get_runtime_context", lambda: SimpleNamespace(get_node_id=lambda: "here"))


def test_a_worker_asks_once_a_second_and_stays_while_other_nodes_drain(clock: Clock) -> None:
    asked: list[str] = []
    node = NodeDrain(lambda: asked.append("asked") or frozenset({"elsewhere"}))
    for _ in range(8):
        assert not node.is_draining()
        clock.now += DRAIN_INTERVAL_S / 4
    assert len(asked) == 2


def test_a_node_that_drains_stays_so(clock: Clock) -> None:
    answers = [frozenset({"here"}), frozenset()]
    node = NodeDrain(lambda: answers.pop(0))
    assert node.is_draining()
    clock.now += DRAIN_INTERVAL_S
    assert node.is_draining()


def test_no_node_drains_while_the_head_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(timeout_s: float) -> frozenset[str]:
        raise ray.exceptions.RpcError("away")

    monkeypatch.setattr(module, "draining_nodes", away)
    assert draining() == frozenset()


def test_a_worker_on_a_draining_node_ends_once_its_state_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def leave() -> None:
        done.append("left")
        raise SystemExit

    monkeypatch.setattr(ray.actor, "exit_actor", leave)
    worker = RayTrial.__new__(RayTrial)
    worker._node = SimpleNamespace(is_draining=lambda: True)
    worker._training = SimpleNamespace(close=lambda: done.append("ended"))
    worker._checkpoints = SimpleNamespace(wait=lambda: done.append("written"))
    with pytest.raises(SystemExit):
        worker.step()
    assert done == ["ended", "written", "left"]
