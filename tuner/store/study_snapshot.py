"""Reads studies: their keys, their rows, and snapshots.

A snapshot has rows and the number of the last event that they include: a reader that continues with the events after
that number misses no event and sees none twice.
"""

from __future__ import annotations

import difflib
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from tuner.errors import UnknownStudyError
from tuner.events import TrialStatus
from tuner.store import lease as leases
from tuner.store import tables, trial_json
from tuner.store.log_watch import last_sequence
from tuner.store.rows import STATUS_MEANING, CurrentStatus, EpochRow, StudyRow, TrialRow, TrialTotals, current_status
from tuner.stored_spec import stored_spec

_LEFT_OUT: dict[str, Any] = {"architecture": None, "vital_signs": None}
"""Long columns, which readers request trial by trial."""
_COMPARED = 1_000
"""Names of studies that an unknown name is compared with: each comparison takes up to 0.1 ms."""


# Made once: to build a statement takes longer than to run it.
_ID = sa.select(tables.studies.c.id).where(tables.studies.c.name == sa.bindparam("name"))
_ID_LOCKED = _ID.with_for_update()  # FOR UPDATE where the database has it; SQLite's writers wait for each other anyway


class _Snapshot(BaseModel):
    model_config = ConfigDict(frozen=True)

    sequence: int = Field(description="Number of the last event that is included; 0: no event yet.")


class _StudySnapshot(_Snapshot):
    study: StudyRow
    epochs: list[EpochRow] = Field(description="Of the running trials, by trial and epoch.")
    read_at: datetime = Field(description="The database's time at which it was read.")
    _read_at_s: float = PrivateAttr(default_factory=time.monotonic)

    @property
    def now(self) -> datetime:
        """The database's time now, by this machine's monotonic clock since `read_at`."""
        return self.read_at + timedelta(seconds=time.monotonic() - self._read_at_s)


class StudySnapshot(_StudySnapshot):
    """One study with its trials."""

    trials: list[TrialRow] = Field(description="By number, without architecture and vital signs.")


class LiveSnapshot(_StudySnapshot):
    """One study with the rows of its running trials, the sums over all trials, and trials as JSON text."""

    running: list[TrialRow] = Field(description="By number, without architecture and vital signs.")
    totals: TrialTotals
    trials: list[str] = Field(description="The JSON objects of all trials, or of the running ones, by number.")


class StudySummary(_Snapshot):
    """One study of a list."""

    name: str
    status: CurrentStatus = Field(description=STATUS_MEANING)
    reason: str | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    total_trials: int = Field(description="Number of trials that the study shall train.")
    trials: dict[TrialStatus, int] = Field(description="Number of trials of each status.")
    cancel_requested_at: datetime | None = Field(description="When a cancel was requested; null: never.")
    best_trial_number: int | None
    best_objective: float | None
    note: str | None = Field(description="What people noted about it; null: nothing.")
    tags: tuple[str, ...] = Field(description="Its tags, in the order in which they were given.")


def study_id(connection: sa.Connection, name: str, *, lock: bool = False) -> int:
    """The key of a study; `lock` makes its other writers wait until the transaction ends."""
    key: int | None = connection.scalar(_ID_LOCKED if lock else _ID, {"name": name})
    if key is None:
        newest = sa.select(tables.studies.c.name).order_by(tables.studies.c.id.desc()).limit(_COMPARED)
        names = connection.scalars(newest).all()
        raise UnknownStudyError(f"unknown study {name!r}", remedy=_nearest(name, list(names)))
    return key


def study_query() -> sa.Select[Any]:
    """The query for studies whose result rows `study_row` takes."""
    return tables.rows(tables.studies).add_columns(leases.database_time.label("at"))


def study_row(columns: Mapping[Any, Any]) -> StudyRow:
    """The study of one result row of `study_query`. Its spec is read without today's rules for input."""
    values = dict(columns)
    alive = leases.is_alive(values["driver"], values.pop("lease"), values["heartbeat_at"], values.pop("at"))
    return StudyRow.model_validate(values | {"spec": stored_spec(values["spec"]), "alive": alive})


def _nearest(name: str, names: list[str]) -> str:
    if not names:
        return "the database has no studies yet"
    close = difflib.get_close_matches(name, names, n=1)
    return f"did you mean {close[0]!r}?" if close else "see `tuner list`"  # too many names for one line


def study_snapshot(connection: sa.Connection, study_id: int, study: StudyRow) -> StudySnapshot:
    """The snapshot of the study with this key and row. All queries of the transaction must see the same moment."""
    return StudySnapshot(**_shared(connection, study_id, study), trials=_trial_rows(connection, study_id))


def live_snapshot(
    connection: sa.Connection, study_id: int, study: StudyRow, columns: Sequence[str], *, only_running: bool
) -> LiveSnapshot:
    """As `study_snapshot`. Of trials that ended only their JSON is read, or nothing if `only_running`."""
    running = tables.trials.c.status == "running"
    query = trial_json.selected(columns).where(tables.trials.c.study_id == study_id)
    query = query.where(running) if only_running else query
    documents = connection.execute(query.order_by(tables.trials.c.trial_number)).all()
    return LiveSnapshot(
        **_shared(connection, study_id, study),
        running=_trial_rows(connection, study_id, running),
        totals=trial_totals(connection, [study.name])[study.name],
        trials=trial_json.as_objects(documents, columns),
    )


def _shared(connection: sa.Connection, study_id: int, study: StudyRow) -> dict[str, Any]:
    """The fields of every snapshot of a study."""
    return {
        "sequence": connection.scalar(sa.select(last_sequence()).where(tables.studies.c.id == study_id)) or 0,
        "study": study,
        "epochs": running_epochs(connection, study_id),
        "read_at": connection.execute(sa.select(leases.database_time)).scalar_one(),
    }


def _trial_rows(connection: sa.Connection, study_id: int, *conditions: sa.ColumnElement[bool]) -> list[TrialRow]:
    trials = tables.trials
    query = tables.rows(trials, *_LEFT_OUT).where(trials.c.study_id == study_id, *conditions)
    rows = connection.execute(query.order_by(trials.c.trial_number)).mappings().all()
    return [TrialRow.model_validate({**row, **_LEFT_OUT}) for row in rows]


def trial_totals(connection: sa.Connection, names: Sequence[str]) -> dict[str, TrialTotals]:
    """The sums over the trials of each of these studies."""
    studies, tallies = tables.studies.c, tables.tallies.c
    columns = (tallies.status, tallies.trials, tallies.timed, tallies.seconds, tallies.saved_s)
    query = sa.select(studies.name, *columns).where(
        tallies.study_id == studies.id, tallies.trials > 0, studies.name.in_(list(names))
    )
    found = {name: TrialTotals(counts={}, timed={}, seconds={}, saved_s={}) for name in names}
    for row in connection.execute(query).mappings():
        totals, status = found[row["name"]], row["status"]
        totals.counts[status], totals.timed[status] = row["trials"], row["timed"]
        totals.seconds[status] = row["seconds"]
        totals.saved_s[status] = row["saved_s"]
    if with_cancelled := [name for name in names if found[name].counts.get("cancelled")]:
        trials = tables.trials.c
        by_people = (trials.status == "cancelled") & trials.cancel_requested_at.is_not(None)
        counting = sa.select(studies.name, sa.func.count()).where(trials.study_id == studies.id, by_people)
        for name, number in connection.execute(counting.where(studies.name.in_(with_cancelled)).group_by(studies.name)):
            found[name] = found[name].model_copy(update={"cancelled_by_person": number})
    return found


def running_epochs(connection: sa.Connection, study_id: int) -> list[EpochRow]:
    """The epochs of the trials whose status is `running`, by trial and epoch."""
    epochs, trials = tables.epochs.c, tables.trials.c
    running = sa.select(trials.trial_number).where((trials.study_id == study_id) & (trials.status == "running"))
    query = tables.epoch_rows().where((epochs.study_id == study_id) & epochs.trial_number.in_(running))
    found = connection.execute(query.order_by(epochs.trial_number, epochs.epoch)).mappings()
    return [EpochRow.model_validate(dict(row)) for row in found]


def study_summaries(connection: sa.Connection) -> list[StudySummary]:
    """All studies, the newest first. The queries of the transaction must all see the same moment."""
    studies, tallies = tables.studies.c, tables.tallies.c
    counting = sa.select(tallies.study_id, tallies.status, tallies.trials).where(tallies.trials > 0)
    counts: dict[int, dict[TrialStatus, int]] = defaultdict(dict)
    for study_id, status, count in connection.execute(counting):
        counts[study_id][status] = count
    query = sa.select(
        *(studies.id, studies.name, studies.status, studies.reason, studies.created_at, studies.started_at),
        *(studies.completed_at, studies.cancel_requested_at, studies.best_trial_number, studies.best_objective),
        *(studies.driver, studies.lease, studies.heartbeat_at, studies.note, studies.tags),
        leases.database_time.label("at"),
        studies.spec["trials"].as_integer().label("total_trials"),
        last_sequence().label("sequence"),
    ).order_by(studies.created_at.desc(), studies.id.desc())
    return [_summary(dict(row), counts) for row in connection.execute(query).mappings()]


def _summary(row: dict[str, Any], counts: dict[int, dict[TrialStatus, int]]) -> StudySummary:
    alive = leases.is_alive(row.pop("driver"), row.pop("lease"), row.pop("heartbeat_at"), row.pop("at"))
    changed = {
        "status": current_status(row["status"], alive=alive),
        "sequence": row["sequence"] or 0,
        "trials": counts.get(row.pop("id"), {}),
        "tags": row["tags"] or (),
    }
    return StudySummary(**row | changed)
