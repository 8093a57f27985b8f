"""The lease of a study: the claim of one process to run it, kept in the study's row.

Promises: at most one process holds a lease, since a conditional UPDATE decides who takes it; a process that lost its
lease learns so with its next write, which is refused. All times are the database's own, so the clocks of the machines
do not matter. A lease is lost after LEASE_S without renewal. On the machine of its process it is lost at once when the
process is gone, and after SILENT_S while the process exists: a database that is locked cannot be written to by anyone.
"""

from __future__ import annotations

import hashlib
import os
import socket
import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from tuner.errors import FixInputError, LeaseLostError
from tuner.store.tables import UtcDateTime, studies
from tuner.store.transactions import LIMIT_S

LEASE_S = 30.0
"""Seconds without renewal after which a lease is lost."""
SILENT_S = LEASE_S + LIMIT_S
"""The same if its process is seen to exist: it waits up to LIMIT_S for a database that it cannot write to."""


_ENDED = ("Z", "X")
"""States of a process that has ended and whose parent has not asked how; in a container it may stay so."""


class _DatabaseTime(sa.sql.expression.FunctionElement[datetime]):
    type = UtcDateTime()
    inherit_cache = True
    name = "database_time"


@compiles(_DatabaseTime)
def _on_a_server(*_: Any, **options: Any) -> str:
    return "CURRENT_TIMESTAMP"


@compiles(_DatabaseTime, "sqlite")
def _in_sqlite(*_: Any, **options: Any) -> str:
    return "strftime('%Y-%m-%d %H:%M:%f000', 'now')"  # CURRENT_TIMESTAMP has whole seconds there


database_time = _DatabaseTime()


@dataclass(frozen=True)
class Lease:
    """The claim of one run to a study."""

    driver: str
    """host:process, for people."""
    token: str
    """machine/run: unique per run."""

    @classmethod
    def new(cls) -> Self:
        return cls(f"{socket.gethostname()}:{os.getpid()}", f"{_machine()}/{uuid.uuid4().hex}")


def already_running(name: str, driver: str | None) -> FixInputError:
    """The error for a caller that wants to run a study which another process runs."""
    return FixInputError(
        f"study {name!r} is already running on {_described(driver)}", remedy=f"`tuner cancel {name}` stops it"
    )


def is_alive(driver: str | None, token: str | None, heartbeat_at: datetime | None, at: datetime) -> bool:
    """Returns whether a lease with these columns is held at the time `at` of the database."""
    if driver is None or token is None or heartbeat_at is None:
        return False
    silent_s = (at - heartbeat_at).total_seconds()
    if silent_s > SILENT_S:
        return False
    if not token.startswith(f"{_machine()}/"):
        return silent_s <= LEASE_S
    exists = _process_exists(int(driver.rpartition(":")[2]))
    return silent_s <= LEASE_S if exists is None else exists


def take(connection: sa.Connection, name: str, lease: Lease) -> None:
    """Take the lease of a study that no process runs; removes the cancel request of its last run."""
    row = _lease_columns(connection, name)
    if row.lease == lease.token:
        return  # an earlier try took it, and only the answer was lost
    if not is_alive(row.driver, row.lease, row.heartbeat_at, row.at):
        unchanged = studies.c.lease.is_not_distinct_from(row.lease) & studies.c.heartbeat_at.is_not_distinct_from(
            row.heartbeat_at
        )
        values = {"driver": lease.driver, "lease": lease.token, "heartbeat_at": row.at, "cancel_requested_at": None}
        changed = connection.execute(sa.update(studies).where((studies.c.name == name) & unchanged).values(values))
        if changed.rowcount:
            return
        row = _lease_columns(connection, name)
    raise already_running(name, row.driver)


def check(connection: sa.Connection, name: str, lease: Lease) -> bool:
    """Returns whether the holder of the lease was asked to stop. Raises LeaseLostError if the lease is lost."""
    row = _lease_columns(connection, name)
    if row.lease != lease.token:
        since_then = "has ended" if row.lease is None else f"is now running on {_described(row.driver)}"
        raise LeaseLostError(
            f"this process did not renew its lease for more than {LEASE_S:g} s, and study {name!r} {since_then}",
            remedy=f"see `tuner show {name}`",
        )
    return row.cancel_requested_at is not None


def renew(connection: sa.Connection, name: str, lease: Lease) -> None:
    values = {"heartbeat_at": _lease_columns(connection, name).at}
    connection.execute(sa.update(studies).where(_is_held(name, lease)).values(values))


def release(connection: sa.Connection, name: str, lease: Lease) -> None:
    """Give the lease back. Changes nothing if it is lost. The time of a cancel request stays in the row."""
    free = dict.fromkeys(("driver", "lease", "heartbeat_at"))
    connection.execute(sa.update(studies).where(_is_held(name, lease)).values(free))


def request_cancel(connection: sa.Connection, name: str) -> bool:
    """Ask the process that holds the lease to stop; returns whether there is one."""
    row = _lease_columns(connection, name)
    if not is_alive(row.driver, row.lease, row.heartbeat_at, row.at):
        return False
    same_run = (studies.c.name == name) & (studies.c.lease == row.lease)
    return bool(connection.execute(sa.update(studies).where(same_run).values(cancel_requested_at=row.at)).rowcount)


def _lease_columns(connection: sa.Connection, name: str) -> Any:
    return connection.execute(_LEASE_COLUMNS, {"name": name}).one()


_LEASE_COLUMNS = sa.select(
    *(studies.c[name] for name in ("driver", "lease", "heartbeat_at", "cancel_requested_at")), database_time.label("at")
).where(studies.c.name == sa.bindparam("name"))


def _is_held(name: str, lease: Lease) -> sa.ColumnElement[bool]:
    return (studies.c.name == name) & (studies.c.lease == lease.token)


def _described(driver: str | None) -> str:
    host, _, process = (driver or "another host:?").rpartition(":")
    return f"host {host}, process {process}"


def _machine() -> str:
    """Identifier of a machine or of a container with its own process numbers; several may share a host name."""
    signs = [socket.gethostname()]
    try:
        signs += [Path("/proc/sys/kernel/random/boot_id").read_text(), str(Path("/proc/self/ns/pid").readlink())]
    except OSError:
        signs += [f"{uuid.getnode()}"]  # not Linux
    return hashlib.sha256("\n".join(signs).encode()).hexdigest()[:16]


def _process_exists(process: int) -> bool | None:
    """Whether a process of this machine exists and has not ended; None: not known."""
    if os.name != "posix":
        return None  # no harmless way to ask: the lease runs out
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # a process of another user
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True  # not Linux
    return state not in _ENDED
