"""What the trials of a study come to, by status: kept with each event, so that telling it reads no trial.

Runs inside the transaction that changes a trial, whose writer holds the study's lock.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tuner.events import TrialStatus
from tuner.store.tables import tallies, trials


def status_of(connection: sa.Connection, key: dict[str, Any]) -> TrialStatus | None:
    """The status of the trial with this key (`study_id`, `trial_number`); None: it has no row yet."""
    status: TrialStatus | None = connection.scalar(_STATUS, key)
    return status


def count(connection: sa.Connection, study_id: int, before: TrialStatus | None, row: dict[str, Any]) -> None:
    """Count a trial as what its row says now.

    Args:
        before: Its status until now.
        row: `status`, `duration_seconds`, `accuracy` and `total_score` of the trial.
    """
    if before not in (None, "running"):  # it ended before, and what is best may have been its
        connection.execute(_FORGET, {"study_id": study_id})
        connection.execute(_RECOUNT, {"study_id": study_id})
        return
    if before == "running":  # it had come to nothing yet
        _add(connection, study_id, {"status": "running", "trials": -1})
    took = row["duration_seconds"] or 0.0
    _add(connection, study_id, row | {"trials": 1, "timed": int(took > 0), "seconds": max(0.0, took)})


def _add(connection: sa.Connection, study_id: int, more: dict[str, Any]) -> None:
    known = {"timed": 0, "seconds": 0.0, "accuracy": None, "total_score": None} | more
    names = ("status", "trials", "timed", "seconds", "accuracy", "total_score")
    values = {f"of_{name}": known[name] for name in names} | {"of_study_id": study_id}
    if connection.execute(_ADD, values).rowcount == 0:
        connection.execute(_INSERT, {"study_id": study_id} | {name: known[name] for name in names})


def _of(name: str) -> sa.BindParameter[Any]:
    return sa.bindparam(f"of_{name}", type_=tallies.c[name].type)


def _better(name: str) -> sa.ColumnElement[Any]:
    """The larger of two, of which either may be null."""
    now = tallies.c[name]
    return sa.case((sa.or_(now.is_(None), now < _of(name)), sa.func.coalesce(_of(name), now)), else_=now)


# Made once: to build a statement takes longer than to run it.
_STATUS = sa.select(trials.c.status).where(
    trials.c.study_id == sa.bindparam("study_id"), trials.c.trial_number == sa.bindparam("trial_number")
)
_ADD = (
    sa.update(tallies)
    .where(tallies.c.study_id == _of("study_id"), tallies.c.status == _of("status"))
    .values(
        {name: tallies.c[name] + _of(name) for name in ("trials", "timed", "seconds")}
        | {name: _better(name) for name in ("accuracy", "total_score")}
    )
)
_INSERT = sa.insert(tallies)
_FORGET = sa.delete(tallies).where(tallies.c.study_id == sa.bindparam("study_id"))
_timed = trials.c.duration_seconds > 0
_RECOUNT = sa.insert(tallies).from_select(
    [column.name for column in tallies.c],
    sa.select(
        *(trials.c.study_id, trials.c.status, sa.func.count()),
        sa.func.sum(sa.case((_timed, 1), else_=0)),
        sa.func.sum(sa.case((_timed, trials.c.duration_seconds), else_=0.0)),
        *(sa.func.max(trials.c.accuracy), sa.func.max(trials.c.total_score)),
    )
    .where(trials.c.study_id == sa.bindparam("study_id"))
    .group_by(trials.c.study_id, trials.c.status),
)
