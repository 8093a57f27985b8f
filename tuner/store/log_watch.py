"""Tells who follows logs as they grow when to read them: how far each log goes, and that something was written at all.

Promises: after an append has returned, the next look tells of it. It never reads events, writes nothing, waits for
nobody. On SQLite a look at a database that nobody wrote to takes microseconds, so that it can be had many times a
second beside a training; elsewhere each look is one short query.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

import sqlalchemy as sa

from tuner.store import tables
from tuner.store.engine import told_in_one_line


@dataclass(frozen=True)
class LogEnd:
    """Where the log of a study ends."""

    sequence: int
    """Number of its last event; 0: there is none yet."""
    created_at: datetime
    """When the study was made: tells it from an earlier one of the same name that was deleted."""


class LogWatch:
    """A look at the logs, again and again, for one thread. Made by `Store.tail`; a context manager that closes."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._connection: sa.Connection | None = None
        self._version: int | None = None

    def look(self, names: Collection[str] | None = None) -> dict[str, LogEnd] | None:
        """Where the logs of these studies (None: of all) end, those that do not exist left out; None: nothing was
        written to the database since the last look.

        Raises:
            FixInputError: the database cannot be read; the next look connects anew.
        """
        with told_in_one_line(self._engine.url):
            try:
                if self._connection is None:
                    self._connection = self._engine.connect()
                    self._version = None
                version = self._data_version()
                if version is not None and version == self._version:
                    return None
                with self._connection.begin():
                    found = heads(self._connection, names)
            except BaseException:
                self.close()
                raise
        self._version = version  # read before the logs: what is written meanwhile is seen by the next look
        return found

    def forget(self) -> None:
        """The next look answers even if nothing was written."""
        self._version = None

    def close(self) -> None:
        """Closes the connection; closing again does nothing, and a further look opens another one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _data_version(self) -> int | None:
        """A number that changes when any other connection commits; None: the database has no such thing."""
        assert self._connection is not None
        if self._engine.dialect.name != "sqlite":
            return None
        driver = self._connection.connection.driver_connection
        assert driver is not None
        # Straight to the driver: within a transaction the number would stand still.
        version: int = driver.execute("PRAGMA data_version").fetchone()[0]
        return version


def heads(connection: sa.Connection, names: Collection[str] | None = None) -> dict[str, LogEnd]:
    """Where the logs of these studies (None: of all) end."""
    studies = tables.studies.c
    query = sa.select(studies.name, last_sequence(), studies.created_at)
    if names is not None:
        query = query.where(studies.name.in_(list(names)))
    return {name: LogEnd(sequence or 0, created_at) for name, sequence, created_at in connection.execute(query)}


def last_sequence() -> sa.ScalarSelect[int | None]:
    """The last number in the log of the study of the row; null: it has no events."""
    log = tables.events.c
    return sa.select(sa.func.max(log.sequence)).where(log.study_id == tables.studies.c.id).scalar_subquery()
