"""What is done about drivers that died, by one supervisor or by two that know nothing of each other."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from types import SimpleNamespace

import pytest

from serve_app.launching import supervisor as supervisor_module
from serve_app.launching.jobs import Job
from serve_app.launching.supervisor import ATTEMPTS, CANCEL_WITHIN_S, Decision, Supervisor, decide
from tests.serve_app.launching.conftest import ELSEWHERE
from tests.serve_app.launching.fakes import AwayJobs, FakeJobs
from tuner.errors import FixInputError
from tuner.events import StudyStatus
from tuner.settings import Settings
from tuner.spec import StudySpec
from tuner.store import Store, StudyRow
from tuner.study.start import add


@pytest.fixture
def started(store: Store, settings: Settings, spec: StudySpec, jobs: FakeJobs) -> str:
    """A study whose driver has begun."""
    name = add(store, spec, settings)
    jobs.submit(Job.first(name, after=0))
    store.append(name, StudyStatus(status="running"))
    return name


@pytest.fixture
def supervisor(store: Store, jobs: FakeJobs) -> Supervisor:
    return Supervisor(store, jobs)


def test_a_living_driver_is_not_restarted(supervisor: Supervisor, started: str, jobs: FakeJobs) -> None:
    supervisor.look()
    assert len(jobs.known) == 1


def test_a_driver_that_died_is_followed_by_another_that_goes_on(
    supervisor: Supervisor, started: str, jobs: FakeJobs
) -> None:
    died = jobs.of("s")
    jobs.end("s")
    supervisor.look()
    job = jobs.of("s")
    assert (job.run, job.attempt, job.after, job.state) == (died.run, 2, 1, "active")


def test_one_that_died_before_it_began_is_followed_too(
    supervisor: Supervisor, store: Store, settings: Settings, jobs: FakeJobs, spec: StudySpec
) -> None:
    jobs.submit(Job.first(add(store, spec, settings), after=0))
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
    assert (study.status, study.reason) == ("failed", "its driver died 4 times, the last time: killed by signal 9")
    assert [event.status for _, event in store.read("s")] == ["running", "failed"], "written once"


def test_a_driver_that_told_the_end_is_not_followed(
    supervisor: Supervisor, started: str, store: Store, jobs: FakeJobs
) -> None:
    store.append("s", StudyStatus(status="failed", reason="all trials failed"))
    jobs.end("s", outcome="exit code 1")
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


@pytest.mark.parametrize(
    ("cancel_age_s", "decision"), [(0, Decision.WAIT), (CANCEL_WITHIN_S - 1, Decision.WAIT), (121, Decision.STOP)]
)
def test_the_job_of_a_study_that_does_not_end_in_time_is_stopped(
    started: str, store: Store, jobs: FakeJobs, cancel_age_s: float, decision: Decision
) -> None:
    assert decide(store.study("s"), jobs.of("s"), ended=False, cancel_age_s=cancel_age_s) == decision


def test_the_database_clock_does_not_matter_for_that(
    supervisor: Supervisor, started: str, store: Store, jobs: FakeJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock_s = [1000.0]
    monkeypatch.setattr(supervisor_module, "time", SimpleNamespace(monotonic=lambda: clock_s[0]))
    studies = type(store)
    of_database, an_hour = studies.study, timedelta(hours=1)  # the replica's clock is an hour ahead of the database's

    def study(self: Store, name: str) -> StudyRow:
        row = of_database(self, name)
        asked = row.cancel_requested_at
        return row.model_copy(update={"cancel_requested_at": asked and asked - an_hour})

    monkeypatch.setattr(studies, "study", study)
    store.take_lease("s", ELSEWHERE)
    store.request_cancel("s")
    supervisor.look()
    assert jobs.stopped == []
    clock_s[0] += CANCEL_WITHIN_S + 1
    supervisor.look()
    assert jobs.stopped == [jobs.of("s").identifier]


@pytest.mark.parametrize("error", [KeyError("x"), FixInputError("study 'a' runs already")])
def test_an_error_with_one_study_does_not_hide_the_later_ones(
    supervisor: Supervisor,
    store: Store,
    settings: Settings,
    jobs: FakeJobs,
    spec: StudySpec,
    error: Exception,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for name in ("a", "b"):
        add(store, spec.model_copy(update={"run_name": name}), settings)
        jobs.submit(Job.first(name, after=0))
        jobs.end(name)
    of_database = type(store).study

    def study(self: Store, name: str) -> StudyRow:
        if name == "a":
            raise error
        return of_database(self, name)

    monkeypatch.setattr(type(store), "study", study)
    for _ in range(2):
        supervisor.look()
    assert (jobs.of("a").attempt, jobs.of("b").attempt) == (1, 2)
    assert "study a" in caplog.text


def test_a_deleted_study_is_ignored(supervisor: Supervisor, started: str, store: Store, jobs: FakeJobs) -> None:
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
    assert "Ray does not list its jobs" in caplog.text


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
    supervisor: Supervisor, started: str, store: Store, jobs: FakeJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock_s = [1000.0]
    monkeypatch.setattr(supervisor_module, "time", SimpleNamespace(monotonic=lambda: clock_s[0]))
    store.take_lease("s", ELSEWHERE)
    store.request_cancel("s")
    store.append("s", StudyStatus(status="cancelled", time=store.now()))
    store.release_lease("s", ELSEWHERE)
    assert store.study("s").cancel_requested_at is not None
    jobs.submit(Job.first("s", store.last_sequence("s")))
    for _ in range(2):
        supervisor.look()
        clock_s[0] += CANCEL_WITHIN_S + 1
    assert jobs.stopped == [], "the driver of the new run has not begun yet"
    jobs.end("s")
    supervisor.look()
    assert jobs.of("s").attempt == 2
