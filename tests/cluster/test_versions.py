"""One version everywhere: what images, KubeRay and the launcher name is what the lock says."""

from __future__ import annotations

import re
import tomllib

from tests.cluster.files import LAUNCHER, locked, text

DOCKERFILE = text("cluster/Dockerfile")


def argument(name: str) -> str:
    """The default of a build argument."""
    (value,) = re.findall(rf"^ARG {name}=(\S+)$", DOCKERFILE, re.M)
    return str(value)


def project() -> dict:
    return tomllib.loads(text("pyproject.toml"))["project"]


def test_the_image_s_ray_is_the_lock_s():
    assert argument("RAY_VERSION") == locked("ray")
    assert "FROM rayproject/ray:${RAY_VERSION}-py${PYTHON_VERSION}-cpu" in DOCKERFILE


def test_the_image_s_python_is_one_that_the_project_runs_on_and_that_the_hosts_have():
    major, minor = argument("PYTHON_VERSION")[0], int(argument("PYTHON_VERSION")[1:])
    least = re.fullmatch(r">=(\d)\.(\d+)", project()["requires-python"])
    assert least is not None
    assert (major, minor) >= (least[1], int(least[2]))
    # All hosts of the launcher have the same one: workers and head must agree, by Ray.
    for name in LAUNCHER:
        assert set(re.findall(r"[Pp]ython ?(\d\.\d+)", text(name))) <= {f"{major}.{minor}"}, name
