"""RunPod's endpoint on this machine, with workers that a test scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from tests.runpod.control_plane import ControlPlane
from tuner.runners.runpod.api import EndpointAccess


@pytest.fixture(scope="session")
def running_plane() -> Iterator[ControlPlane]:
    with ControlPlane(hold_s=0.0) as plane:
        yield plane


@pytest.fixture
def plane(running_plane: ControlPlane) -> Iterator[ControlPlane]:
    """Without faults, and without the jobs of other tests: one that was left half done could be delivered again."""
    running_plane.forget()
    yield running_plane
    running_plane.heal()
    running_plane.hold_queue(False)
    running_plane.duplicate_values = False


@pytest.fixture
def access(plane: ControlPlane) -> EndpointAccess:
    return EndpointAccess(f"{plane.base_url}/v2", plane.endpoint_id, SecretStr(plane.api_key))
