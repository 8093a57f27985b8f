"""Reads single rows of the table of studies: a study's key by its name, and its columns as a `StudyRow`."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from tuner.errors import UnknownStudyError
from tuner.store.lease import database_time, is_alive
from tuner.store.rows import StudyRow
from tuner.store.tables import rows, studies
from tuner.stored_spec import stored_spec

# Made once: to build a statement takes longer than to run it.
_ID = sa.select(studies.c.id).where(studies.c.name == sa.bindparam("name"))
_ID_LOCKED = _ID.with_for_update()  # FOR UPDATE where the database has it; SQLite's writers wait for each other anyway


def study_id(connection: sa.Connection, name: str, *, lock: bool = False) -> int:
    """The key of a study.

    Args:
        lock: Whether other writers of this study must wait until the transaction ends.

    Raises:
        UnknownStudyError: there is no study with this name.
    """
    key: int | None = connection.scalar(_ID_LOCKED if lock else _ID, {"name": name})
    if key is None:
        names = connection.scalars(sa.select(studies.c.name)).all()
        raise UnknownStudyError(f"unknown study {name!r}", remedy=_nearest(name, list(names)))
    return key


def study_query() -> sa.Select[Any]:
    """The query for studies whose result rows `study_row` takes."""
    return rows(studies).add_columns(database_time.label("at"))


def study_row(columns: Mapping[Any, Any]) -> StudyRow:
    """The study of one result row of `study_query`. Its spec is read without today's rules for input."""
    values = dict(columns)
    alive = is_alive(values["driver"], values.pop("lease"), values["heartbeat_at"], values.pop("at"))
    return StudyRow.model_validate(values | {"spec": stored_spec(values["spec"]), "alive": alive})


def _nearest(name: str, names: list[str]) -> str:
    if not names:
        return "the database has no studies yet"
    close = difflib.get_close_matches(name, names, n=1)
    return f"did you mean {close[0]!r}?" if close else "see `tuner list`"  # too many names for one line
