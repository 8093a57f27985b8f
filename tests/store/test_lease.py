"""Who runs a study: one process at a time, which others see, stop, and follow when it is gone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.store.samples import at, epoch, spec
from tests.store.test_log import Run, go, run
from tuner.errors import FixInputError, LeaseLostError, UnknownStudyError
from tuner.events import StudyStatus
from tuner.store import DriverStore, Lease, Retry, Store
from tuner.store.lease import LEASE_S, SILENT_S
from tuner.store.tables import studies
from tuner.store.transactions import LIMIT_S

__all__ = ["run"]  # a fixture

ELSEWHERE = Lease("elsewhere:17", "another-machine/1")
OTHER = Lease("other:18", "another-machine/2")


@pytest.fixture
def store(plain_store: Store) -> Store:
    """The tests take leases themselves."""
    return plain_store


@pytest.fixture(autouse=True)
def study(store: Store) -> str:
    store.create_study(spec("a"), folder="/results/a")
    store.append("a", StudyStatus(status="running", time=at(0)))
    return "a"


def silent_for(store: Store, seconds: float) -> None:
    """Puts the last sign of life into the past."""
    heartbeat_at = store.study("a").heartbeat_at
    assert heartbeat_at is not None
    silent = sa.update(studies).values(heartbeat_at=heartbeat_at - timedelta(seconds=seconds))
    store._write(lambda connection: connection.execute(silent))


def gone() -> Lease:
    """The lease of a process of this machine that is gone."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    mine = Lease.new()
    return Lease(f"{mine.driver.rpartition(':')[0]}:{process.pid}", mine.token)


def driver_store(store: Store, lease: Lease) -> DriverStore:
    return DriverStore(store, Retry(), lease, lambda error: None)


def test_whoever_runs_it_is_shown(store: Store) -> None:
    store.take_lease("a", ELSEWHERE)
    row = store.study("a")
    assert (row.driver, row.alive, row.current_status) == ("elsewhere:17", True, "running")
    assert store.studies() == [row]


def test_a_second_run_is_refused_in_one_line_and_changes_nothing(store: Store) -> None:
    store.take_lease("a", ELSEWHERE)
    before = store.study("a")
    with pytest.raises(FixInputError) as error:
        store.take_lease("a", OTHER)
    assert str(error.value) == (
        "study 'a' is already running on host elsewhere, process 17 - `tuner cancel a` stops it"
    )
    assert store.study("a") == before


def test_taking_it_again_is_no_second_run(store: Store) -> None:
    for _ in range(2):
        store.take_lease("a", ELSEWHERE)


def test_once_given_back_anybody_may_take_it(store: Store) -> None:
    store.take_lease("a", ELSEWHERE)
    store.release_lease("a", ELSEWHERE)
    row = store.study("a")
    assert (row.driver, row.heartbeat_at, row.alive, row.current_status) == (None, None, False, "interrupted")
    store.take_lease("a", OTHER)


def test_a_process_that_is_silent_for_too_long_is_lost(store: Store) -> None:
    store.take_lease("a", ELSEWHERE)
    silent_for(store, LEASE_S - 2)
    assert store.study("a").alive
    silent_for(store, 4)
    assert store.study("a").current_status == "interrupted"
    store.take_lease("a", OTHER)
    assert store.study("a").driver == "other:18"


def test_a_sign_of_life_keeps_it(store: Store) -> None:
    store.take_lease("a", ELSEWHERE)
    silent_for(store, LEASE_S + 2)
    store.renew_lease("a", ELSEWHERE)
    assert store.study("a").alive
    with pytest.raises(FixInputError, match="is already running"):
        store.take_lease("a", OTHER)


def test_a_process_of_this_machine_that_is_gone_is_lost_at_once(store: Store) -> None:
    store.take_lease("a", gone())
    assert not store.study("a").alive
    store.take_lease("a", OTHER)


def test_a_process_of_this_machine_that_has_ended_is_lost_also_before_its_parent_asks_for_its_end(store: Store) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    mine = Lease.new()
    store.take_lease("a", Lease(f"{mine.driver.rpartition(':')[0]}:{process.pid}", mine.token))
    assert not store.study("a").alive
    process.wait()


@pytest.mark.parametrize(("silent_s", "alive"), [(LEASE_S + 15, True), (LIMIT_S, True), (SILENT_S + 2, False)])
def test_a_process_of_this_machine_that_exists_is_given_the_time_that_it_waits_for_the_database(
    store: Store, silent_s: float, alive: bool
) -> None:
    store.take_lease("a", Lease.new())
    silent_for(store, silent_s)
    assert store.study("a").current_status == ("running" if alive else "interrupted")
    assert [summary.status for summary in store.study_summaries()] == [store.study("a").current_status]
    if alive:
        with pytest.raises(FixInputError, match="is already running"):
            store.take_lease("a", OTHER)
    else:
        store.take_lease("a", OTHER)


def test_where_processes_cannot_be_seen_a_lease_runs_out(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuner.store.lease._process_exists", lambda process: None)
    store.take_lease("a", Lease.new())
    assert store.study("a").alive
    silent_for(store, LEASE_S + 2)
    assert not store.study("a").alive


def test_the_same_process_number_on_another_machine_or_in_another_container_is_not_this_one(store: Store) -> None:
    store.take_lease("a", Lease(gone().driver, "another-machine/1"))
    assert store.study("a").alive


@pytest.mark.parametrize(
    "write",
    [
        lambda store: driver_store(store, ELSEWHERE).append("a", epoch(1)),
        lambda store: driver_store(store, ELSEWHERE).append_end("a", StudyStatus(status="failed")),
        lambda store: store.renew_lease("a", ELSEWHERE),
        lambda store: store.cancel_requested("a", ELSEWHERE),
    ],
)
def test_who_lost_it_learns_so_and_writes_nothing_more(store: Store, write: Callable[[Store], object]) -> None:
    store.take_lease("a", ELSEWHERE)
    silent_for(store, LEASE_S + 2)
    store.take_lease("a", OTHER)
    before = store.study("a"), store.read("a")
    with pytest.raises(LeaseLostError, match=r"study 'a' is now running on host other, process 18"):
        write(store)
    store.release_lease("a", ELSEWHERE)
    assert (store.study("a"), store.read("a")) == before


def test_a_request_reaches_the_process_that_runs_the_study(store: Store) -> None:
    store.take_lease("a", ELSEWHERE)
    assert not store.cancel_requested("a", ELSEWHERE)
    assert store.request_cancel("a")
    assert store.cancel_requested("a", ELSEWHERE)
    assert store.study("a").cancel_requested_at is not None


@pytest.mark.parametrize("lease", [None, gone()])
def test_where_nobody_listens_nothing_is_asked(store: Store, lease: Lease | None) -> None:
    if lease is not None:
        store.take_lease("a", lease)
    assert not store.request_cancel("a")
    assert store.study("a").cancel_requested_at is None


def test_a_request_is_still_known_after_the_study_has_ended(store: Store) -> None:
    store.take_lease("a", ELSEWHERE)
    store.request_cancel("a")
    assert store.study("a").cancel_pending
    store.append("a", StudyStatus(status="cancelled", time=store.now()))
    store.release_lease("a", ELSEWHERE)
    row = store.study("a")
    assert (row.cancel_requested_at is not None, row.cancel_pending) == (True, False)


def test_heartbeats_and_requests_have_the_time_of_the_database(store: Store) -> None:
    before = store.now()
    store.take_lease("a", ELSEWHERE)
    store.request_cancel("a")
    row, after = store.study("a"), store.now()
    assert row.heartbeat_at is not None
    assert row.cancel_requested_at is not None
    assert before <= row.heartbeat_at <= row.cancel_requested_at <= after
    assert after - before < timedelta(seconds=5)
    assert before.tzinfo is not None


def test_a_new_run_forgets_what_was_asked_of_the_last_one(store: Store) -> None:
    store.take_lease("a", ELSEWHERE)
    store.request_cancel("a")
    silent_for(store, LEASE_S + 2)
    store.take_lease("a", OTHER)
    assert not store.cancel_requested("a", OTHER)


def test_what_was_asked_while_a_run_prepares_is_not_forgotten_when_it_begins(store: Store) -> None:
    store.take_lease("a", ELSEWHERE)
    store.request_cancel("a")
    store.append("a", StudyStatus(status="running"))
    assert store.cancel_requested("a", ELSEWHERE)


@pytest.mark.parametrize("use", [
    lambda store: store.take_lease("b", OTHER),
    lambda store: store.renew_lease("b", OTHER),
    lambda store: store.request_cancel("b"),
    lambda store: store.cancel_requested("b", OTHER),
])  # fmt: skip
def test_a_lease_belongs_to_a_study(store: Store, use: Callable[[Store], object]) -> None:
    with pytest.raises(UnknownStudyError):
        use(store)


TAKER = """
import sys
from tuner.errors import FixInputError
from tuner.store import Lease, Store
with Store.open(sys.argv[1]) as store:
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        store.take_lease("a", Lease.new())
        print("won", flush=True)
        sys.stdin.readline()
    except FixInputError as error:
        print(error, flush=True)
"""


def test_of_processes_that_resume_at_the_same_moment_exactly_one_wins(store: Store, store_url: str, run: Run) -> None:
    store.take_lease("a", gone())
    takers = [run(TAKER, store_url) for _ in range(3)]
    go(*takers)
    said = [taker.stdout.readline() for taker in takers if taker.stdout is not None]
    (winner,) = [taker for taker, line in zip(takers, said, strict=True) if line == "won\n"]
    refusals = [line for line in said if line != "won\n"]
    assert len(refusals) == 2
    for line in refusals:
        assert f"process {winner.pid} - `tuner cancel a` stops it" in line
    assert store.study("a").driver == f"{Lease.new().driver.rpartition(':')[0]}:{winner.pid}"
