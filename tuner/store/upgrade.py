"""Brings a database to the tables that this version of the tuner knows, whenever one is opened.

Promises: what an older tuner wrote is upgraded and read on, nothing of it is lost; of several processes that open it
at once, one upgrades it and the others wait; it is upgraded as a whole or not at all; a SQLite file is copied beside
itself first. A database that is up to date is only read, in less than a millisecond (SQLite) and without alembic, whose
import takes hundreds of times as long.

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
from tuner.store.engine import place, writing

log = logging.getLogger("tuner.store")

REVISIONS = ("0001", "0002", "0003", "0004")
"""All revisions, the oldest first: those of the files in `migrations/versions`, known without importing them."""
NEWEST = REVISIONS[-1]
VERSION_TABLE = "tuner_alembic_version"

_version = sa.Table(
    VERSION_TABLE,
    sa.MetaData(),  # alembic's, not one of ours: it would make the same
    sa.Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name=f"{VERSION_TABLE}_pkc"),
)
_ADVISORY_LOCK = 0x74756E6572  # "tuner": what our processes agree on to lock, on a server
_one_at_a_time = threading.Lock()
"""Alembic keeps what it is doing in its modules: two threads cannot use it at once."""


def bring_up_to_date(engine: sa.Engine) -> None:
    """Creates the tables of an empty database, upgrades those of an older one.

    Raises:
        FixInputError: a newer tuner wrote it, or a SQLite file cannot be copied. Nothing was changed.
    """
    with engine.begin() as connection:  # nobody who writes is waited for
        if _revision(connection) == NEWEST:
            return
    with _one_at_a_time, _alone(engine) as connection:
        revision = _revision(connection)
        if revision == NEWEST:
            return  # by another process, meanwhile
        if revision is None and not sa.inspect(connection).has_table(tables.studies.name):
            tables.metadata.create_all(connection)
            _version.create(connection, checkfirst=True)
            connection.execute(sa.insert(_version), {"version_num": NEWEST})
            return
        copy = _copied(connection) if connection.dialect.name == "sqlite" else None
        try:
            _run_revisions(connection)
        except BaseException:  # an interrupt too leaves the database as it was; it goes on
            if copy is not None:
                copy.unlink()
            raise
    kept = "" if copy is None else f"; as it was before: {copy}"
    log.warning("%s was of an older tuner and is upgraded%s", place(engine.url), kept)


def _revision(connection: sa.Connection) -> str | None:
    """Of the tables as they are; None: none are there, or they are older than revisions.

    Raises:
        FixInputError: a newer tuner wrote them.
    """
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    revision = connection.scalar(sa.select(_version.c.version_num))
    if revision is not None and revision not in REVISIONS:
        raise FixInputError(
            f"{place(connection.engine.url)} is of a newer tuner: its tables have revision {revision}, "
            f"this one knows them up to {NEWEST}",
            remedy="install the newer tuner here too, or name another database",
        )
    return revision


@contextmanager
def _alone(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One transaction, beside which no other process of ours upgrades the database."""
    with writing(engine).connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        try:
            if (
                sqlite
            ):  # before a transaction, or not at all: a table that is made anew must not take others' rows along
                connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
                yield connection
        finally:
            if sqlite:
                connection.connection.cursor().execute("PRAGMA foreign_keys=ON")


def _run_revisions(connection: sa.Connection) -> None:
    """What is missing up to the newest revision, within the transaction of the connection."""
    from alembic import command  # slow to import, and rarely needed
    from alembic.config import Config

    config = Config(attributes={"connection": connection, "version_table": VERSION_TABLE})
    config.set_main_option("script_location", "tuner.store:migrations")
    command.upgrade(config, "head")


def _copied(connection: sa.Connection) -> Path:
    """A copy of the SQLite file, beside it, as it stands in this transaction; whole or not at all.

    Raises:
        FixInputError: there is no room for it.
    """
    file = Path(connection.exec_driver_sql("PRAGMA database_list").first()[2])  # type: ignore[index]
    copy = file.with_name(f"{file.name}.{datetime.now(UTC):%Y%m%dT%H%M%S}.before-{NEWEST}")
    unfinished = copy.with_name(f"{copy.name}.unfinished")
    try:
        unfinished.touch()
        shutil.copymode(file, unfinished)  # before there is anything in it to read
        # A connection of its own: ours is in the middle of a transaction, which a copy would wait for.
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(unfinished)) as target:
            source.backup(target)
        unfinished.rename(copy)
    except (OSError, sqlite3.Error) as error:
        unfinished.unlink(missing_ok=True)
        raise FixInputError(
            f"database {file} is of an older tuner and cannot be copied before it is upgraded: {error}",
            remedy="make room beside it",
        ) from None
    return copy
