"""What is done about drivers that died, by one supervisor or by two that know nothing of each other."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from serve_app.launching import supervisor as supervisor_module
from serve_app.launching.decide import ATTEMPTS, CANCEL_WITHIN_S, Decision, decide
from serve_app.launching.jobs import Job
from serve_app.launching.supervisor import Supervisor
from tests.serve_app.launching.conftest import ELSEWHERE
from tests.serve_app.launching.fakes import AwayJobs, FakeJobs
from tuner.events import StudyStatus
from tuner.settings import Settings
from tuner.spec import StudySpec
from tuner.store import Store
from tuner.study.driver import add


@pytest.fixture
def started(store: Store, settings: Settings, spec: StudySpec, jobs: FakeJobs) -> str:
    """A study whose driver has begun."""
    name = add(store, spec, settings)
    jobs.submit(Job.first(name, after=0, trials=3))
    store.append(name, StudyStatus(status="running"))
    return name


@pytest.fixture
def supervisor(store: Store, jobs: FakeJobs) -> Supervisor:
    return Supervisor(store, jobs)


def test_a_driver_that_lives_is_left_alone(supervisor: Supervisor, started: str, jobs: FakeJobs) -> None:
    supervisor.look()
    assert len(jobs.known) == 1


def test_a_driver_that_died_is_followed_by_another_that_goes_on(
    supervisor: Supervisor, started: str, jobs: FakeJobs
) -> None:
    died = jobs.of("s")
    jobs.end("s")
    supervisor.look()
    job = jobs.of("s")
    assert (job.run, job.attempt, job.after, job.trials, job.state) == (died.run, 2, 1, 3, "active")


def test_one_that_died_before_it_began_is_followed_too(
    supervisor: Supervisor, store: Store, settings: Settings, jobs: FakeJobs, spec: StudySpec
) -> None:
    jobs.submit(Job.first(add(store, spec, settings), after=0, trials=None))
    jobs.end("s")
    supervisor.look()
    assert jobs.of("s").attempt == 2


def test_two_supervisors_start_one_driver(store: Store, started: str, jobs: FakeJobs) -> None:
    jobs.end("s")
    before = FakeJobs()
    before.known = dict(jobs.known)
    jobs.latest = before.latest  # type: ignore[method-assign]  # both saw it before either acted
    for _ in range(2):
        Supervisor(store, jobs).look()
    assert len(jobs.known) == 2


def test_a_driver_that_dies_again_and_again_fails_the_study_with_the_reason(
    supervisor: Supervisor, started: str, store: Store, jobs: FakeJobs
) -> None:
    for _ in range(ATTEMPTS + 2):
        if jobs.of("s").state == "active":
            jobs.end("s")
        supervisor.look()
    assert len(jobs.known) == ATTEMPTS
    study = store.study("s")
    assert (study.status, study.reason) == ("failed", "its driver died 4 times, at last: killed by signal 9")
    assert [event.status for _, event in store.read("s")] == ["running", "failed"], "written once"


def test_a_driver_that_told_the_end_is_not_followed(
    supervisor: Supervisor, started: str, store: Store, jobs: FakeJobs
) -> None:
    store.append("s", StudyStatus(status="failed", reason="all trials failed"))
    jobs.end("s", said="exit code 1")
    supervisor.look()
    assert len(jobs.known) == 1
    assert store.study("s").reason == "all trials failed"


def test_a_lease_that_has_not_run_out_is_waited_for(
    supervisor: Supervisor, started: str, store: Store, jobs: FakeJobs
) -> None:
    store.take_lease("s", ELSEWHERE)
    jobs.end("s")
    supervisor.look()
    assert len(jobs.known) == 1
    store.release_lease("s", ELSEWHERE)
    supervisor.look()
    assert len(jobs.known) == 2


def test_a_job_that_somebody_stopped_is_a_study_that_was_cancelled(
    supervisor: Supervisor, started: str, store: Store, jobs: FakeJobs
) -> None:
    jobs.end("s", "stopped")
    supervisor.look()
    assert (store.study("s").status, store.study("s").reason) == ("cancelled", "its Ray job was stopped")
    assert len(jobs.known) == 1


def test_what_does_not_end_after_a_cancel_is_stopped_by_force(started: str, store: Store, jobs: FakeJobs) -> None:
    store.take_lease("s", ELSEWHERE)
    assert store.request_cancel("s")
    study, job = store.study("s"), jobs.of("s")
    assert study.cancel_requested_at is not None
    soon, late = (study.cancel_requested_at + timedelta(seconds=CANCEL_WITHIN_S + more) for more in (-1, 1))
    assert decide(study, job, ended=False, at=soon) == Decision.WAIT
    assert decide(study, job, ended=False, at=late) == Decision.STOP


def test_the_supervisor_compares_the_time_of_a_cancel_with_the_clock_of_the_database(
    supervisor: Supervisor, started: str, store: Store, jobs: FakeJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.take_lease("s", ELSEWHERE)
    store.request_cancel("s")
    supervisor.look()
    assert jobs.stopped == []
    later = store.now() + timedelta(seconds=CANCEL_WITHIN_S + 1)
    monkeypatch.setattr(store, "now", lambda: later)
    supervisor.look()
    assert jobs.stopped == [jobs.of("s").identifier]


def test_a_driver_that_died_after_a_cancel_request_is_not_followed_by_another(
    supervisor: Supervisor, started: str, store: Store, jobs: FakeJobs
) -> None:
    store.take_lease("s", ELSEWHERE)
    store.request_cancel("s")
    store.release_lease("s", ELSEWHERE)
    jobs.end("s")
    supervisor.look()
    assert len(jobs.known) == 1
    assert store.study("s").status == "cancelled"


def test_the_cancel_request_of_an_earlier_run_stops_no_later_one(
    supervisor: Supervisor, started: str, store: Store, jobs: FakeJobs
) -> None:
    store.take_lease("s", ELSEWHERE)
    store.request_cancel("s")
    store.append("s", StudyStatus(status="cancelled", time=store.now()))
    store.release_lease("s", ELSEWHERE)
    study, later = store.study("s"), store.now() + timedelta(seconds=CANCEL_WITHIN_S + 1)
    assert study.cancel_requested_at is not None
    jobs.submit(Job.first("s", store.last_sequence("s"), trials=None))
    assert decide(study, jobs.of("s"), ended=False, at=later) == Decision.WAIT, "its driver has not begun yet"
    jobs.end("s")
    supervisor.look()
    assert jobs.of("s").attempt == 2, "and one that died before it began is followed"


def test_a_study_that_was_deleted_is_nobodys_business(
    supervisor: Supervisor, started: str, store: Store, jobs: FakeJobs
) -> None:
    jobs.end("s")
    store.delete_study("s")
    supervisor.look()
    assert len(jobs.known) == 1


def test_it_goes_on_looking_while_ray_is_away(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    looks = []

    class Away(AwayJobs):
        def latest(self) -> list[Job]:
            looks.append(1)
            return super().latest()

    async def for_a_while() -> None:
        task = asyncio.create_task(Supervisor(store, Away()).run())
        while len(looks) < 3:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    monkeypatch.setattr(supervisor_module, "LOOK_S", 0)
    asyncio.run(for_a_while())
    assert "Ray does not tell its jobs" in caplog.text
