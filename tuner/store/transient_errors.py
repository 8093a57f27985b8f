"""Separates database faults that may pass without a change from faults that a person must repair.

An unknown fault counts as passing: to try again for a while costs less than to lose a study.
"""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

_SQLITE_CODES = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,  # also how a full disk shows
    sqlite3.SQLITE_PROTOCOL,  # lost a race for the write-ahead log again and again
)
_SQL_STATES = ("08", "40", "53", "57P", "58", "55P03")
"""Classes of SQLSTATE: connection, transaction rolled back, resources such as a full disk, restart, system, lock."""
_PERMANENT = ("password", "authentication", "does not exist", "pg_hba", "permission denied", "certificate")
"""Words in the message of a connection that is refused for good; such an error has no SQLSTATE."""


def is_transient(error: DBAPIError) -> bool:
    """Returns whether the same call may succeed later without a change."""
    if error.connection_invalidated:
        return True
    if isinstance(error.orig, sqlite3.Error):
        # The low byte of an extended code is its primary code; an error of the driver itself has no code.
        return getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF in _SQLITE_CODES
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return str(state).startswith(_SQL_STATES)
    message = str(error.orig).lower()
    return isinstance(error, (OperationalError, InterfaceError)) and not any(sign in message for sign in _PERMANENT)
