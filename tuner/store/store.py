"""The store: studies and their logs, in one database.

Order: each study's events are numbered 1, 2, 3, ... without gaps, in the order of their appends, whoever appends.
All or nothing: an append is one transaction; readers see an event with everything it changed, or none of it.
Any number of processes and threads may use the same database; a `Store` may be shared by threads but not pickled or
used after a fork: open another one. Nothing is ever changed in the log, only a whole study is deleted.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tuner.errors import FixInputError, UnknownStudyError
from tuner.events import DurableEvent, TrialStatus, now
from tuner.spec import StudySpec
from tuner.store import lease as leases
from tuner.store import tables
from tuner.store.engine import open_engine, told_in_one_line, writing
from tuner.store.lease import Lease
from tuner.store.log_watch import LogEnd, LogWatch, heads, last_sequence
from tuner.store.projection import project
from tuner.store.rows import EpochRow, JobRow, StudyRow, TrialRow
from tuner.store.serialization import from_document, to_document
from tuner.store.study_snapshot import StudySnapshot, StudySummary, study_snapshot, study_summaries
from tuner.store.upgrade import bring_up_to_date


class Store:
    """All studies of one database. Made by `Store.open`; a context manager that closes.

    Every method raises FixInputError, in one line and with nothing written, when the database cannot be reached, read
    or written, and UnknownStudyError for a study that does not exist. What may pass by itself (a full disk, a file
    that is locked, a stopped server) is a TryAgainError; after one that came from a commit, it may have been written.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._writer = writing(engine)

    @classmethod
    def open(cls, url: str, *, lock_wait_s: float | None = None) -> Self:
        """The store at a SQLAlchemy address such as `sqlite:////folder/tuner.db` or `postgresql://user:password@host/name`.

        Creates what is missing: a SQLite file with its folder, and the tables. What an older tuner wrote is upgraded.

        Args:
            lock_wait_s: How long each call waits for a SQLite file that others write to; None: half a minute.

        Raises:
            FixInputError: the address is wrong, the database cannot be reached, read or written, or a newer tuner wrote
                it.
        """
        engine = open_engine(url, lock_wait_s)
        try:
            with told_in_one_line(engine.url):
                bring_up_to_date(engine)
        except BaseException:  # an interrupt too must leave no connection open; it goes on
            engine.dispose()
            raise
        return cls(engine)

    @property
    def url(self) -> str:
        """The database's address with its password, for others who keep tables there: never to be shown."""
        return self._engine.url.render_as_string(hide_password=False)

    def has_table(self, name: str) -> bool:
        """Return whether the database has a table of this name, of whatever program."""
        with self._read() as connection:
            return connection.dialect.has_table(connection, name)

    def close(self) -> None:
        """Closes all connections. Closing again does nothing."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def create_study(self, spec: StudySpec, *, folder: str) -> None:
        """Adds the study `spec.run_name`, whose files are in `folder`, with an empty log.

        Raises:
            FixInputError: a study of that name exists.
            ValueError: `spec.run_name` is None.
        """
        if spec.run_name is None:
            raise ValueError("a study needs a run_name before it is stored")
        row = {
            "name": spec.run_name,
            "status": "created",
            "spec": spec.model_dump(mode="json"),
            "folder": folder,
            "created_at": now(),
            "active_seconds": 0.0,
        }
        try:
            with self._write() as connection:
                connection.execute(sa.insert(tables.studies), row)
        except IntegrityError:
            name = spec.run_name
            raise FixInputError(
                f"study {name!r} exists already", remedy=f"choose another run_name, or `tuner resume {name}`"
            ) from None

    def update_spec(self, name: str, spec: StudySpec, *, folder: str | None = None) -> None:
        """Replaces the spec of study `name`, since a resume may ask for more trials, and the folder of its files.

        Args:
            folder: None: it stays.

        Raises:
            ValueError: `spec.run_name` is not `name`.
        """
        if spec.run_name != name:
            raise ValueError(f"the spec of study {name!r} has run_name {spec.run_name!r}")
        with self._write() as connection:
            here = tables.studies.c.id == _study_id(connection, name)
            changes = {"spec": spec.model_dump(mode="json")} | ({} if folder is None else {"folder": folder})
            connection.execute(sa.update(tables.studies).where(here), changes)

    def delete_study(self, name: str) -> None:
        """Deletes the study with its log, trials and epochs. Its folder stays."""
        with self._write() as connection:
            connection.execute(sa.delete(tables.studies).where(tables.studies.c.id == _study_id(connection, name)))

    def append(self, study_name: str, event: DurableEvent) -> int:
        """Writes one event to the end of the study's log, and what it changes to the other tables.

        Returns:
            The event's sequence number, from 1. When this returns, every reader sees the event.

        Raises:
            ValueError: a number of the event is not finite, or its time has no zone. Nothing was written.
        """
        return self._append(study_name, event, key=None, lease=None)

    def _append(self, study_name: str, event: DurableEvent, *, key: str | None, lease: Lease | None) -> int:
        """As `append`; an event whose key is in the log already is not written again.

        Raises:
            LeaseLostError: somebody else holds the study's lease. Nothing was written.
        """
        document = to_document(event)
        with self._write() as connection:
            study_id = _study_id(connection, study_name, lock=True)
            if lease is not None:
                leases.check(connection, study_name, lease)
            if key is not None:
                there: int | None = connection.scalar(_WRITTEN, {"study_id": study_id, "key": key})
                if there is not None:
                    return there
            number = (connection.scalar(_LAST, {"study_id": study_id}) or 0) + 1
            row = {"study_id": study_id, "sequence": number, "event": document, "key": key}
            connection.execute(_INTO_LOG, row)
            project(connection, study_id, event)
        return number

    def read(self, study_name: str, after: int = 0, limit: int | None = None) -> list[tuple[int, DurableEvent]]:
        """The study's events with a sequence number above `after`, in order, at most `limit` of them (None: all)."""
        log = tables.events.c
        with self._read() as connection:
            query = sa.select(log.sequence, log.event).where(log.study_id == _study_id(connection, study_name))
            found = connection.execute(query.where(log.sequence > after).order_by(log.sequence).limit(limit)).all()
        return [(number, from_document(document)) for number, document in found]

    def last_sequence(self, study_name: str) -> int:
        """The sequence number of the study's latest event; 0: there is none. While it stays, all rows do."""
        with self._read() as connection:
            here = tables.studies.c.id == _study_id(connection, study_name)
            return connection.scalar(sa.select(last_sequence()).where(here)) or 0

    def studies(self) -> list[StudyRow]:
        """All studies, the newest first."""
        newest_first = (tables.studies.c.created_at.desc(), tables.studies.c.id.desc())
        with self._read() as connection:
            found = connection.execute(_study_rows().order_by(*newest_first)).mappings().all()
        return [_study_row(row) for row in found]

    def study(self, name: str) -> StudyRow:
        """One study."""
        with self._read() as connection:
            here = tables.studies.c.id == _study_id(connection, name)
            return _study_row(connection.execute(_study_rows().where(here)).mappings().one())

    def study_snapshot(self, name: str) -> StudySnapshot:
        """One study as it stands after a certain event: rows and its number are of one moment."""
        with self._read_one_moment() as connection:
            study_id = _study_id(connection, name)
            row = connection.execute(_study_rows().where(tables.studies.c.id == study_id)).mappings().one()
            return study_snapshot(connection, study_id, _study_row(row))

    def study_summaries(self) -> list[StudySummary]:
        """All studies in brief, the newest first, each as it stands after a certain event."""
        with self._read_one_moment() as connection:
            return study_summaries(connection)

    def heads(self, names: Collection[str] | None = None) -> dict[str, LogEnd]:
        """Where the logs of these studies (None: of all) end; those that do not exist are left out."""
        with self._read() as connection:
            return heads(connection, names)

    def tail(self) -> LogWatch:
        """Tells when logs have grown, for one thread, which closes it."""
        return LogWatch(self._engine)

    def take_lease(self, name: str, lease: Lease) -> None:
        """Let the holder of `lease`, and nobody else, run the study. Taking the same lease again does nothing.

        Raises:
            FixInputError: another process runs the study.
        """
        with self._write() as connection:
            _study_id(connection, name)
            leases.take(connection, name, lease)

    def renew_lease(self, name: str, lease: Lease) -> None:
        """A sign of life from the holder, due every few seconds: see tuner.store.lease.LEASE_S.

        Raises:
            LeaseLostError: somebody else holds the lease by now.
        """
        with self._write() as connection:
            _study_id(connection, name)
            leases.check(connection, name, lease)
            leases.renew(connection, name, lease)

    def release_lease(self, name: str, lease: Lease) -> None:
        """The holder's run has ended. Does nothing if the lease was lost."""
        with self._write() as connection:
            _study_id(connection, name)
            leases.release(connection, name, lease)

    def request_cancel(self, name: str) -> bool:
        """Ask the process that runs the study to stop; False: none does, and nothing was written."""
        with self._write() as connection:
            _study_id(connection, name)
            return leases.request_cancel(connection, name)

    def cancel_requested(self, name: str, lease: Lease) -> bool:
        """Whether the holder was asked to stop since it took the lease.

        Raises:
            LeaseLostError: somebody else holds the lease by now.
        """
        with self._read() as connection:
            _study_id(connection, name)
            return leases.check(connection, name, lease)

    def trials(self, study_name: str) -> list[TrialRow]:
        """The study's trials by number, each as it stands."""
        trials = tables.trials.c
        with self._read() as connection:
            query = tables.rows(tables.trials).where(trials.study_id == _study_id(connection, study_name))
            found = connection.execute(query.order_by(trials.trial_number)).mappings().all()
        return [TrialRow.model_validate(dict(row)) for row in found]

    def counts(self) -> dict[str, dict[TrialStatus, int]]:
        """Of each study that has any, how many trials there are of each status."""
        studies, tallies = tables.studies.c, tables.tallies.c
        query = sa.select(studies.name, tallies.status, tallies.trials).where(
            tallies.study_id == studies.id, tallies.trials > 0
        )
        found: dict[str, dict[TrialStatus, int]] = defaultdict(dict)
        with self._read() as connection:
            for name, status, count in connection.execute(query):
                found[name][status] = count
        return dict(found)

    def epochs(self, study_name: str, trial_number: int | None = None) -> list[EpochRow]:
        """The epochs of one trial (None: of all) by trial and epoch; of a trial that ran again, the latest run's."""
        epochs = tables.epochs.c
        with self._read() as connection:
            query = tables.rows(tables.epochs).where(epochs.study_id == _study_id(connection, study_name))
            if trial_number is not None:
                query = query.where(epochs.trial_number == trial_number)
            found = connection.execute(query.order_by(epochs.trial_number, epochs.epoch)).mappings().all()
        return [EpochRow.model_validate(dict(row)) for row in found]

    def jobs(self, study_name: str) -> list[JobRow]:
        """The jobs of the study's trials on RunPod that have ended, by trial and time."""
        jobs = tables.jobs.c
        with self._read() as connection:
            query = tables.rows(tables.jobs).where(jobs.study_id == _study_id(connection, study_name))
            found = connection.execute(query.order_by(jobs.trial_number, jobs.time, jobs.job_id)).mappings().all()
        return [JobRow.model_validate(dict(row)) for row in found]

    @contextmanager
    def _read(self) -> Iterator[sa.Connection]:
        with told_in_one_line(self._engine.url), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _read_one_moment(self) -> Iterator[sa.Connection]:
        """Every query sees the database as it was at the first one. SQLite's transactions do so anyway."""
        other = self._engine.dialect.name != "sqlite"
        engine = self._engine.execution_options(isolation_level="REPEATABLE READ") if other else self._engine
        with told_in_one_line(self._engine.url), engine.begin() as connection:
            yield connection

    @contextmanager
    def _write(self) -> Iterator[sa.Connection]:
        with told_in_one_line(self._engine.url), self._writer.begin() as connection:
            yield connection


def _study_rows() -> sa.Select[Any]:
    return tables.rows(tables.studies).add_columns(leases.database_time.label("at"))


def _study_row(found: Mapping[Any, Any]) -> StudyRow:
    values = dict(found)
    at, lease = values.pop("at"), values.pop("lease")
    alive = leases.is_alive(values["driver"], lease, values["heartbeat_at"], at)
    return StudyRow.model_validate(values | {"alive": alive})


def _study_id(connection: sa.Connection, name: str, *, lock: bool = False) -> int:
    """The study's key; `lock` keeps other writers of this study waiting to the end of the transaction."""
    study_id: int | None = connection.scalar(_ID_LOCKED if lock else _ID, {"name": name})
    if study_id is None:
        names = connection.scalars(sa.select(tables.studies.c.name)).all()
        raise UnknownStudyError(f"unknown study {name!r}", remedy=_nearest(name, list(names)))
    return study_id


# What every event needs, made once: to build a statement takes longer than to run it.
_ID = sa.select(tables.studies.c.id).where(tables.studies.c.name == sa.bindparam("name"))
# FOR UPDATE where the database has it; SQLite's writers wait for each other already
_ID_LOCKED = _ID.with_for_update()
_log = tables.events.c
_WRITTEN = sa.select(_log.sequence).where(_log.study_id == sa.bindparam("study_id"), _log.key == sa.bindparam("key"))
_LAST = sa.select(sa.func.max(_log.sequence)).where(_log.study_id == sa.bindparam("study_id"))
_INTO_LOG = sa.insert(tables.events)


def _nearest(name: str, names: list[str]) -> str:
    if not names:
        return "there are none yet"
    close = difflib.get_close_matches(name, names, n=1)
    return f"did you mean {close[0]!r}?" if close else "see `tuner list`"  # there may be thousands: not all in one line
