"""Which faults of a database pass by themselves, and which somebody must mend.

What cannot be told apart counts as passing: to try again for a while costs less than a study.
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
_FOR_A_PERSON = ("password", "authentication", "does not exist", "pg_hba", "permission denied", "certificate")
"""Signs of a refused connection, which carries no SQLSTATE."""


def is_transient(error: DBAPIError) -> bool:
    """Whether the same call may succeed later, though nobody changes it."""
    if error.connection_invalidated:
        return True
    if isinstance(error.orig, sqlite3.Error):
        # An extended code holds its primary one in the low byte; a misuse of the driver has none.
        return getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF in _SQLITE_CODES
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return str(state).startswith(_SQL_STATES)
    said = str(error.orig).lower()
    return isinstance(error, (OperationalError, InterfaceError)) and not any(sign in said for sign in _FOR_A_PERSON)
