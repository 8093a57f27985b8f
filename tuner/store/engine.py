"""SQLAlchemy engines for database addresses, and database errors as one line that a user can act on.

Any SQLAlchemy address works; SQLite (the default) is set up so that many processes can read while one writes.
No message of this module shows a password, the query string of an address, or SQL.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, InterfaceError, OperationalError

from tuner.errors import DatabaseAwayError, FixInputError
from tuner.store.sqlite_file import watch_file

BUSY_TIMEOUT_S = 30.0
_CONNECTION = {"connect_timeout": "10", "keepalives_idle": "10", "tcp_user_timeout": "20000"}
"""Defaults that an address may override: seconds until a server that does not answer counts as lost."""
_FORMS = "write sqlite:////folder/tuner.db or postgresql://user:password@host/name"
_SERVER_REMEDY = "check that the server runs and that address, user and password are right"
_FILE_REMEDIES = {
    "not a database": "choose another file, or move this one away",
    "malformed": "the file is damaged: restore a copy, or move it away",
    "full": "free space on its disk, then call again",
    "disk i/o": "check its disk and the space left on it, then call again",
    "readonly": "make the file and its folder writable",
    "locked": "another process is writing to it: call again when it has finished",
}

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


def open_engine(address: str, lock_wait_s: float | None = None, *, create: bool = True) -> sa.Engine:
    """The engine for a SQLAlchemy address. Connects to nothing yet.

    Args:
        lock_wait_s: Seconds that a call waits for a SQLite file that another process locked; None: BUSY_TIMEOUT_S.
        create: Whether a SQLite file that does not exist may be created; its folder is created at once.

    Raises:
        FixInputError: the address cannot be read, its driver is missing, or the folder cannot be created.
    """
    url = _parse(address)
    lock_wait_s = BUSY_TIMEOUT_S if lock_wait_s is None else lock_wait_s
    options: dict[str, Any] = {}
    if url.get_backend_name() == "sqlite":
        _prepare_file(url, create=create)
        options = {"connect_args": {"timeout": lock_wait_s}}
    else:
        options = {"pool_pre_ping": True}  # a server may restart while a long study runs
    try:
        engine = sa.create_engine(url, **options)
    except ImportError as error:
        remedy = "pip install 'tuner[postgres]'" if url.get_backend_name() == "postgresql" else "install it"
        raise FixInputError(f"the driver of {masked_address(url)} is missing: {error}", remedy=remedy) from None
    except (ArgumentError, ValueError, TypeError):
        raise FixInputError(f"unknown kind of database: {url.drivername}", remedy=_FORMS) from None
    if engine.dialect.name == "sqlite":
        _set_up_sqlite(engine, lock_wait_s)
        watch_file(engine, shown=masked_address(url), create=create)
    return engine


def writing(engine: sa.Engine) -> sa.Engine:
    """The same engine for transactions that write: on SQLite they take the write lock before they read anything."""
    return engine.execution_options(sqlite_begin="IMMEDIATE")


def masked_address(url: sa.URL) -> str:
    """The address as it may be shown: with *** instead of the password, and without the query string."""
    if url.get_backend_name() == "sqlite":
        return f"database {url.database}"
    return f"database {url.set(query={}).render_as_string()}"


class DatabaseFaultError(FixInputError):
    """Repair the database, its address or its permissions, then call again."""


@contextmanager
def one_line_errors(url: sa.URL) -> Iterator[None]:
    """Context manager that turns errors of the database driver into errors of one line.

    Raises:
        DatabaseAwayError: the fault may pass without a change, such as a locked file or a stopped server.
        DatabaseFaultError: any other fault.
        IntegrityError: a constraint of the tables is broken; callers expect it, so it is not changed.
    """
    try:
        yield
    except IntegrityError:
        raise
    except DBAPIError as error:
        message = " ".join(str(error.orig).split())
        for secret in _secrets(url):
            message = message.replace(secret, "***")
        # `from None`: the cause would show the statement with all its values, and the secrets that were just masked.
        kind = DatabaseAwayError if is_transient(error) else DatabaseFaultError
        raise kind(f"{masked_address(url)}: {message}", remedy=_remedy(url, message)) from None


def is_transient(error: DBAPIError) -> bool:
    """Returns whether the same call may succeed later without a change. An unknown fault counts as such."""
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


def _parse(address: str) -> sa.URL:
    try:
        url = sa.make_url(address)
    except (ArgumentError, ValueError):  # its message would repeat the address with its password
        raise FixInputError("the database address cannot be read", remedy=_FORMS) from None
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername == "postgresql+psycopg":
        url = url.update_query_dict({name: value for name, value in _CONNECTION.items() if name not in url.query})
    return url


def _prepare_file(url: sa.URL, *, create: bool) -> None:
    """Creates the folder of a SQLite file if asked; refuses an address that other processes could not share."""
    name = url.database
    if not name or ":memory:" in name or url.query.get("mode") == "memory":
        raise FixInputError(
            "a database in memory is lost at the end, and other processes cannot read it", remedy=_FORMS
        )
    if name.startswith("file:"):
        return  # SQLite's own URI form: SQLite itself checks it
    if url.query:
        options = ", ".join(sorted(url.query))
        raise FixInputError(f"{masked_address(url)}: unknown option after '?': {options}", remedy="remove it")
    if not create:
        return
    folder = Path(name).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FixInputError(
            f"cannot create the folder {folder}: {error.strerror}", remedy="choose a folder that you may write to"
        ) from None


def _set_up_sqlite(engine: sa.Engine, lock_wait_s: float) -> None:
    """Lets SQLAlchemy, not the driver, begin transactions, so that it can choose their kind (SQLAlchemy's recipe)."""

    @sa.event.listens_for(engine, "connect")
    def connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        _write_ahead(connection, lock_wait_s)
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA foreign_keys=ON")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        kind = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {kind}")


def _write_ahead(connection: sqlite3.Connection, lock_wait_s: float) -> None:
    """Switches the file to write-ahead logging. Waits while other processes do the same: SQLite itself would not."""
    until = time.monotonic() + lock_wait_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.02)


def _remedy(url: sa.URL, message: str) -> str:
    if url.get_backend_name() != "sqlite":
        return _SERVER_REMEDY
    found = (remedy for sign, remedy in _FILE_REMEDIES.items() if sign in message.lower())
    return next(found, "check that it is a file which you may read and write, in a folder that exists")


def _secrets(url: sa.URL) -> list[str]:
    """The passwords of an address: before the '@', and in the query string, where PostgreSQL takes them too."""
    in_query = [value for key, value in url.query.items() if "pass" in key.lower() and isinstance(value, str)]
    return [str(secret) for secret in (url.password, *in_query) if secret]
