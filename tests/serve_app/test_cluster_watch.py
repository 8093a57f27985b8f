"""A lost cluster is noticed, whichever kind it is. Without Ray: its processes and its address are others'."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
import ray

from serve_app import cluster_watch
from tuner.runners.cluster import RayCluster

WAIT_S = 30.0
RAY = str(Path(ray.__file__).parent)


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set when this process would end."""
    event = threading.Event()
    monkeypatch.setattr(cluster_watch, "exit_at_once", lambda code: event.set())
    return event


def test_the_processes_of_ray_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> list[str]:
        raise psutil.NoSuchProcess(5)

    commands = {
        1: lambda: [f"{RAY}/core/src/ray/raylet/raylet", "--store_socket_name=/tmp/x"],
        2: lambda: ["/usr/bin/python", "-u", f"{RAY}/dashboard/dashboard.py", f"--logs={RAY}/x"],
        3: lambda: ["/usr/bin/python", "-c", "from multiprocessing import resource_tracker"],
        4: list,
        5: gone,
    }
    children = [SimpleNamespace(pid=pid, cmdline=command) for pid, command in commands.items()]
    monkeypatch.setattr(psutil, "Process", lambda: SimpleNamespace(children=lambda: children))
    assert cluster_watch.ray_processes() == {1: "raylet", 2: "dashboard"}


def test_a_joined_cluster_that_no_longer_answers_ends_the_server(
    ended: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_watch, "LOOK_S", 0.05)
    monkeypatch.setattr(cluster_watch, "LOST_S", 0.2)
    said: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as head:
        address = f"127.0.0.1:{head.getsockname()[1]}"
        monkeypatch.setattr(ray, "get_runtime_context", lambda: SimpleNamespace(gcs_address=address))
        with cluster_watch.ending_with_cluster(RayCluster(started=False), said.append):
            head.close()
            assert ended.wait(WAIT_S)
    assert said == [
        f"the Ray cluster at {address} is lost - start the server again; --go-on resumes the studies that it ran"
    ]


def test_one_that_answers_again_does_not(ended: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([True, False, False, True, False, False, True])
    over = threading.Event()

    def answer(_: str) -> bool:
        try:
            return next(answers)
        except StopIteration:
            over.set()
            return True

    monkeypatch.setattr(cluster_watch, "LOOK_S", 0.01)
    monkeypatch.setattr(cluster_watch, "LOST_S", 0.03)
    monkeypatch.setattr(cluster_watch, "answers", answer)
    monkeypatch.setattr(ray, "get_runtime_context", lambda: SimpleNamespace(gcs_address="head:1"))
    with cluster_watch.ending_with_cluster(RayCluster(started=False), pytest.fail):
        assert over.wait(WAIT_S)
    assert not ended.is_set()
