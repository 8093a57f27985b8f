"""Runs every read and every write of a store as one transaction: the one place that waits for a database that is away.

Without a `Retry` each transaction is tried once, and its error is raised at once: right for whoever only reads.
With a `Retry`, which the process that runs a study has, a transaction that met a passing fault is run again. Actions
must therefore be fit to run twice: the answer to a commit may be lost after the commit was done.
No error shows SQL, a password or the query string of an address.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa

from tuner.errors import LeaseLostError, TryAgainError, TunerError
from tuner.store.engine import DatabaseFaultError, one_line_errors, writing

log = logging.getLogger("tuner.store")

LIMIT_S = 120.0
HURRIED_S = 15.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 2.0

T = TypeVar("T")
Action = Callable[[sa.Connection], T]


class Retry:
    """Calls an action until it raises no TryAgainError. Logs one line when the database goes away, one when it is back.

    Args:
        limit_s: Seconds after the first try until the error is raised.
        hurried: Returns whether a user waits for the end; from then on at most HURRIED_S are left.
    """

    def __init__(self, limit_s: float = LIMIT_S, hurried: Callable[[], bool] = lambda: False) -> None:
        self._limit_s, self._hurried = limit_s, hurried

    def __call__(self, action: Callable[[], T]) -> T:
        """The result of the action, which must be fit to run twice: its answer may be lost after it was done."""
        began = time.monotonic()
        until, pause_s, away = began + self._limit_s, _FIRST_PAUSE_S, False
        while True:
            try:
                result = action()
                break
            except TryAgainError as error:
                if self._hurried():
                    until = min(until, time.monotonic() + HURRIED_S)
                if time.monotonic() >= until:
                    raise
                if not away:
                    log.warning("trying again for up to %g s: %s", self._limit_s, error)
                away = True
            time.sleep(random.uniform(0, pause_s))
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        if away:
            log.info("the database is back after %.1f s", time.monotonic() - began)
        return result


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
