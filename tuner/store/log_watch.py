"""Watches where the logs of studies end, for readers that follow logs as they grow.

Promises: after an append has returned, the next poll shows it. A poll reads no events, writes nothing and waits for no
lock. On SQLite a poll takes microseconds if nothing was written since the last one, so that it can run many times a
second next to a training; on other databases each poll is one short query.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from tuner.store import tables
from tuner.store.engine import one_line_errors
from tuner.store.sqlite_file import check_file


@dataclass(frozen=True)
class LogEnd:
    """The end of a study's log."""

    sequence: int
    """Number of its last event; 0: it has none yet."""
    created_at: datetime
    """Time at which the study was created: differs from that of a deleted study of the same name."""


class LogWatch:
    """Polls the ends of logs, for one thread. Made by `Store.watch_logs`; the thread closes it."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._connection: sa.Connection | None = None
        self._version: int | None = None

    def poll(self, names: Collection[str] | None = None) -> dict[str, LogEnd] | None:
        """The ends of the logs of these studies (None: of all), without studies that do not exist.

        Returns:
            None if nothing was written to the database since the last poll.

        Raises:
            TryAgainError, FixInputError: the database cannot be read; the next poll connects anew.
        """
        with one_line_errors(self._engine.url):
            try:
                check_file(self._engine)
                if self._connection is None:
                    self._connection = self._engine.connect()
                    self._version = None
                version = self._data_version()
                if version is not None and version == self._version:
                    return None
                with self._connection.begin():
                    found = log_ends(self._connection, names)
            except BaseException:
                self.close()
                raise
        self._version = version  # read before the logs: the next poll sees what is written meanwhile
        return found

    def reset(self) -> None:
        """Let the next poll return the ends even if nothing was written."""
        self._version = None

    def close(self) -> None:
        """Close the connection. Closing again does nothing; a further poll opens another connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _data_version(self) -> int | None:
        """A number that changes when another connection commits; None: the database has no such number."""
        assert self._connection is not None
        if self._engine.dialect.name != "sqlite":
            return None
        driver = self._connection.connection.driver_connection
        assert driver is not None
        # Asked without SQLAlchemy, since the number does not change within a transaction.
        version: int = driver.execute("PRAGMA data_version").fetchone()[0]
        return version


def log_ends(connection: sa.Connection, names: Collection[str] | None = None) -> dict[str, LogEnd]:
    """The ends of the logs of these studies (None: of all)."""
    studies = tables.studies.c
    query = sa.select(studies.name, last_sequence(), studies.created_at)
    if names is not None:
        query = query.where(studies.name.in_(list(names)))
    return {name: LogEnd(sequence or 0, created_at) for name, sequence, created_at in connection.execute(query)}


def last_sequence() -> sa.ScalarSelect[int | None]:
    """Subquery for the number of the last event of the study in the outer query; null: it has no events."""
    log = tables.events.c
    return sa.select(sa.func.max(log.sequence)).where(log.study_id == tables.studies.c.id).scalar_subquery()
