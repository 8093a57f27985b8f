"""Which Ray cluster is joined."""

from __future__ import annotations

import os
import socket
import urllib.request
from types import SimpleNamespace

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


@pytest.mark.parametrize("address", ["nonsense", "http://10.0.0.5:8265", "10.0.0.5"])
def test_an_address_of_no_ray_cluster_is_refused(noted, monkeypatch, address):
    monkeypatch.setenv("RAY_ADDRESS", address)
    with pytest.raises(FixInputError, match=f"RAY_ADDRESS={address} is not an address") as refused:
        cluster.cluster_address()
    assert refused.value.remedy == "write host:port, such as 10.0.0.5:6379, or unset RAY_ADDRESS"


def test_a_ray_client_is_looked_for_too(noted, server, monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", f"ray://{address_of(server)}")
    assert cluster.cluster_address() == f"ray://{address_of(server)}"
    server.close()
    with pytest.raises(FixInputError, match="no Ray cluster answers at RAY_ADDRESS=ray://127"):
        cluster.cluster_address()


def test_requests_to_this_machine_use_no_proxy(monkeypatch):
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    cluster._reach_without_proxy("10.0.0.7")
    assert "no_proxy" not in os.environ, "there is no proxy"
    monkeypatch.setenv("http_proxy", "http://proxy:3128")
    monkeypatch.setenv("no_proxy", "example.org")
    cluster._reach_without_proxy("10.0.0.7")
    assert os.environ["no_proxy"] == "example.org,127.0.0.1,localhost,10.0.0.7"
    assert urllib.request.proxy_bypass("127.0.0.1:8265")


def test_a_local_cluster_listens_on_this_machine_alone(noted, monkeypatch):
    """The variable is read when Ray is imported: in a process of its own, and in those of the cluster."""
    import ray
    from ray._private import ray_constants

    monkeypatch.delenv("RAY_TMPDIR")  # which is too long
    monkeypatch.delenv(ray_constants.ENABLE_RAY_CLUSTERS_ENV_VAR, raising=False)
    seen = []

    def init(**_: object) -> SimpleNamespace:
        seen.append(os.environ.get(ray_constants.ENABLE_RAY_CLUSTERS_ENV_VAR))
        return SimpleNamespace(dashboard_url=None)

    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "init", init)
    monkeypatch.setattr(ray, "shutdown", lambda: None)
    with cluster.ray_cluster():
        pass
    assert seen == ["0"]
    assert ray_constants.ENABLE_RAY_CLUSTERS_ENV_VAR not in os.environ, "later processes may start another cluster"


def test_a_cluster_that_is_joined_is_not_restricted(noted, server, monkeypatch):
    import ray
    from ray._private import ray_constants

    noted(address_of(server))
    monkeypatch.delenv(ray_constants.ENABLE_RAY_CLUSTERS_ENV_VAR, raising=False)
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "shutdown", lambda: None)

    def init(**_: object) -> SimpleNamespace:
        assert ray_constants.ENABLE_RAY_CLUSTERS_ENV_VAR not in os.environ
        return SimpleNamespace(dashboard_url=None)

    monkeypatch.setattr(ray, "init", init)
    with cluster.ray_cluster() as joined:
        assert not joined.started


def test_without_a_note_a_local_cluster_is_started(noted):
    assert cluster.cluster_address() == "local"


def test_a_ray_that_does_not_start_is_one_line(noted, monkeypatch):
    import ray

    monkeypatch.delenv("RAY_TMPDIR")  # which is too long

    def init(**_: object) -> None:
        raise Exception("The last 20 lines of dashboard.log:\n" + "INFO head.py:262 -- Loading\n" * 20)  # as Ray does

    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "init", init)
    with pytest.raises(TryAgainError) as told, cluster.ray_cluster():
        pass
    assert "Ray does not start: " in str(told.value)
    assert "read Ray's logs in " in str(told.value)
    assert "busy" not in str(told.value), "that was not checked"
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 500
