"""Updates the tables that readers query (studies, trials, their totals, epochs, jobs) with each event.

Runs inside the transaction that appends the event, so no reader sees one without the other. An event that comes twice
or out of order overwrites earlier values and is never refused, since the log is the truth.
"""

from __future__ import annotations

from functools import cache
from typing import Any, assert_never

import sqlalchemy as sa

from tuner.events import (
    BaselineFitted,
    BestModel,
    DataRead,
    DurableEvent,
    EpochProgress,
    HealthAlert,
    NewBest,
    StudyChanged,
    StudyStatus,
    TrialBilled,
    TrialChanged,
    TrialComplete,
    TrialRepeated,
    TrialStart,
    TrialStatus,
)
from tuner.objectives import CLASS_SCORES
from tuner.store.tables import UtcDateTime, epochs, jobs, studies, tallies, trials


def project(connection: sa.Connection, study_id: int, event: DurableEvent) -> None:
    """Update the rows of study `study_id` with an event."""
    match event:
        case StudyStatus():
            _study_status(connection, study_id, event)
        case DataRead():
            read = event.model_dump(mode="json", include={"data", "space"})
            connection.execute(sa.update(studies).where(studies.c.id == study_id), read)
        case BaselineFitted():
            fitted = {"baseline": event.baseline.model_dump(mode="json")}
            connection.execute(sa.update(studies).where(studies.c.id == study_id), fitted)
        case TrialStart():
            _trial_start(connection, study_id, event)
        case EpochProgress():
            _epoch_progress(connection, study_id, event)
        case TrialComplete():
            _trial_complete(connection, study_id, event)
        case HealthAlert():
            pass  # the rows of its epoch and of its trial hold the finding
        case TrialBilled():
            key = _key(study_id, event) | {"job_id": event.job.job_id}
            _upsert(connection, jobs, key, event.job.model_dump(exclude={"job_id"}) | {"time": event.time})
        case TrialRepeated():
            repeat = {"repeat": event.repeat.model_dump(mode="json")}
            _update(connection, trials, _key(study_id, event), repeat)
        case NewBest():
            best = {  # the trial may still train: its own row has no performance until it ends
                "best_trial_number": event.trial_number,
                "best_objective": event.objective,
                "best_performance": event.performance.model_dump(mode="json"),
            }
            connection.execute(sa.update(studies).where(studies.c.id == study_id), best)
        case BestModel():
            tested = {"test_accuracy": event.test_accuracy, "test_loss": event.test_loss}
            connection.execute(sa.update(studies).where(studies.c.id == study_id), tested)
        case StudyChanged():
            columns = {_STUDY_COLUMNS.get(name, name): getattr(event, name) for name in event.changed}
            connection.execute(sa.update(studies).where(studies.c.id == study_id).values(columns))
        case TrialChanged():
            _update(connection, trials, _key(study_id, event), {name: getattr(event, name) for name in event.changed})
        case _:  # BatchProgress, for example, is ephemeral
            assert_never(event)


def _study_status(connection: sa.Connection, study_id: int, event: StudyStatus) -> None:
    here = studies.c.id == study_id
    changes: dict[str, Any] = {"status": event.status, "reason": event.reason}
    if event.status == "running":
        began = sa.func.coalesce(studies.c.started_at, sa.literal(event.time, UtcDateTime))
        changes |= {"started_at": began, "completed_at": None, "running_since": event.time}
    elif event.status == "created":  # a process will begin it soon
        changes |= {"completed_at": None, "running_since": None}
    else:
        since, before = connection.execute(
            sa.select(studies.c.running_since, studies.c.active_seconds).where(here)
        ).one()
        ran = (event.time - since).total_seconds() if since is not None else 0.0
        changes |= {"completed_at": event.time, "running_since": None, "active_seconds": before + ran}
    connection.execute(sa.update(studies).where(here).values(changes))


def _trial_start(connection: sa.Connection, study_id: int, event: TrialStart) -> None:
    # The trial starts anew or from a checkpoint: epochs that an earlier run trained after that point are void.
    connection.execute(_UNDO, _key(study_id, event) | {"done": event.resumed_from_epoch})
    values = {
        "status": "running",
        "started_at": event.time,
        "epochs_trained": event.resumed_from_epoch,
        **event.model_dump(mode="json", include=_STARTED),
    }
    outcome = (
        *("completed_at", "duration_seconds", "performance", "cause", "reason", "error", "objective", "best_epoch"),
        *("repeat", "resources", "stopped_by", "saved_s", *_HEALTH),
    )
    _put_trial(connection, _key(study_id, event), values | dict.fromkeys(outcome) | {"values": {}})


def _epoch_progress(connection: sa.Connection, study_id: int, event: EpochProgress) -> None:
    values = {
        "train_loss": event.train.loss,
        "train_accuracy": event.train.accuracy,
        "val_loss": event.validation.loss,
        "val_accuracy": event.validation.accuracy,
        "time": event.time,
        "summary": None,  # the event leaves it out if there is none
        **event.model_dump(mode="json", include=_MEASURED),
    }
    key = _key(study_id, event)
    _upsert(connection, epochs, key | {"epoch": event.epoch}, values)
    _update(connection, trials, key, {"epochs_trained": event.epoch})


def _trial_complete(connection: sa.Connection, study_id: int, event: TrialComplete) -> None:
    values = event.model_dump(mode="json", exclude=_NO_COLUMNS)
    values |= {"completed_at": event.time, "saved_s": event.saved_s}
    if event.suggested_by is None:  # of a trial that started, it is known already
        del values["suggested_by"]
    _put_trial(connection, _key(study_id, event), values)
    leads = (studies.c.id == study_id) & (studies.c.best_trial_number == event.trial_number)
    if event.performance is not None:  # a later epoch of the leader was as good, with a lower loss: no new lead
        final = {"best_performance": event.performance.model_dump(mode="json")}
        equal = leads & (studies.c.best_objective == event.objective)
        connection.execute(sa.update(studies).where(equal).values(final))
    if event.objective is None:  # it may have led while it ran, and then lost what it had reached
        none = dict.fromkeys(("best_trial_number", "best_objective", "best_performance"))
        connection.execute(sa.update(studies).where(leads).values(none))


def _put_trial(connection: sa.Connection, key: dict[str, Any], values: dict[str, Any]) -> None:
    before = connection.execute(_COUNTED, key).one_or_none()
    if before is None:
        connection.execute(_inserting(trials), key | values)
    else:
        _update(connection, trials, key, values)
        _count(connection, key["study_id"], *before, sign=-1)
    _count(connection, key["study_id"], values["status"], values["duration_seconds"], values["saved_s"])


def _count(
    connection: sa.Connection,
    study_id: int,
    status: TrialStatus,
    seconds: float | None,
    saved_s: float | None,
    sign: int = 1,
) -> None:
    """Add one trial to the totals of its status (sign -1: remove it), so that reading them reads no trial."""
    seconds = max(0.0, seconds or 0.0)
    change = {"trials": sign, "timed": sign * (seconds > 0), "seconds": sign * seconds}
    change["saved_s"] = sign * (saved_s or 0.0)
    values = {f"{_CHANGE}{name}": value for name, value in change.items()}
    key = {"study_id": study_id, "status": status}
    if (
        connection.execute(_ADD_TO_TALLY, values | {f"{_CHANGE}{name}": value for name, value in key.items()}).rowcount
        == 0
    ):
        connection.execute(_NEW_TALLY, key | change)


_HEALTH = ("health_metrics", "vital_signs", "findings")
_MEASURED = {"objective", *CLASS_SCORES, "duration_s", "inference_ms", "summary", *_HEALTH}
"""Fields of an epoch that are columns of its row."""
_STARTED = {"trial_id", "hyperparameters", "suggested_by", "architecture", "devices", "place", "why_local", "queued_s"}
"""Fields of a trial's start that are columns of its row."""
_NO_COLUMNS = {"type", "time", "trial_number", "cancelled_by_person"}
"""Fields of a trial's end that are not; all others are."""
_STUDY_COLUMNS = {"concurrent_workers": "workers"}
"""Columns whose names are not those of the fields of `StudyChanged`."""


def _key(
    study_id: int, event: TrialStart | EpochProgress | TrialComplete | TrialBilled | TrialRepeated | TrialChanged
) -> dict[str, Any]:
    return {"study_id": study_id, "trial_number": event.trial_number}


def _upsert(connection: sa.Connection, table: sa.Table, key: dict[str, Any], values: dict[str, Any]) -> None:
    """Update the row, or insert it. Safe on every database, since the writer holds the study's lock."""
    if _update(connection, table, key, values) == 0:
        connection.execute(_inserting(table), key | values)


def _update(connection: sa.Connection, table: sa.Table, key: dict[str, Any], values: dict[str, Any]) -> int:
    """Update the rows with this key; returns their number."""
    condition = {f"{_KEY}{name}": value for name, value in key.items()}
    return connection.execute(_updating(table, *key), condition | values).rowcount


_UNDO = sa.delete(epochs).where(
    epochs.c.study_id == sa.bindparam("study_id"),
    epochs.c.trial_number == sa.bindparam("trial_number"),
    epochs.c.epoch > sa.bindparam("done"),
)
_KEY = "key_"
"""Separates the names of the parameters of a condition from those of the columns that change."""

_CHANGE = "change_"
"""Separates the names of the changes from those of the columns."""


def _change(name: str) -> sa.BindParameter[Any]:
    return sa.bindparam(f"{_CHANGE}{name}", type_=tallies.c[name].type)


_COUNTED = sa.select(trials.c.status, trials.c.duration_seconds, trials.c.saved_s).where(
    trials.c.study_id == sa.bindparam("study_id"), trials.c.trial_number == sa.bindparam("trial_number")
)
_ADD_TO_TALLY = (
    sa.update(tallies)
    .where(tallies.c.study_id == _change("study_id"), tallies.c.status == _change("status"))
    .values({name: tallies.c[name] + _change(name) for name in ("trials", "timed", "seconds", "saved_s")})
)
_NEW_TALLY = sa.insert(tallies)


# Made once: to build a statement takes longer than to run it.
@cache
def _updating(table: sa.Table, *key: str) -> sa.Update:
    return sa.update(table).where(*(table.c[name] == sa.bindparam(f"{_KEY}{name}") for name in key))


@cache
def _inserting(table: sa.Table) -> sa.Insert:
    return sa.insert(table)
