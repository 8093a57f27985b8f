"""Keeps the number and total duration of a study's trials by status, so that reading them reads no trial.

Runs inside the transaction that changes a trial, whose writer holds the study's lock.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tuner.events import TrialStatus
from tuner.store.tables import tallies, trials


def previous(connection: sa.Connection, key: dict[str, Any]) -> tuple[TrialStatus, float | None] | None:
    """Status and `duration_seconds` of the trial with this key (`study_id`, `trial_number`); None: it has no row."""
    row = connection.execute(_PREVIOUS, key).one_or_none()
    return None if row is None else (row.status, row.duration_seconds)


def count(connection: sa.Connection, study_id: int, status: TrialStatus, seconds: float | None, sign: int = 1) -> None:
    """Add one trial to the totals of its status.

    Args:
        seconds: Its duration; null or 0: it did not train.
        sign: -1 removes the trial from the totals.
    """
    seconds = max(0.0, seconds or 0.0)
    change = {"trials": sign, "timed": sign * (seconds > 0), "seconds": sign * seconds}
    values = {f"{_CHANGE}{name}": value for name, value in change.items()}
    key = {"study_id": study_id, "status": status}
    if connection.execute(_ADD, values | {f"{_CHANGE}{name}": value for name, value in key.items()}).rowcount == 0:
        connection.execute(_INSERT, key | change)


_CHANGE = "change_"
"""Separates the names of the changes from those of the columns."""


def _parameter(name: str) -> sa.BindParameter[Any]:
    return sa.bindparam(f"{_CHANGE}{name}", type_=tallies.c[name].type)


# Made once: to build a statement takes longer than to run it.
_PREVIOUS = sa.select(trials.c.status, trials.c.duration_seconds).where(
    trials.c.study_id == sa.bindparam("study_id"), trials.c.trial_number == sa.bindparam("trial_number")
)
_ADD = (
    sa.update(tallies)
    .where(tallies.c.study_id == _parameter("study_id"), tallies.c.status == _parameter("status"))
    .values({name: tallies.c[name] + _parameter(name) for name in ("trials", "timed", "seconds")})
)
_INSERT = sa.insert(tallies)
