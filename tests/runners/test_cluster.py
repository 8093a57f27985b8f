"""Which Ray cluster is joined."""

from __future__ import annotations

import socket

import pytest

from tuner.errors import FixInputError, TryAgainError
from tuner.runners import cluster


@pytest.fixture
def noted(tmp_path, monkeypatch):
    """Notes an address down as `ray start` does."""
    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path))
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    (tmp_path / "ray").mkdir()
    return (tmp_path / "ray" / "ray_current_cluster").write_text


@pytest.fixture
def server():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def address_of(server) -> str:
    return "{}:{}".format(*server.getsockname())


def test_a_cluster_that_answers_is_joined(noted, server):
    noted(address_of(server))
    assert cluster.cluster_address() == address_of(server)


def test_one_that_is_gone_is_not_waited_for(noted, server):
    noted(address_of(server))
    server.close()
    assert cluster.cluster_address() == "local"


def test_a_note_that_says_nothing_is_no_cluster(noted):
    noted("")
    assert cluster.cluster_address() == "local"


def test_what_the_user_names_is_joined_whatever_the_note_says(noted, server, monkeypatch):
    noted(address_of(server))
    server.close()
    monkeypatch.setenv("RAY_ADDRESS", "auto")
    assert cluster.cluster_address() == "auto"


def test_nothing_is_waited_for_where_no_ray_answers(noted, server, monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", address_of(server))
    assert cluster.cluster_address() == address_of(server)
    server.close()
    with pytest.raises(FixInputError, match="no Ray cluster answers at RAY_ADDRESS=127"):
        cluster.cluster_address()


def test_without_a_note_a_local_cluster_is_started(noted):
    assert cluster.cluster_address() == "local"


def test_a_ray_that_does_not_start_is_one_line(noted, monkeypatch):
    import ray

    def init(**_: object) -> None:
        raise Exception("The last 20 lines of dashboard.log:\n" + "INFO head.py:262 -- Loading\n" * 20)  # as Ray does

    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "init", init)
    with pytest.raises(TryAgainError) as told, cluster.ray_cluster():
        pass
    assert "Ray does not start: " in str(told.value)
    assert "try again" in str(told.value)
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 300
