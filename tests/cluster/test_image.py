"""The image of a cluster's nodes, without a container engine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.cluster.files import ROOT, text

FILE = "cluster/Dockerfile"
DOCKERFILE = text(FILE)


def instructions():
    """Name and text of each, continued lines joined."""
    joined = re.sub(r"\\\n\s*", "", "\n".join(line for line in DOCKERFILE.splitlines() if not line.startswith("#")))
    return [line.split(None, 1) for line in joined.splitlines() if line]


def copied():
    """What it copies from the repository."""
    return [
        word
        for name, rest in instructions()
        if name == "COPY"
        for word in rest.split()[:-1]
        if not word.startswith("--")
    ]


def test_what_is_copied_is_there_and_let_through():
    kept = text(f"{FILE}.dockerignore").splitlines()
    assert kept[0] == "*"
    for path in copied():
        assert (ROOT / path).exists(), path
        assert f"!{path}" in kept
    assert {line[1:] for line in kept if line.startswith("!")} == set(copied())


def test_a_wheel_can_be_made_of_what_is_copied():
    project = tomllib.loads(text("pyproject.toml"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert {*wheel, "pyproject.toml", project["project"]["readme"], *project["project"]["license-files"]} <= set(
        copied()
    )


def test_it_does_not_run_as_root():
    users = [rest for name, rest in instructions() if name == "USER"]
    assert users == ["1000"]


def test_every_package_has_the_version_of_the_lock():
    (run,) = [rest for name, rest in instructions() if name == "RUN"]
    assert run.count("pip install") == run.count("--constraint requirements.lock") == 2


@pytest.mark.parametrize(("variant", "extras"), [("cpu", "postgres,aws,gcp"), ("cuda", "postgres,aws,gcp,gpu")])
def test_each_variant_installs_its_extras(variant, extras, tmp_path):
    done = install(variant, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].endswith(f".[{extras}]")
    assert set(extras.split(",")) <= set(tomllib.loads(text("pyproject.toml"))["project"]["optional-dependencies"])


def test_another_variant_is_told_of(tmp_path):
    done = install("rocm", tmp_path)
    assert (done.returncode, done.stderr) == (1, "VARIANT=rocm: must be cuda or cpu\n")


def install(variant, folder):
    """Run the image's one command with a pip that only says what it was asked for."""
    (run,) = [rest for name, rest in instructions() if name == "RUN"]
    (folder / "pip").write_text('#!/bin/sh\necho "$@"\n')
    (folder / "pip").chmod(0o755)
    environment = {"PATH": f"{folder}:{os.environ['PATH']}", "VARIANT": variant}
    return subprocess.run(["bash", "-c", run], capture_output=True, text=True, env=environment)


@pytest.mark.parametrize("file", [FILE, "runpod_handler/Dockerfile", ".runpod/Dockerfile"])
def test_hadolint_finds_nothing(file):
    hadolint = shutil.which("hadolint", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if hadolint is None:
        pytest.skip("hadolint is not installed")
    done = subprocess.run([hadolint, str(ROOT / file)], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("", 0)
