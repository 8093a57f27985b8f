"""Who runs a study: a lease in the study's row, which one process holds and renews.

Promises: at most one process holds it, since a conditional UPDATE decides who takes it; whoever lost it learns so with
its next write, which is refused. All times are the database's own, so the clocks of the machines do not matter.
A lease is lost when it was not renewed for LEASE_S, or at once when its process on this machine is gone.
"""

from __future__ import annotations

import hashlib
import os
import socket
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tuner.errors import FixInputError, LeaseLostError
from tuner.store.tables import UtcDateTime, studies

LEASE_S = 30.0
"""A lease that was not renewed for so long is lost."""
database_time: sa.ColumnElement[datetime] = sa.type_coerce(sa.func.now(), UtcDateTime)


@dataclass(frozen=True)
class Lease:
    """One run's claim to a study."""

    driver: str
    """host:process, for people."""
    token: str
    """machine/run: the same twice for nobody."""

    @classmethod
    def of_this_process(cls) -> Lease:
        """A new one."""
        return cls(f"{socket.gethostname()}:{os.getpid()}", f"{_machine()}/{uuid.uuid4().hex}")


def runs_already(name: str, driver: str | None) -> FixInputError:
    """What whoever wants to run the study too is told."""
    return FixInputError(
        f"study {name!r} runs already on {_of_driver(driver)}", remedy=f"`tuner cancel {name}` stops it"
    )


def is_alive(driver: str | None, token: str | None, heartbeat_at: datetime | None, at: datetime) -> bool:
    """Whether a lease as it stands in the row is held at the time `at` of the database."""
    if driver is None or token is None or heartbeat_at is None:
        return False
    if at - heartbeat_at > timedelta(seconds=LEASE_S):
        return False
    here = token.startswith(f"{_machine()}/")
    return not here or _process_lives(int(driver.rpartition(":")[2]))


def take(connection: sa.Connection, name: str, lease: Lease) -> None:
    """Take the lease of a study that nobody runs; what was asked of its last run is forgotten.

    Raises:
        FixInputError: another process holds it, or was quicker.
    """
    seen = _seen(connection, name)
    if seen.lease == lease.token:
        return  # taken already: only the answer was lost
    if not is_alive(seen.driver, seen.lease, seen.heartbeat_at, seen.at):
        unchanged = studies.c.lease.is_not_distinct_from(seen.lease) & studies.c.heartbeat_at.is_not_distinct_from(
            seen.heartbeat_at
        )
        values = {"driver": lease.driver, "lease": lease.token, "heartbeat_at": seen.at, "cancel_requested_at": None}
        changed = connection.execute(sa.update(studies).where((studies.c.name == name) & unchanged).values(values))
        if changed.rowcount:
            return
        seen = _seen(connection, name)
    raise runs_already(name, seen.driver)


def check(connection: sa.Connection, name: str, lease: Lease) -> bool:
    """Whether the holder of the lease was asked to stop.

    Raises:
        LeaseLostError: another process holds the lease, or none.
    """
    seen = _seen(connection, name)
    if seen.lease != lease.token:
        now_with = "was ended" if seen.lease is None else f"runs now on {_of_driver(seen.driver)}"
        raise LeaseLostError(
            f"this process was silent for more than {LEASE_S:g} s, and study {name!r} {now_with}",
            remedy=f"`tuner show {name}` tells more",
        )
    return seen.cancel_requested_at is not None


def renew(connection: sa.Connection, name: str, lease: Lease) -> None:
    """A sign of life. Changes nothing if the lease is lost."""
    values = {"heartbeat_at": _seen(connection, name).at}
    connection.execute(sa.update(studies).where(_held(name, lease)).values(values))


def release(connection: sa.Connection, name: str, lease: Lease) -> None:
    """Give the lease back. Changes nothing if it is lost."""
    nobody = dict.fromkeys(("driver", "lease", "heartbeat_at", "cancel_requested_at"))
    connection.execute(sa.update(studies).where(_held(name, lease)).values(nobody))


def request_cancel(connection: sa.Connection, name: str) -> bool:
    """Ask the process that holds the lease to stop; False: there is none."""
    seen = _seen(connection, name)
    if not is_alive(seen.driver, seen.lease, seen.heartbeat_at, seen.at):
        return False
    same_run = (studies.c.name == name) & (studies.c.lease == seen.lease)
    return bool(connection.execute(sa.update(studies).where(same_run).values(cancel_requested_at=seen.at)).rowcount)


def _seen(connection: sa.Connection, name: str) -> Any:
    """The lease as it stands, and the time."""
    return connection.execute(_SEEN, {"name": name}).one()


_SEEN = sa.select(
    *(studies.c[name] for name in ("driver", "lease", "heartbeat_at", "cancel_requested_at")), database_time.label("at")
).where(studies.c.name == sa.bindparam("name"))


def _held(name: str, lease: Lease) -> sa.ColumnElement[bool]:
    return (studies.c.name == name) & (studies.c.lease == lease.token)


def _of_driver(driver: str | None) -> str:
    host, _, process = (driver or "another host:?").rpartition(":")
    return f"host {host}, process {process}"


def _machine() -> str:
    """Tells machines apart, and containers with process numbers of their own, which may all have one host name."""
    signs = [socket.gethostname()]
    try:
        signs += [Path("/proc/sys/kernel/random/boot_id").read_text(), str(Path("/proc/self/ns/pid").readlink())]
    except OSError:
        signs += [f"{uuid.getnode()}"]  # not Linux
    return hashlib.sha256("\n".join(signs).encode()).hexdigest()[:16]


def _process_lives(process: int) -> bool:
    if os.name != "posix":
        return True  # no way to ask without harm: the lease runs out
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
