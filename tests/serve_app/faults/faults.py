"""What can happen to a server: each kind of its processes is killed, its database is away, its disk is full."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.serve_app.served import WITHIN_S, Served

Outcome = Literal["goes on", "fails", "ends", "is killed"]
"""What a fault does to the server: it goes on, ends with another exit code than 0, ends with 0, or dies."""
DISK_MB = 256


@dataclass(frozen=True)
class Place:
    """Where a server keeps what it stores."""

    results: Path
    database: Path


@dataclass(frozen=True)
class Fault:
    """One thing that can happen."""

    name: str
    outcome: Outcome
    happen: Callable[[Served, Place, random.Random], None]
    """Returns when it is over, which may take seconds."""
    ends_run: bool = False
    """Whether it uses up one of the few restarts that a run of the study has."""


def _kills(title: str) -> Callable[[Served, Place, random.Random], None]:
    """Kills one process below the server whose command line contains the title."""

    def kill(served: Served, _: Place, rng: random.Random) -> None:
        until_s = time.monotonic() + WITHIN_S
        while not (found := served.descendants(title)):  # Ray renames a worker at each call: it has no name meanwhile
            assert time.monotonic() < until_s, f"there is no process {title}"
        os.kill(rng.choice(sorted(found)), signal.SIGKILL)

    return kill


def _signals(number: signal.Signals) -> Callable[[Served, Place, random.Random], None]:
    return lambda served, *_: served.process.send_signal(number)


def _lock_database(_: Served, place: Place, rng: random.Random) -> None:
    """Another process holds SQLite's lock."""
    with closing(sqlite3.connect(place.database, timeout=60, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        _pause(rng.uniform(3, 20))
        connection.execute("ROLLBACK")


def _move_database(_: Served, place: Place, rng: random.Random) -> None:
    """The file is moved away, and back."""
    aside = place.database.parent / "aside"
    aside.mkdir(exist_ok=True)
    files = [Path(f"{place.database}{end}") for end in ("", "-wal", "-shm")]
    for file in filter(Path.exists, files):
        file.rename(aside / file.name)
    _pause(rng.uniform(3, 15))
    for file in files:
        if (aside / file.name).exists():
            (aside / file.name).rename(file)


def _fill_disk(_: Served, place: Place, rng: random.Random) -> None:
    """The disk with the results and the database is full for a while."""
    filling = place.results / "filling"
    try:
        with filling.open("wb", buffering=0) as file:
            while True:
                file.write(b"\0" * 65536)
    except OSError:
        _pause(rng.uniform(3, 10))
    finally:
        filling.unlink()


def _pause(seconds: float) -> None:
    threading.Event().wait(seconds)  # the duration of the fault itself, not a wait for anything


FAULTS = [
    Fault("Ray's dashboard", "fails", _kills("dashboard/dashboard.py")),
    Fault("raylet", "fails", _kills("raylet/raylet\0")),
    Fault("agent", "fails", _kills("ray::DashboardAgent")),
    Fault("agent of environments", "fails", _kills("ray::RuntimeEnvAgent")),
    Fault("GCS", "fails", _kills("gcs/gcs_server")),
    Fault("server", "is killed", _signals(signal.SIGKILL)),
    Fault("SIGTERM", "ends", _signals(signal.SIGTERM)),
    Fault("Ctrl-C", "ends", _signals(signal.SIGINT)),
    Fault("Serve's controller", "goes on", _kills("ray::ServeController")),
    Fault("proxy", "goes on", _kills("ray::ProxyActor")),
    Fault("replica", "goes on", _kills("ServeReplica:tuner:api")),
    Fault("live hub", "goes on", _kills("ray::LiveProgress")),
    Fault("worker", "goes on", _kills("ray::ResourceTrainable"), ends_run=True),
    Fault("driver", "goes on", _kills("serve_app.launching.driver\0"), ends_run=True),
    Fault("job supervisor", "goes on", _kills("ray::JobSupervisor"), ends_run=True),
    Fault("database locked", "goes on", _lock_database),
    Fault("database moved", "goes on", _move_database),
    Fault("disk full", "goes on", _fill_disk),
]
SHORT = ("replica", "Ray's dashboard")
"""Those of a test run that has no time for more: the server goes on, and fails. `test_served` lets it end."""


def drawn(rounds: int, rng: random.Random, *, small_disk: bool) -> list[Fault]:
    """The faults of so many rounds: few rounds have the same ones each time, many have each kind equally often."""
    faults = [fault for fault in FAULTS if small_disk or fault.name != "disk full"]
    if rounds <= len(SHORT):
        return [fault for name in SHORT[:rounds] for fault in faults if fault.name == name]
    found: list[Fault] = []
    while len(found) < rounds:
        found += rng.sample(faults, len(faults))
    return found[:rounds]


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """Context manager in which the folder is a disk of its own; False where this process may not mount one."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)], capture_output=True
    )
    try:
        yield mounted.returncode == 0
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
