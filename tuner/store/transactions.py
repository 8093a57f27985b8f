"""Runs every read and every write of a store as one transaction: the one place that waits for a database that is away.

Without a `Retry` each transaction is tried once, and its error is raised at once: right for whoever only reads.
With a `Retry`, which the process that runs a study has, a transaction that met a passing fault is run again. Actions
must therefore be fit to run twice: the answer to a commit may be lost after the commit was done.
No error shows SQL, a password or the query string of an address.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa

from tuner.errors import LeaseLostError, TryAgainError, TunerError
from tuner.store.engine import DatabaseFaultError, one_line_errors, writing
from tuner.store.retry import Retry

T = TypeVar("T")
Action = Callable[[sa.Connection], T]


class Transactions:
    """Transactions of one database.

    Once a transaction with a `Retry` failed for good (the database stayed away or is broken, the lease is lost), every
    later one fails at once with the same error, in whatever thread or library it comes up.

    Args:
        retry: How long a passing fault is waited for; None: not at all.
        on_lost: Called with the error that made `lost` true.
    """

    def __init__(
        self, engine: sa.Engine, retry: Retry | None = None, on_lost: Callable[[TunerError], None] = lambda error: None
    ) -> None:
        self.engine = engine
        self._writer = writing(engine)
        # Every query of a snapshot sees the database as it was at the first one. SQLite's transactions do so anyway.
        sqlite = engine.dialect.name == "sqlite"
        self._snapshot = engine if sqlite else engine.execution_options(isolation_level="REPEATABLE READ")
        self._retry, self._on_lost = retry, on_lost
        self.lost: TunerError | None = None
        """The error after which no transaction is tried any more; None: the database can be used."""

    def read(self, action: Action[T], *, snapshot: bool = False) -> T:
        """The result of an action that only reads.

        Args:
            snapshot: Whether all its queries must see the same moment.
        """
        return self._run(self._snapshot if snapshot else self.engine, action)

    def write(self, action: Action[T]) -> T:
        """The result of an action that writes: all of it is committed, or nothing; see `one_line_errors` for errors."""
        return self._run(self._writer, action)

    def _run(self, engine: sa.Engine, action: Action[T]) -> T:
        def once() -> T:
            with one_line_errors(engine.url), engine.begin() as connection:
                return action(connection)

        if self._retry is None:
            return once()
        if self.lost is not None:
            raise self.lost
        try:
            return self._retry(once)
        except (TryAgainError, DatabaseFaultError, LeaseLostError) as error:
            self.lost = error
            self._on_lost(error)
            raise
