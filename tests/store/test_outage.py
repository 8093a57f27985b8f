"""A database that goes away for a while: the driver of a study waits for it and writes every event once."""

from __future__ import annotations

import logging
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError

import tuner.store.store
from tests.store.samples import epoch, spec
from tuner.errors import FixInputError, TryAgainError, TunerError, UnknownStudyError
from tuner.events import StudyStatus
from tuner.store import DriverStore, Lease, Retry, Store, StoreQueries, TrialQueries
from tuner.store.engine import is_transient

ROOT = Path(tuner.store.store.__file__).parents[2]
LEASE = Lease("elsewhere:17", "another-machine/1")


@pytest.fixture
def store(plain_store: Store) -> Store:
    """The tests make the driver's store themselves."""
    return plain_store


@pytest.fixture
def failures() -> list[TunerError]:
    """Errors that the driver's store gave up on."""
    return []


@pytest.fixture
def driver(store: Store, failures: list[TunerError]) -> DriverStore:
    store.create_study(spec("a"), folder="/results/a")
    store.take_lease("a", LEASE)
    return DriverStore(store, Retry(), LEASE, failures.append)


class Faulty:
    """A database in front of which things go wrong: before the first statements, or once the commit is done."""

    def __init__(self, engine: sa.Engine) -> None:
        self.before: list[Exception] = []
        self.after_commit = 0
        sa.event.listen(engine, "begin", self._begin)
        self._dialect, self._do_commit = engine.dialect, engine.dialect.do_commit
        engine.dialect.do_commit = self._commit  # type: ignore[method-assign]

    def _begin(self, connection: sa.Connection) -> None:
        if self.before:
            raise self.before.pop(0)

    def _commit(self, connection: object) -> None:
        self._do_commit(connection)  # type: ignore[arg-type]
        if self.after_commit:
            self.after_commit -= 1
            raise DBAPIError.instance("COMMIT", None, locked(), sqlite3.Error, dialect=self._dialect)  # type: ignore[misc]


def locked() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return error


def damaged() -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError("database disk image is malformed")
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


def wrapped(error: Exception) -> DBAPIError:
    return OperationalError("SELECT 1", None, error)


@pytest.fixture
def faulty(store: Store) -> Iterator[Faulty]:
    made = Faulty(store._transactions.engine)
    yield made
    sa.event.remove(store._transactions.engine, "begin", made._begin)


def test_a_driver_waits_for_the_database_and_logs_when_it_is_away_and_back(
    driver: DriverStore, faulty: Faulty, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "tuner")
    faulty.before = [wrapped(locked()) for _ in range(3)]
    assert driver.append("a", epoch(1)) == 1
    assert (driver.read("a"), driver.lost) == ([(1, epoch(1))], None)
    first, last = caplog.messages
    assert first.startswith("trying again for up to 120 s: database ")
    assert "database is locked" in first
    assert last.startswith("the database is back after ")


READS: list[Callable[[Store], object]] = [
    *(lambda store: store.now(), lambda store: store.studies(), lambda store: store.study("a")),
    *(lambda store: store.read("a"), lambda store: store.last_sequence("a"), lambda store: store.log_ends()),
    *(lambda store: store.trials("a"), lambda store: store.epochs("a"), lambda store: store.jobs("a")),
    *(lambda store: store.study_snapshot("a"), lambda store: store.study_summaries()),
    *(lambda store: StoreQueries(store).studies(), lambda store: TrialQueries(store).page("a", ["trial_number"])),
    *(lambda store: StoreQueries(store).trial("a", 1), lambda store: StoreQueries(store).running_trials("a")),
    *(lambda store: StoreQueries(store).running_epochs("a"), lambda store: StoreQueries(store).outcomes("a")),
    *(lambda store: StoreQueries(store).architectures("a"), lambda store: StoreQueries(store).totals(["a"])),
    lambda store: StoreQueries(store).trial_counts(),
]
WRITES = [
    *(lambda store: store.create_study(spec("b"), folder="/b"), lambda store: store.take_lease("a", LEASE)),
    *(lambda store: store.update_spec("a", spec("a", trials=9)), lambda store: store.append("a", epoch(1))),
    *(lambda store: store.renew_lease("a", LEASE), lambda store: store.request_cancel("a")),
    *(lambda store: store.release_lease("a", LEASE), lambda store: store.delete_study("a")),
]
"""Each can be made after those before it."""


def test_every_read_and_write_of_a_driver_waits_and_those_of_others_fail_at_once(
    store: Store, driver: DriverStore, faulty: Faulty
) -> None:
    for call in READS + WRITES:
        faulty.before = [wrapped(locked())]
        with pytest.raises(TryAgainError, match="database is locked"):
            call(store)
        faulty.before = [wrapped(locked())]
        call(driver)
        assert (faulty.before, driver.lost) == ([], None)


def test_a_write_whose_commit_was_done_but_not_answered_succeeds(driver: DriverStore, faulty: Faulty) -> None:
    for call in WRITES:
        faulty.after_commit = 1
        call(driver)
        assert (faulty.after_commit, driver.lost) == (0, None)


def test_an_unknown_study_is_no_fault_of_the_database(driver: DriverStore, failures: list[TunerError]) -> None:
    with pytest.raises(UnknownStudyError):
        driver.study("b")
    assert (driver.lost, failures) == (None, [])
    assert driver.append("a", epoch(1)) == 1


def test_an_event_whose_commit_was_done_but_not_answered_is_written_once(driver: DriverStore, faulty: Faulty) -> None:
    driver.append("a", StudyStatus(status="running"))
    faulty.after_commit = 2
    assert driver.append("a", epoch(1)) == 2
    assert faulty.after_commit == 0, "both answers were lost"
    assert driver.append("a", epoch(1)) == 3, "the same event twice is two events"
    assert [number for number, _ in driver.read("a")] == [1, 2, 3]


def test_a_fault_that_a_person_must_repair_is_not_waited_for(
    driver: DriverStore, faulty: Faulty, failures: list[TunerError]
) -> None:
    faulty.before = [wrapped(damaged())]
    with pytest.raises(FixInputError, match="malformed") as error:
        driver.append("a", epoch(1))
    assert [driver.lost] == failures == [error.value]


def test_after_giving_up_every_call_fails_at_once_but_the_end_is_tried(
    store: Store, faulty: Faulty, failures: list[TunerError]
) -> None:
    store.create_study(spec("a"), folder="/results/a")
    store.take_lease("a", LEASE)
    driver = DriverStore(store, Retry(limit_s=0.01), LEASE, failures.append)
    faulty.before = [wrapped(locked()) for _ in range(100)]
    with pytest.raises(TryAgainError):
        driver.append("a", epoch(1))
    faulty.before = []
    for call in (lambda: driver.append("a", epoch(2)), lambda: driver.study("a")):
        with pytest.raises(TryAgainError, match="locked"):
            call()
    assert len(failures) == 1
    driver.append_end("a", StudyStatus(status="failed"))
    assert store.study("a").status == "failed"


def test_a_user_who_waits_for_the_end_shortens_the_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuner.store.transactions.HURRIED_S", 0.0)
    stopped = threading.Event()
    calls = []

    def away() -> None:
        calls.append(1)
        if len(calls) == 3:
            stopped.set()
        raise TryAgainError("away")

    with pytest.raises(TryAgainError):
        Retry(hurried=stopped.is_set)(away)
    assert len(calls) == 3


HOLDER = """
import sqlite3, sys
holder = sqlite3.connect(sys.argv[1], isolation_level=None)
holder.execute("BEGIN IMMEDIATE")
print("ready", flush=True)
sys.stdin.readline()
"""


def test_a_file_that_another_process_holds_for_longer_than_a_call_waits(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "tuner.db"
    with Store.open(f"sqlite:///{file}", lock_wait_s=0.02) as store:
        store.create_study(spec("a"), folder="/")
        store.take_lease("a", LEASE)
        holder = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        with holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "ready\n"
            told = threading.Event()

            class Tell(logging.Handler):
                def emit(self, record: logging.LogRecord) -> None:
                    told.set()

            handler = Tell()
            logging.getLogger("tuner.store").addHandler(handler)
            numbers: list[int] = []
            driver = DriverStore(store, Retry(), LEASE, lambda error: None)
            writer = threading.Thread(target=lambda: numbers.append(driver.append("a", epoch(1))))
            writer.start()
            assert told.wait(20), "it says that it waits"
            assert numbers == []
            holder.communicate("go\n")
            writer.join(20)
            logging.getLogger("tuner.store").removeHandler(handler)
        assert numbers == [1]


FILL = """
import resource, sys, threading
from tests.store.samples import epoch
from tests.store.test_outage import LEASE
from tuner.errors import TryAgainError
from tuner.store import DriverStore, Retry, Store
with Store.open(sys.argv[1]) as store:
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
    written = 0
    try:
        while True:
            written = store.append("a", epoch(1))
    except TryAgainError:
        free = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        threading.Timer(0.3, resource.setrlimit, (resource.RLIMIT_FSIZE, free)).start()
    assert DriverStore(store, Retry(), LEASE, print).append("a", epoch(2)) == written + 1
    assert len(store.read("a")) == written + 1
"""


def test_a_full_disk_is_waited_for_until_it_is_freed(tmp_path: Path) -> None:
    pytest.importorskip("resource")
    with Store.open(f"sqlite:///{tmp_path}/tuner.db") as store:
        store.create_study(spec("a"), folder="/")
        store.take_lease("a", LEASE)
    command = [sys.executable, "-c", FILL, f"sqlite:///{tmp_path}/tuner.db"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def server_said(text: str, state: str | None = None) -> DBAPIError:
    error = psycopg.OperationalError(text)
    error.sqlstate = state
    return wrapped(error)


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (wrapped(locked()), True),
        (wrapped(damaged()), False),
        (server_said("connection failed: Connection refused"), True),
        (server_said("FATAL:  the database system is starting up"), True),
        (server_said("FATAL:  sorry, too many clients already"), True),
        (server_said('FATAL:  password authentication failed for user "x"'), False),
        (server_said('FATAL:  database "x" does not exist'), False),
        (server_said("FATAL:  no pg_hba.conf entry for host"), False),
        (server_said("terminating connection due to administrator command", "57P01"), True),
        (server_said("could not extend file: No space left on device", "53100"), True),
        (server_said("deadlock detected", "40P01"), True),
        (server_said("permission denied for table tuner_studies", "42501"), False),
    ],
)
def test_passing_faults_are_separated_from_faults_that_a_person_must_repair(error: DBAPIError, passes: bool) -> None:
    assert is_transient(error) == passes
