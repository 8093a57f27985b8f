"""Rules for the repository as a whole: no registry addresses, declared imports, a lock file that fits."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]

# Split, so that this file itself does not contain the addresses.
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("files", "pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
        ("download", "pytorch", "org"),
        ("deb", "debian", "org"),
    )
]


TOOLS = ("plots", "mlflow", "wandb")
"""Extras of figures and loggers. Their packages are locked, since tests use them."""


def committed() -> list[Path]:
    """All files that git tracks or would track."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_names_a_package_registry_or_a_folder_of_this_machine():
    contents = {file: file.read_bytes() for file in committed()}
    for address in [*REGISTRIES, f"{ROOT}/"]:
        assert [file.name for file, content in contents.items() if address.encode() in content] == []


def locked() -> dict[str, str]:
    """The version of each package in the lock file."""
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    pairs = (line.split(";")[0].strip().split("==") for line in lines if "==" in line)
    return {name.split("[")[0].lower().replace("_", "-"): version for name, version in pairs}


def imported(*folders: str) -> set[frozenset[str]]:
    """The distributions of each package that the files of these folders import, without the standard library."""
    names = set()
    built = ROOT / "serve_app/dashboard"  # with the packages of npm: nothing there is part of the distribution
    files = (file for folder in folders for file in (ROOT / folder).rglob("*.py"))
    for file in (file for file in files if not file.is_relative_to(built)):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    owners = packages_distributions()
    found = (owners[name] for name in names - sys.stdlib_module_names if name in owners)
    return {frozenset(owner.lower().replace("_", "-") for owner in several) for several in found}


@pytest.mark.parametrize(
    ("folders", "extras"),
    [(["tuner", "serve_app"], ["onnx", *TOOLS]), (["tests"], ["dev", "postgres", "onnx", *TOOLS])],
)
def test_every_imported_distribution_is_a_declared_dependency(folders, extras):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = project["dependencies"] + [line for extra in extras for line in project["optional-dependencies"][extra]]
    declared = {Requirement(line).name.lower() for line in lines}
    ours, parts_of_others = {"tuner"}, {"pydantic-core"}
    assert [owners for owners in imported(*folders) if not owners & (declared | ours | parts_of_others)] == []


def test_the_lock_file_satisfies_the_range_of_every_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    assert set(extras) == {"gpu", "onnx", "runpod", "postgres", "aws", "gcp", "dev", *TOOLS}
    locked_extras = [line for name in ("dev", "onnx", "postgres", "aws", "gcp", *TOOLS) for line in extras[name]]
    for line in [*project["dependencies"], *locked_extras]:
        requirement = Requirement(line)
        version = locked().get(requirement.name.lower())
        assert version is not None, f"{requirement.name} is not locked: make lock"
        assert requirement.specifier.contains(version), f"{requirement} but {version} is locked: make lock"
