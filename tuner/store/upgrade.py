"""Creates or upgrades the tables of a database when it is opened.

Promises: data that an older tuner wrote is kept; if several processes open a database at once, one upgrades it and the
others wait; it is upgraded completely or not at all; a SQLite file is copied to its own folder first. A database that
is up to date is only read, in less than a millisecond (SQLite) and without the slow import of alembic.

The revisions are in `tuner.store.migrations`. Optuna has its own in the same database, in the table `alembic_version`.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from tuner.errors import FixInputError
from tuner.store import tables
from tuner.store.engine import masked_address, writing

log = logging.getLogger("tuner.store")

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011", "0012")
"""All revisions in `migrations/versions`, the oldest first, listed here so that opening need not import them."""
NEWEST = REVISIONS[-1]
VERSION_TABLE = "tuner_alembic_version"

_version = sa.Table(
    VERSION_TABLE,
    sa.MetaData(),  # not one of our tables: alembic would make the same
    sa.Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name=f"{VERSION_TABLE}_pkc"),
)
_ADVISORY_LOCK = 0x74756E6572  # "tuner": the key of the lock that our processes take on a server
_alembic_lock = threading.Lock()
"""Alembic keeps its state in modules: two threads cannot use it at once."""


def upgrade_database(engine: sa.Engine) -> None:
    """Create the tables of an empty database, or upgrade those of an older one.

    Raises:
        FixInputError: a newer tuner wrote it, or a SQLite file cannot be copied. Nothing was changed.
    """
    with engine.begin() as connection:  # without a wait for other writers
        if _revision(connection) == NEWEST:
            return
    with _alembic_lock, _alone(engine) as connection:
        revision = _revision(connection)
        if revision == NEWEST:
            return  # another process did it meanwhile
        if revision is None and not sa.inspect(connection).has_table(tables.studies.name):
            tables.metadata.create_all(connection)
            _version.create(connection, checkfirst=True)
            connection.execute(sa.insert(_version), {"version_num": NEWEST})
            return
        copy = _backup(connection) if connection.dialect.name == "sqlite" else None
        try:
            _run_revisions(connection)
        except BaseException:  # also after an interrupt the database is as before
            if copy is not None:
                copy.unlink()
            raise
    backup = "" if copy is None else f"; a copy of the old file is {copy}"
    log.warning("%s was written by an older tuner and is now upgraded%s", masked_address(engine.url), backup)


def _revision(connection: sa.Connection) -> str | None:
    """The revision of the tables; None: older than the first. Raises FixInputError if a newer tuner wrote them."""
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    revision = connection.scalar(sa.select(_version.c.version_num))
    if revision is not None and revision not in REVISIONS:
        raise FixInputError(
            f"{masked_address(connection.engine.url)} was written by a newer tuner: its tables have revision "
            f"{revision}, this tuner knows revisions up to {NEWEST}",
            remedy="install the newer tuner here too, or choose another database",
        )
    return revision


@contextmanager
def _alone(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Context manager for a transaction during which no other process upgrades the database."""
    with writing(engine).connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        try:
            if sqlite:  # only possible before a transaction; else a table that is rebuilt would delete rows of others
                connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
                yield connection
        finally:
            if sqlite:
                connection.connection.cursor().execute("PRAGMA foreign_keys=ON")


def _run_revisions(connection: sa.Connection) -> None:
    from alembic import command  # slow to import, and rarely needed
    from alembic.config import Config

    config = Config(attributes={"connection": connection, "version_table": VERSION_TABLE})
    config.set_main_option("script_location", "tuner.store:migrations")
    command.upgrade(config, "head")


def _backup(connection: sa.Connection) -> Path:
    """The new copy of this transaction's SQLite file, in its folder. Raises FixInputError if it cannot be written."""
    file = Path(connection.exec_driver_sql("PRAGMA database_list").first()[2])  # type: ignore[index]
    copy = file.with_name(f"{file.name}.{datetime.now(UTC):%Y%m%dT%H%M%S}.before-{NEWEST}")
    unfinished = copy.with_name(f"{copy.name}.unfinished")
    try:
        unfinished.touch()
        shutil.copymode(file, unfinished)  # before the file has content that others could read
        # A second connection, since the copy would wait for the transaction of ours.
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(unfinished)) as target:
            source.backup(target)
        unfinished.rename(copy)
    except (OSError, sqlite3.Error) as error:
        unfinished.unlink(missing_ok=True)
        raise FixInputError(
            f"database {file} was written by an older tuner and cannot be copied before its upgrade: {error}",
            remedy="free disk space in its folder",
        ) from None
    return copy
