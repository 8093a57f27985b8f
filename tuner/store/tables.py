"""The tables. Their names begin with `tuner_`, since Optuna's own tables are in the same database.

`tuner_events` is the log. The other tables follow from it, except for a study's spec, folder, lease and request.
Column names are the field names of the rows in `tuner.store.rows`.
A change here needs a revision in `tuner.store.migrations`, which upgrades existing databases.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """A time with zone, always UTC. SQLite stores no zone: it is added on reading."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class AnyText(TypeDecorator[str]):
    """Text of any origin, such as a traceback: characters that a text column cannot hold are replaced.

    PostgreSQL refuses NUL, every driver refuses lone surrogates (undecodable file names). The log keeps both, escaped.
    """

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else value.replace("\0", "?").encode(errors="replace").decode()


metadata = sa.MetaData()
_json = sa.JSON(none_as_null=True)


def _study_id() -> sa.Column[int]:
    return sa.Column("study_id", sa.ForeignKey("tuner_studies.id", ondelete="CASCADE"), primary_key=True)


def _number(name: str) -> sa.Column[int]:
    """A part of a primary key whose numbers the store assigns, not the database."""
    return sa.Column(name, sa.Integer, primary_key=True, autoincrement=False)


studies = sa.Table(
    "tuner_studies",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(80), nullable=False, unique=True),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("reason", AnyText),
    sa.Column("spec", _json, nullable=False),
    sa.Column("folder", AnyText, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("started_at", UtcDateTime),
    sa.Column("completed_at", UtcDateTime),
    sa.Column("running_since", UtcDateTime),
    sa.Column("active_seconds", sa.Double, nullable=False),
    sa.Column("data", _json),
    sa.Column("baseline", _json),
    sa.Column("space", _json),
    sa.Column("best_trial_number", sa.Integer),
    sa.Column("best_objective", sa.Double),
    sa.Column("best_performance", _json),
    sa.Column("test_accuracy", sa.Double),
    sa.Column("test_loss", sa.Double),
    # What people changed after the start.
    sa.Column("note", AnyText),
    sa.Column("tags", _json),
    sa.Column("workers", sa.Integer),
    # The lease of the process that runs the study: see tuner.store.lease.
    sa.Column("driver", sa.String(300)),
    sa.Column("lease", sa.String(64)),
    sa.Column("heartbeat_at", UtcDateTime),
    sa.Column("cancel_requested_at", UtcDateTime),
)

trials = sa.Table(
    "tuner_trials",
    metadata,
    _study_id(),
    _number("trial_number"),
    sa.Column("trial_id", AnyText, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("started_at", UtcDateTime),
    sa.Column("completed_at", UtcDateTime),
    sa.Column("duration_seconds", sa.Double),
    sa.Column("hyperparameters", _json, nullable=False),
    sa.Column("suggested_by", sa.String(32)),
    sa.Column("architecture", _json),
    sa.Column("performance", _json),
    sa.Column("health_metrics", _json),
    sa.Column("vital_signs", _json),
    sa.Column("findings", _json),
    sa.Column("devices", _json),
    sa.Column("resources", _json),
    sa.Column("cause", sa.String(16)),
    sa.Column("reason", AnyText),
    sa.Column("error", AnyText),
    sa.Column("objective", sa.Double),
    sa.Column("values", _json, nullable=False),
    sa.Column("best_epoch", sa.Integer),
    sa.Column("epochs_trained", sa.Integer, nullable=False),
    sa.Column("place", sa.String(16)),
    sa.Column("why_local", AnyText),
    sa.Column("repeat", _json),
    sa.Column("queued_s", sa.Double),
    sa.Column("stopped_by", _json),
    sa.Column("saved_s", sa.Double),
    sa.Column("note", AnyText),
    sa.Column("starred", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("cancel_requested_at", UtcDateTime),
    sa.Index("tuner_trials_status", "study_id", "status"),
)

# For each status of a study's trials: their number, the number of those that trained, and the totals of their seconds
# and of the seconds that pruning saved.
tallies = sa.Table(
    "tuner_tallies",
    metadata,
    _study_id(),
    sa.Column("status", sa.String(16), primary_key=True),
    sa.Column("trials", sa.Integer, nullable=False),
    sa.Column("timed", sa.Integer, nullable=False),
    sa.Column("seconds", sa.Double, nullable=False),
    sa.Column("saved_s", sa.Double, nullable=False, server_default="0"),
)

# No foreign key to tuner_trials: an event of the log must always fit into the tables.
epochs = sa.Table(
    "tuner_epochs",
    metadata,
    _study_id(),
    _number("trial_number"),
    _number("epoch"),
    sa.Column("train_loss", sa.Double, nullable=False),
    sa.Column("train_accuracy", sa.Double, nullable=False),
    sa.Column("val_loss", sa.Double, nullable=False),
    sa.Column("val_accuracy", sa.Double, nullable=False),
    sa.Column("objective", sa.Double, nullable=False),
    sa.Column("duration_s", sa.Double, nullable=False),
    sa.Column("inference_ms", sa.Double, nullable=False),
    sa.Column("health_metrics", _json),
    sa.Column("vital_signs", _json),
    sa.Column("findings", _json),
    sa.Column("val_balanced_accuracy", sa.Double),
    sa.Column("val_macro_f1", sa.Double),
    # For figures of the training: not a part of EpochRow, since it is ten times as long as the rest.
    sa.Column("summary", _json),
    sa.Column("time", UtcDateTime, nullable=False),
)

# A bill may come without a row of its trial: the trial waited in the endpoint's queue and never began to train.
jobs = sa.Table(
    "tuner_jobs",
    metadata,
    _study_id(),
    _number("trial_number"),
    sa.Column("job_id", sa.String(200), primary_key=True),
    sa.Column("status", sa.String(32), nullable=False),
    sa.Column("gpu", AnyText),
    sa.Column("queued_s", sa.Double),
    sa.Column("billed_s", sa.Double, nullable=False),
    sa.Column("estimated", sa.Boolean, nullable=False),
    sa.Column("cost_usd", sa.Double),
    sa.Column("saved_s", sa.Double),
    sa.Column("time", UtcDateTime, nullable=False),
)

events = sa.Table(
    "tuner_events",
    metadata,
    _study_id(),
    _number("sequence"),
    sa.Column("event", _json, nullable=False),
    # A writer that may append an event again gives it a key, so that it is written once. Null: no second try.
    sa.Column("key", sa.String(32)),
    sa.UniqueConstraint("study_id", "key"),
)

# Requests that started a study and may be repeated: see tuner.store.requests.
requests = sa.Table(
    "tuner_requests",
    metadata,
    _study_id(),
    sa.Column("key", sa.String(200), nullable=False, unique=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),
)

_KEYS = {"id", "study_id"}


def rows(table: sa.Table, *left_out: str) -> sa.Select[tuple[Any, ...]]:
    """The query for all columns of a table except its keys and the columns that are left out."""
    return sa.select(*(column for column in table.c if column.name not in _KEYS.union(left_out)))


def epoch_rows() -> sa.Select[tuple[Any, ...]]:
    """The query for the columns of EpochRow."""
    return rows(epochs, "summary")
