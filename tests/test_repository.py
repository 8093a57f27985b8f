"""What must hold for the repository as a whole."""

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

# Written in parts, so that this file does not hold what it looks for.
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


def committed() -> list[Path]:
    """All files that git tracks, or would track."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("address", [*REGISTRIES, f"{ROOT}/"])
def test_no_file_names_a_package_registry_or_a_folder_of_this_machine(address):
    assert [file.name for file in committed() if address.encode() in file.read_bytes()] == []


def locked() -> dict[str, str]:
    """Version by package name, of the lock file."""
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    pairs = (line.split(";")[0].strip().split("==") for line in lines if "==" in line)
    return {name.split("[")[0].lower().replace("_", "-"): version for name, version in pairs}


def imported(*folders: str) -> set[str]:
    """The distributions whose packages are imported there, beside our own and Python's."""
    names = set()
    for file in (file for folder in folders for file in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    owners = packages_distributions()
    return {owners[name][0].lower().replace("_", "-") for name in names - sys.stdlib_module_names if name in owners}


@pytest.mark.parametrize(("folders", "extras"), [(["tuner", "serve_app"], []), (["tests"], ["dev", "postgres"])])
def test_what_is_imported_is_declared_and_not_only_there_because_others_need_it(folders, extras):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = project["dependencies"] + [line for extra in extras for line in project["optional-dependencies"][extra]]
    declared = {Requirement(line).name.lower() for line in lines}
    ours, parts_of_others = {"tuner"}, {"pydantic-core"}
    assert imported(*folders) - ours - parts_of_others <= declared


def test_the_lock_file_holds_a_version_within_the_range_of_every_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    assert set(extras) == {"gpu", "runpod", "mlflow", "wandb", "postgres", "aws", "gcp", "dev"}
    locked_extras = [line for name in ("dev", "postgres", "aws", "gcp") for line in extras[name]]
    for line in [*project["dependencies"], *locked_extras]:
        requirement = Requirement(line)
        version = locked().get(requirement.name.lower())
        assert version is not None, f"{requirement.name} is not locked: make lock"
        assert requirement.specifier.contains(version), f"{requirement} but {version} is locked: make lock"


@pytest.mark.parametrize("command", ["make demo", "make test"])
def test_both_commands_are_the_first_lines_of_the_readme(command):
    first = (ROOT / "README.md").read_text().splitlines()[:5]
    assert any(line.strip().startswith(command) for line in first)


def test_ci_runs_what_a_newcomer_runs():
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    commands = [line for line in lines if line and not line.startswith(("#", "set ", "cd "))]
    assert commands == ["make test"]
