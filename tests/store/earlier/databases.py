"""Databases as earlier commits of this project wrote them: a file per state of the tables, dumped from SQLite."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tuner.store.tables import UtcDateTime

STATES = sorted(file.stem for file in Path(__file__).parent.glob("*.sql"))


def write(url: str, state: str) -> None:
    """Make the empty database at `url` one of that state."""
    to = sa.make_url(url)
    dump = (Path(__file__).parent / f"{state}.sql").read_text()
    if to.get_backend_name() == "sqlite":
        Path(to.database or "").parent.mkdir(parents=True, exist_ok=True)
        _load(to.database or "", dump)
        return
    with tempfile.TemporaryDirectory() as folder:
        _load(f"{folder}/dumped.db", dump)
        _carry(sa.create_engine(f"sqlite:///{folder}/dumped.db"), sa.create_engine(to))


def rows(url: str) -> dict[str, list[dict[str, Any]]]:
    """All rows of our tables by table, in the order of their keys."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        found = {
            name: [dict(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key)).mappings()]
            for name, table in _reflected(engine).tables.items()
        }
    engine.dispose()
    return found


def _load(file: str, dump: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(dump)


def _carry(source: sa.Engine, target: sa.Engine) -> None:
    """The same tables and rows on another server, as SQLAlchemy would have made them there."""
    metadata = _reflected(source)
    with source.connect() as reading, target.begin() as writing:
        metadata.create_all(writing)
        for table in metadata.sorted_tables:
            for row in reading.execute(sa.select(table)).mappings():
                writing.execute(sa.insert(table), dict(row))
        # The next study's number comes from the server, which did not give those that are there.
        numbers = "pg_get_serial_sequence('tuner_studies', 'id')"
        writing.exec_driver_sql(f"SELECT setval({numbers}, (SELECT max(id) FROM tuner_studies))")
    source.dispose()
    target.dispose()


def _reflected(engine: sa.Engine) -> sa.MetaData:
    """Our tables as they are, with the types that the store gives to times and to JSON."""
    metadata = sa.MetaData()

    @sa.event.listens_for(metadata, "column_reflect")
    def _as_the_store_does(_inspector: object, _table: object, column: Any) -> None:
        if isinstance(column["type"], sa.DateTime):
            column["type"] = UtcDateTime()
        elif isinstance(column["type"], sa.JSON):
            column["type"] = sa.JSON(none_as_null=True)
        if engine.dialect.name == "sqlite" and isinstance(column["type"], sa.DOUBLE):
            column["type"] = sa.Double()

    metadata.reflect(engine, only=lambda name, _: name.startswith("tuner_"))
    return metadata
