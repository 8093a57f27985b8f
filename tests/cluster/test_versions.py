"""One version everywhere: what images, KubeRay and the launcher name is what the lock says."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.cluster.files import KUBERAY, LAUNCHER, ROOT, locked, ray_cluster, text

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


@pytest.mark.parametrize("name", KUBERAY)
def test_kuberay_s_ray_is_the_lock_s(name):
    assert ray_cluster(name)["spec"]["rayVersion"] == locked("ray")


@pytest.mark.parametrize("file", sorted(path.name for path in (ROOT / "cluster").iterdir() if path.is_file()))
def test_our_image_has_the_project_s_version_and_a_variant_that_the_dockerfile_builds(file):
    version = project()["version"]
    for tag in re.findall(r"tuner:(\d\S*)", text(f"cluster/{file}")):
        assert tag in (f"{version}-cpu", f"{version}-cuda"), tag


def test_no_file_names_another_version_of_ray():
    for path in [ROOT / "cluster.yaml", *(ROOT / "cluster").iterdir()]:
        if path.is_file():
            named = re.findall(
                r"(?:\b[Rr]ay(?:_VERSION|Version)?[ :=]+|rayproject/ray:)(\d+\.\d+\.\d+)", path.read_text()
            )
            assert set(named) <= {locked("ray")}, path.name


@pytest.mark.parametrize("name", [*LAUNCHER, *KUBERAY, "cluster/Dockerfile"])
def test_nothing_is_the_latest(name):
    assert not re.search(r":latest\b|nightly", text(name))
