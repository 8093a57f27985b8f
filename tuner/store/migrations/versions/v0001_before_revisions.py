"""All that was added before databases knew their revision: each step is made where it is missing.

A database without a revision was written by any commit since the first. Missing values of its rows are computed from
the others; values that cannot be computed are left out (`values`), or 0 (`inference_ms`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_json = sa.JSON(none_as_null=True)
_time = sa.DateTime(timezone=True)
_PAGE = 1_000
"""Events that are read at once: a log may be longer than what memory holds."""

_JOBS = (
    sa.Column("study_id", sa.Integer, sa.ForeignKey("tuner_studies.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("trial_number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("job_id", sa.String(200), primary_key=True),
    sa.Column("status", sa.String(32), nullable=False),
    sa.Column("gpu", sa.Text),
    sa.Column("queued_s", sa.Double),
    sa.Column("billed_s", sa.Double, nullable=False),
    sa.Column("estimated", sa.Boolean, nullable=False),
    sa.Column("cost_usd", sa.Double),
    sa.Column("saved_s", sa.Double),
    sa.Column("time", _time, nullable=False),
)


def upgrade() -> None:
    paused = _add(
        "tuner_studies",
        sa.Column("running_since", _time),
        sa.Column("active_seconds", sa.Double, nullable=False, server_default="0"),
        sa.Column("driver", sa.String(300)),
        sa.Column("lease", sa.String(64)),
        sa.Column("heartbeat_at", _time),
        sa.Column("cancel_requested_at", _time),
    )
    added = _add(
        "tuner_trials",
        sa.Column("health_metrics", _json),
        sa.Column("vital_signs", _json),
        sa.Column("findings", _json),
        sa.Column("devices", _json),
        sa.Column("resources", _json),
        sa.Column("cause", sa.String(16)),
        sa.Column("values", _json, nullable=False, server_default="{}"),
        sa.Column("place", sa.String(16)),
        sa.Column("why_local", sa.Text),
        sa.Column("repeat", _json),
    )
    _add(
        "tuner_epochs",
        sa.Column("inference_ms", sa.Double, nullable=False, server_default="0"),
        sa.Column("health_metrics", _json),
        sa.Column("vital_signs", _json),
        sa.Column("findings", _json),
    )
    if "key" not in _columns("tuner_events"):
        # SQLite cannot add a constraint to a table, and alembic does not see that it comes when it adds the column.
        anew = op.get_bind().dialect.name == "sqlite"
        with op.batch_alter_table("tuner_events", recreate="always" if anew else "never") as events:
            events.add_column(sa.Column("key", sa.String(32)))
            events.create_unique_constraint("tuner_events_study_id_key_key", ["study_id", "key"])
    if not sa.inspect(op.get_bind()).has_table("tuner_jobs"):
        op.create_table("tuner_jobs", *_JOBS)
    if "active_seconds" in paused:
        _tell_how_long_studies_ran()
    if "values" in added:
        _tell_how_trials_ended()
        _complete_the_log()


def _columns(table: str) -> set[str]:
    return {column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)}


def _add(table: str, *columns: sa.Column[Any]) -> set[str]:
    """Adds those of the columns that are missing, and tells which. A default is for the rows that are there, alone."""
    there = _columns(table)
    missing = [column for column in columns if column.name not in there]
    with op.batch_alter_table(table) as batch:
        for column in missing:
            batch.add_column(column)
    filled = [column for column in missing if column.server_default is not None]
    if filled:
        with op.batch_alter_table(table) as batch:
            for column in filled:
                batch.alter_column(column.name, server_default=None)
    return {column.name for column in missing}


_studies = sa.table(
    "tuner_studies",
    *(sa.column(name, _time) for name in ("started_at", "completed_at", "running_since")),
    *(sa.column(name) for name in ("id", "status", "active_seconds")),
)
_trials = sa.table(
    "tuner_trials",
    *(sa.column(name, _json) for name in ("architecture", "performance", "values")),
    *(sa.column(name) for name in ("study_id", "trial_number", "status", "reason", "cause")),
)
_events = sa.table("tuner_events", sa.column("study_id"), sa.column("sequence"), sa.column("event", _json))


def _tell_how_long_studies_ran() -> None:
    """From their first start to their last end: pauses between were not noted down."""
    connection = op.get_bind()
    for study in connection.execute(sa.select(_studies)).all():
        here = sa.update(_studies).where(_studies.c.id == study.id)
        if study.status == "running":
            connection.execute(here.values(running_since=study.started_at))
        elif study.started_at is not None and study.completed_at is not None:
            ran: timedelta = study.completed_at - study.started_at
            connection.execute(here.values(active_seconds=ran.total_seconds()))


def _tell_how_trials_ended() -> None:
    connection = op.get_bind()
    for trial in connection.execute(sa.select(_trials).where(_trials.c.status != "running")).all():
        values = _values(trial.performance)
        if values and trial.architecture:
            values["parameter_count"] = trial.architecture["total_parameters"]
        here = (_trials.c.study_id == trial.study_id) & (_trials.c.trial_number == trial.trial_number)
        ended = {"cause": _cause(trial.status, trial.reason or ""), "values": values}
        connection.execute(sa.update(_trials).where(here).values(ended))


def _complete_the_log() -> None:
    """What events are now required to tell. It is the only time that a log is changed."""
    connection = op.get_bind()
    here = (_events.c.study_id == sa.bindparam("of")) & (_events.c.sequence == sa.bindparam("at"))
    change = sa.update(_events).where(here).values(event=sa.bindparam("told", type_=_json))
    for page in _pages():
        lacking = ((row, _lacking(row.event)) for row in page)
        changes = [{"of": row.study_id, "at": row.sequence, "told": row.event | more} for row, more in lacking if more]
        if changes:
            connection.execute(change, changes)


def _lacking(event: dict[str, Any]) -> dict[str, Any]:
    """What is to be added to an event."""
    match event["type"]:
        case "epoch_progress":
            return {"inference_ms": 0.0}
        case "trial_complete":
            return {"cause": _cause(event["status"], event["reason"]), "values": _values(event["performance"])}
        case _:
            return {}


def _pages() -> Iterator[Sequence[sa.Row[Any]]]:
    """All events, some at a time."""
    connection = op.get_bind()
    for study_id in connection.scalars(sa.select(_studies.c.id)).all():
        last = 0
        while page := connection.execute(
            sa.select(_events)
            .where((_events.c.study_id == study_id) & (_events.c.sequence > last))
            .order_by(_events.c.sequence)
            .limit(_PAGE)
        ).all():
            yield page
            last = page[-1].sequence


def _cause(status: str, reason: str) -> str:
    """Why a trial ended, from what was said to people."""
    match status:
        case "completed":
            return "early_stopping" if reason.startswith("early stopping") else "all_epochs"
        case "rejected":
            return "too_large"
        case "failed":
            return "worker_lost" if reason.startswith("its worker was lost") else "error"
        case "cancelled":
            signs = {"time budget": "time_budget", "target reached": "target_reached"}
            return next((cause for sign, cause in signs.items() if sign in reason), "cancelled")
        case _:  # pruned, diverged
            return status


def _values(performance: dict[str, float] | None) -> dict[str, float]:
    return {} if performance is None else {"val_accuracy": performance["accuracy"], "val_loss": performance["loss"]}
