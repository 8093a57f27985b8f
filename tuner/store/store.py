"""The store: studies and their event logs, in one database.

Order: the events of each study are numbered 1, 2, 3, ... without gaps, in the order of their appends.
Atomicity: an append is one transaction; readers see an event with everything it changed, or none of it.
Any number of processes and threads may use the same database; threads may share a `Store`, but it cannot be pickled or
used after a fork. The log is never changed; only a whole study can be deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, Self, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tuner import events
from tuner.errors import FixInputError
from tuner.events import DurableEvent, durable_event
from tuner.spec import StudySpec
from tuner.store import lease as leases
from tuner.store import requests, tables
from tuner.store.engine import one_line_errors, open_engine
from tuner.store.lease import Lease
from tuner.store.log_watch import LogEnd, LogWatch, log_ends
from tuner.store.projection import project
from tuner.store.requests import StartRequest
from tuner.store.rows import EpochRow, JobRow, StudyRow, TrialRow
from tuner.store.serialization import to_document
from tuner.store.sqlite_file import address_of_existing, pin_file
from tuner.store.study_snapshot import (
    LiveSnapshot,
    StudySnapshot,
    StudySummary,
    live_snapshot,
    study_id,
    study_query,
    study_row,
    study_snapshot,
    study_summaries,
)
from tuner.store.transactions import Transactions
from tuner.store.upgrade import upgrade_database

T = TypeVar("T")
StudyAction = Callable[[sa.Connection, int], T]
"""Called within a transaction with the key of a study."""


class Store:
    """All studies of one database. Made by `Store.open`; a context manager that closes.

    Every method raises, in one line and with nothing written, UnknownStudyError for a study that does not exist,
    TryAgainError for a database that is away, locked or full (if that came from a commit, it may have been written),
    and FixInputError for a database that must be repaired.
    """

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._read, self._write = transactions.read, transactions.write

    @classmethod
    def open(cls, url: str, *, lock_wait_s: float | None = None, create: bool = True) -> Self:
        """The store at a SQLAlchemy address such as `sqlite:////folder/tuner.db` or `postgresql://user:password@host/name`.

        Creates tables that are missing and upgrades tables of an older tuner.

        Args:
            lock_wait_s: Seconds that a call waits for a SQLite file that another process locked; None: 30 s.
            create: Whether a missing SQLite file is created. Not for a study that exists: it may have been moved away.

        Raises:
            FixInputError: the address is wrong, the database cannot be used, or a newer tuner wrote it.
            TryAgainError: the database is away, locked or full; NoDatabaseError: its file does not exist.
        """
        engine = open_engine(url, lock_wait_s, create=create)
        try:
            with one_line_errors(engine.url):
                upgrade_database(engine)
                pin_file(engine)
        except BaseException:  # also after an interrupt no connection must stay open
            engine.dispose()
            raise
        return cls(Transactions(engine))

    @property
    def url(self) -> str:
        """The address with its password, never to be shown, for libraries with own tables, which create no file."""
        return address_of_existing(self._transactions.engine)

    def has_table(self, name: str) -> bool:
        """Return whether the database has a table of this name, of whatever program."""
        return self._read(lambda connection: sa.inspect(connection).has_table(name))

    def close(self) -> None:
        """Close all connections. Closing again does nothing."""
        self._transactions.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def now(self) -> datetime:
        """The time of the database, in UTC: heartbeats and cancel requests have this time."""
        return self._read(lambda connection: connection.execute(sa.select(leases.database_time)).scalar_one())

    def create_study(self, spec: StudySpec, *, folder: str, request: StartRequest | None = None) -> None:
        """Add the study `spec.run_name`, whose files are in `folder`, with an empty log.

        Raises FixInputError if a study with this name exists or `request` has started one, ValueError without a name.
        """
        name = spec.run_name
        if name is None:
            raise ValueError("a study needs a run_name before it is stored")
        row = {
            "name": name,
            "status": "created",
            "spec": spec.model_dump(mode="json"),
            "folder": folder,
            "created_at": events.now(),
            "active_seconds": 0.0,
        }

        def create(connection: sa.Connection) -> None:
            connection.execute(sa.insert(tables.studies), row)
            if request is not None:
                requests.remember(connection, study_id(connection, name), request)

        try:
            self._write(create)
        except IntegrityError:
            if request is not None and (other := self.study_of_request(request)) not in (None, name):
                raise FixInputError(f"the request has started study {other!r}") from None
            if self.study(name).created_at == row["created_at"]:
                return  # an earlier try wrote it, and only the answer was lost
            raise FixInputError(
                f"study {name!r} already exists", remedy=f"choose another run_name, or `tuner resume {name}`"
            ) from None

    def study_of_request(self, request: StartRequest) -> str | None:
        """The study that this request has started; None: none, or a deleted one. Raises OtherRequestError."""
        return self._read(lambda connection: requests.study_of(connection, request))

    def update_spec(self, name: str, spec: StudySpec, *, folder: str | None = None) -> None:
        """Replace the spec of study `name`, since a resume may ask for more trials, and its folder unless it is None.

        Raises:
            ValueError: `spec.run_name` is not `name`.
        """
        if spec.run_name != name:
            raise ValueError(f"the spec of study {name!r} has run_name {spec.run_name!r}")
        changes = {"spec": spec.model_dump(mode="json")} | ({} if folder is None else {"folder": folder})
        self._write_study(name, lambda connection, key: _update_study(connection, key, changes))

    def delete_study(self, name: str) -> None:
        """Delete the study with its log, trials and epochs. Its folder stays."""
        key = self._read_study(name, lambda connection, key: key)  # by its key, the deletion can be repeated
        delete = sa.delete(tables.studies).where(tables.studies.c.id == key)
        self._write(lambda connection: connection.execute(delete))

    def append(self, study_name: str, event: DurableEvent, *, spec: StudySpec | None = None) -> int:
        """Append one event to the study's log, and update the other tables.

        Args:
            spec: Replaces the study's spec at the same moment; None: it stays.

        Returns:
            The event's sequence number, from 1. When this returns, every reader sees the event.

        Raises:
            ValueError: a number of the event is not finite, or its time has no zone. Nothing was written.
        """
        return self._append(study_name, event, spec)

    def _append(
        self,
        name: str,
        event: DurableEvent,
        spec: StudySpec | None = None,
        key: str | None = None,
        lease: Lease | None = None,
        guard: StudyAction[None] | None = None,
    ) -> int:
        """As `append`, once per key. Raises LeaseLostError and writes nothing if another process holds the lease.

        Args:
            guard: Called first, in the same transaction; nothing is written if it raises.
        """
        document = to_document(event)

        def append(connection: sa.Connection, study_id: int) -> int:
            if lease is not None:
                leases.check(connection, name, lease)
            if guard is not None:
                guard(connection, study_id)
            if key is not None:
                written: int | None = connection.scalar(_WRITTEN, {"study_id": study_id, "key": key})
                if written is not None:
                    return written
            number: int = (connection.scalar(_LAST, {"study_id": study_id}) or 0) + 1
            row = {"study_id": study_id, "sequence": number, "event": document, "key": key}
            connection.execute(_INTO_LOG, row)
            project(connection, study_id, event)
            if spec is not None:
                _update_study(connection, study_id, {"spec": spec.model_dump(mode="json")})
            return number

        return self._write_study(name, append, lock=True)

    def read(self, study_name: str, after: int = 0, limit: int | None = None) -> list[tuple[int, DurableEvent]]:
        """The study's events with a sequence number above `after`, in order, at most `limit` of them (None: all)."""
        log = tables.events.c
        query = sa.select(log.sequence, log.event).where(log.sequence > after).order_by(log.sequence).limit(limit)
        found = self._rows(study_name, tables.events, query)
        return [(row["sequence"], durable_event.validate_python(row["event"])) for row in found]

    def last_sequence(self, study_name: str) -> int:
        """The sequence number of the study's latest event; 0: it has none. Rows change only together with it."""
        return self._read_study(study_name, lambda connection, key: connection.scalar(_LAST, {"study_id": key}) or 0)

    def studies(self) -> list[StudyRow]:
        query = study_query().order_by(tables.studies.c.created_at.desc(), tables.studies.c.id.desc())
        return [study_row(row) for row in self._read(lambda connection: connection.execute(query).mappings().all())]

    def study(self, name: str) -> StudyRow:
        return self._read_study(name, _study)

    def study_snapshot(self, name: str) -> StudySnapshot:
        """Return one study after its latest event; the rows and the number of the event are from the same moment."""

        def read(connection: sa.Connection, key: int) -> StudySnapshot:
            return study_snapshot(connection, key, _study(connection, key))

        return self._read_study(name, read, snapshot=True)

    def live_snapshot(self, name: str, columns: Sequence[str], *, only_running: bool) -> LiveSnapshot:
        """As `study_snapshot`, quick with any number of trials: their JSON comes from the database unparsed.

        Args:
            columns: The fields of this JSON, names of `trial_json.EXPRESSIONS`.
            only_running: Whether it has only the trials that run now.
        """

        def read(connection: sa.Connection, key: int) -> LiveSnapshot:
            return live_snapshot(connection, key, _study(connection, key), columns, only_running=only_running)

        return self._read_study(name, read, snapshot=True)

    def study_summaries(self) -> list[StudySummary]:
        """Summaries of all studies, the newest first, each with the number of its latest event at the same moment."""
        return self._read(study_summaries, snapshot=True)

    def log_ends(self, names: Collection[str] | None = None) -> dict[str, LogEnd]:
        """The ends of the logs of these studies (None: of all); studies that do not exist are left out."""
        return self._read(lambda connection: log_ends(connection, names))

    def watch_logs(self) -> LogWatch:
        """A watch on the ends of the logs, for one thread, which must close it."""
        return LogWatch(self._transactions.engine)

    def take_lease(self, name: str, lease: Lease) -> None:
        """Let the holder of `lease` run the study. Raises FixInputError if another process runs it."""
        self._write_study(name, lambda connection, _: leases.take(connection, name, lease))

    def renew_lease(self, name: str, lease: Lease) -> None:
        """Renew the lease, at least every LEASE_S seconds. Raises LeaseLostError if another process holds it."""

        def renew(connection: sa.Connection, _: int) -> None:
            leases.check(connection, name, lease)
            leases.renew(connection, name, lease)

        self._write_study(name, renew)

    def release_lease(self, name: str, lease: Lease) -> None:
        """Give the lease back at the end of a run. Does nothing if it was lost."""
        self._write_study(name, lambda connection, _: leases.release(connection, name, lease))

    def request_cancel(self, name: str) -> bool:
        """Ask the process that runs the study to stop; False: no process runs it, and nothing was written."""
        return self._write_study(name, lambda connection, _: leases.request_cancel(connection, name))

    def cancel_requested(self, name: str, lease: Lease) -> bool:
        """Returns whether the holder was asked to stop. Raises LeaseLostError if another process holds the lease."""
        return self._read_study(name, lambda connection, _: leases.check(connection, name, lease))

    def trials(self, study_name: str) -> list[TrialRow]:
        query = tables.rows(tables.trials).order_by(tables.trials.c.trial_number)
        return [TrialRow.model_validate(row) for row in self._rows(study_name, tables.trials, query)]

    def epochs(self, study_name: str, trial_number: int | None = None) -> list[EpochRow]:
        """The epochs of one trial (None: of all) by trial and epoch; of a trial that ran again, the latest run's."""
        epochs = tables.epochs.c
        query = tables.epoch_rows().order_by(epochs.trial_number, epochs.epoch)
        if trial_number is not None:
            query = query.where(epochs.trial_number == trial_number)
        return [EpochRow.model_validate(row) for row in self._rows(study_name, tables.epochs, query)]

    def jobs(self, study_name: str, trial_number: int | None = None) -> list[JobRow]:
        """The jobs of one trial (None: of all) on RunPod that have ended, by trial and time."""
        jobs = tables.jobs.c
        query = tables.rows(tables.jobs).order_by(jobs.trial_number, jobs.time, jobs.job_id)
        if trial_number is not None:
            query = query.where(jobs.trial_number == trial_number)
        return [JobRow.model_validate(row) for row in self._rows(study_name, tables.jobs, query)]

    def _rows(self, study_name: str, table: sa.Table, query: sa.Select[Any]) -> list[dict[str, Any]]:

        def read(connection: sa.Connection, key: int) -> list[dict[str, Any]]:
            return [dict(row) for row in connection.execute(query.where(table.c.study_id == key)).mappings()]

        return self._read_study(study_name, read)

    def _read_study(self, name: str, action: StudyAction[T], *, snapshot: bool = False) -> T:
        return self._read(lambda connection: action(connection, study_id(connection, name)), snapshot=snapshot)

    def _write_study(self, name: str, action: StudyAction[T], *, lock: bool = False) -> T:
        return self._write(lambda connection: action(connection, study_id(connection, name, lock=lock)))


def _study(connection: sa.Connection, key: int) -> StudyRow:
    return study_row(connection.execute(study_query().where(tables.studies.c.id == key)).mappings().one())


def _update_study(connection: sa.Connection, key: int, changes: dict[str, Any]) -> None:
    connection.execute(sa.update(tables.studies).where(tables.studies.c.id == key).values(changes))


# Made once: to build a statement takes longer than to run it.
_log = tables.events.c
_WRITTEN = sa.select(_log.sequence).where(_log.study_id == sa.bindparam("study_id"), _log.key == sa.bindparam("key"))
_LAST = sa.select(sa.func.max(_log.sequence)).where(_log.study_id == sa.bindparam("study_id"))
_INTO_LOG = sa.insert(tables.events)
