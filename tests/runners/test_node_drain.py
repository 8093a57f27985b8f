"""A worker whose node is announced to go, without Ray."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import ray

from tuner.runners import node_drain as module
from tuner.runners.node_drain import LOOK_S, NodeDrain, draining
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


def test_a_worker_asks_now_and_then_and_stays_where_others_go(clock: Clock) -> None:
    asked: list[str] = []
    node = NodeDrain(lambda: asked.append("asked") or frozenset({"elsewhere"}))
    for _ in range(8):
        assert not node.goes()
        clock.now += LOOK_S / 4
    assert len(asked) == 2


def test_a_node_that_goes_does_not_come_back(clock: Clock) -> None:
    answers = [frozenset({"here"}), frozenset()]
    node = NodeDrain(lambda: answers.pop(0))
    assert node.goes()
    clock.now += LOOK_S
    assert node.goes()


def test_a_head_that_does_not_answer_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(timeout: float) -> dict[str, int]:
        raise ray.exceptions.RpcError("away")

    gcs = SimpleNamespace(get_draining_nodes=away)
    monkeypatch.setattr(ray._private.worker, "global_worker", SimpleNamespace(gcs_client=gcs))
    assert draining() == frozenset()
    gcs.get_draining_nodes = lambda timeout: {"here": 0}
    assert draining() == {"here"}


def test_a_worker_ends_its_training_and_leaves_with_all_that_it_kept_written(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def leave() -> None:
        done.append("left")
        raise SystemExit

    monkeypatch.setattr(ray.actor, "exit_actor", leave)
    worker = RayTrial.__new__(RayTrial)
    worker._node = SimpleNamespace(goes=lambda: True)
    worker._training = SimpleNamespace(close=lambda: done.append("ended"))
    worker._keeper = SimpleNamespace(wait=lambda: done.append("written"))
    with pytest.raises(SystemExit):
        worker.step()
    assert done == ["ended", "written", "left"]
