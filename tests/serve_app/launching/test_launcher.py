"""Studies as jobs: what starting, resuming, cancelling and deleting leave in the database and ask of Ray."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from serve_app.launching import launcher as launcher_module
from serve_app.launching.jobs import Job
from serve_app.launching.launcher import JobLauncher
from tests.serve_app.launching.conftest import ELSEWHERE
from tests.serve_app.launching.fakes import AwayJobs, FakeJobs
from tuner.errors import FixInputError, TryAgainError, UnknownStudyError
from tuner.events import StudyStatus
from tuner.settings import Settings
from tuner.spec import StudySpec, parse_study_spec
from tuner.store import OtherRequestError, StartRequest, Store
from tuner.study.cancellation import ended_since
from tuner.study.start import add


@pytest.fixture
def launcher(store: Store, settings: Settings, jobs: FakeJobs) -> JobLauncher:
    return JobLauncher(store, settings, jobs)


@pytest.fixture
def started(launcher: JobLauncher, spec: StudySpec) -> str:
    return launcher.start(spec)


@pytest.fixture
def ended(started: str, store: Store, jobs: FakeJobs) -> str:
    """A study that was cancelled after a while; its process is gone."""
    for status in ("running", "cancelled"):
        store.append(started, StudyStatus(status=status))
    jobs.end(started, outcome="exit code 0")
    return started


def runs(store: Store, name: str) -> None:
    """The driver has begun."""
    store.take_lease(name, ELSEWHERE)
    store.append(name, StudyStatus(status="running"))


class TestStart:
    def test_the_study_is_put_down_and_its_job_submitted(self, started: str, store: Store, jobs: FakeJobs) -> None:
        assert store.study("s").status == "created"
        job = jobs.of("s")
        assert (job.study, job.attempt, job.after, job.state) == ("s", 1, 0, "active")

    def test_the_job_goes_by_the_studys_name(self, started: str, jobs: FakeJobs) -> None:
        assert jobs.of("s").identifier.startswith("s.")

    def test_a_name_that_is_taken_submits_nothing(
        self, started: str, launcher: JobLauncher, spec: StudySpec, jobs: FakeJobs
    ) -> None:
        with pytest.raises(FixInputError, match="already exists"):
            launcher.start(spec)
        assert len(jobs.known) == 1

    def test_where_ray_takes_no_job_nothing_is_left(self, store: Store, settings: Settings, spec: StudySpec) -> None:
        with pytest.raises(TryAgainError, match="Ray does not accept a job"):
            JobLauncher(store, settings, AwayJobs()).start(spec)
        assert store.studies() == []
        assert not (settings.results_dir / "s").exists()


class TestRepeatedStart:
    """A request with a key, whose client did not get the answer and sends it again."""

    @pytest.fixture
    def request_(self, spec: StudySpec) -> StartRequest:
        return StartRequest.of("key", spec)

    def test_starts_one_study_with_one_job(
        self, launcher: JobLauncher, spec: StudySpec, request_: StartRequest, store: Store, jobs: FakeJobs
    ) -> None:
        assert [launcher.start(spec, request_) for _ in range(3)] == ["s"] * 3
        assert [study.name for study in store.studies()] == ["s"]
        assert len(jobs.known) == 1

    def test_at_another_replica_too(
        self, launcher: JobLauncher, spec: StudySpec, request_: StartRequest, settings: Settings, jobs: FakeJobs
    ) -> None:
        launcher.start(spec, request_)
        with Store.open(settings.store_url()) as store:
            assert JobLauncher(store, settings, jobs).start(spec, request_) == "s"
        assert len(jobs.known) == 1

    def test_without_a_name_starts_one_study(self, launcher: JobLauncher, store: Store) -> None:
        spec = parse_study_spec({"dataset": "digits"})
        names = {launcher.start(spec, StartRequest.of("key", spec)) for _ in range(3)}
        assert names == {study.name for study in store.studies()}
        assert len(names) == 1

    def test_submits_the_job_that_a_replica_died_before(
        self, spec: StudySpec, request_: StartRequest, store: Store, settings: Settings, jobs: FakeJobs
    ) -> None:
        add(store, spec, settings, request_)
        assert JobLauncher(store, settings, jobs).start(spec, request_) == "s"
        assert jobs.of("s").attempt == 1

    def test_starts_no_other_job_of_a_study_that_has_run(
        self, launcher: JobLauncher, spec: StudySpec, request_: StartRequest, store: Store, jobs: FakeJobs
    ) -> None:
        launcher.start(spec, request_)
        for status in ("running", "completed"):
            store.append("s", StudyStatus(status=status))
        jobs.known.clear()  # Ray was restarted
        assert launcher.start(spec, request_) == "s"
        assert jobs.known == {}

    def test_with_other_content_is_refused(self, launcher: JobLauncher, spec: StudySpec, store: Store) -> None:
        launcher.start(spec, StartRequest.of("key", spec))
        other = parse_study_spec({"run_name": "t"})
        with pytest.raises(OtherRequestError):
            launcher.start(other, StartRequest.of("key", other))
        assert [study.name for study in store.studies()] == ["s"]

    def test_begins_anew_where_ray_took_no_job(
        self, store: Store, settings: Settings, spec: StudySpec, request_: StartRequest, launcher: JobLauncher
    ) -> None:
        with pytest.raises(TryAgainError):
            JobLauncher(store, settings, AwayJobs()).start(spec, request_)
        assert launcher.start(spec, request_) == "s"


class TestResume:
    def test_a_new_run_begins_with_what_is_asked_for_now(
        self, ended: str, launcher: JobLauncher, jobs: FakeJobs
    ) -> None:
        before = jobs.of("s")
        launcher.resume("s", 5)
        job = jobs.of("s")
        assert job.run != before.run
        assert (job.attempt, job.after) == (1, 3)

    def test_what_was_accepted_is_in_the_database_when_it_returns(
        self, ended: str, launcher: JobLauncher, store: Store
    ) -> None:
        launcher.resume("s", 5)
        row = store.study("s")
        assert (row.status, row.reason, row.spec.trials) == ("created", "resumed; its process is starting", 5)
        assert (row.completed_at, row.alive) == (None, False)
        assert store.study_summaries()[0].total_trials == 5

    @pytest.mark.parametrize("interrupted", [False, True])
    def test_of_requests_at_once_one_is_accepted_and_its_numbers_stay(
        self, ended: str, launcher: JobLauncher, store: Store, jobs: FakeJobs, interrupted: bool
    ) -> None:
        if interrupted:
            store.append("s", StudyStatus(status="running"))
        begin, before = threading.Barrier(3), len(jobs.known)

        def resume(trials: int) -> int | str:
            begin.wait(20)
            try:
                launcher.resume("s", trials)
            except FixInputError as error:
                return str(error)
            return trials

        with ThreadPoolExecutor(3) as requests:
            answers = list(requests.map(resume, (5, 6, 7)))
        accepted = [answer for answer in answers if isinstance(answer, int)]
        assert len(accepted) == len(jobs.known) - before == 1, answers
        assert store.study("s").spec.trials == accepted[0]
        refused = [answer for answer in answers if isinstance(answer, str)]
        assert all("is starting already" in answer or "is already running" in answer for answer in refused)

    def test_while_ray_takes_no_job_the_study_is_as_it_was(
        self, ended: str, launcher: JobLauncher, store: Store, jobs: FakeJobs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(jobs, "submit", AwayJobs().submit)
        for _ in ("ended", "interrupted"):
            before = store.study("s")
            with pytest.raises(TryAgainError, match="Ray does not accept a job"):
                launcher.resume("s", 5)
            assert store.study("s") == before
            store.append("s", StudyStatus(status="running"))

    def test_a_cancel_that_comes_meanwhile_ends_it(
        self, ended: str, launcher: JobLauncher, store: Store, jobs: FakeJobs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        submit = jobs.submit

        def submit_while_another_request_cancels(job: Job) -> None:
            submit(job)
            launcher.cancel("s")

        monkeypatch.setattr(jobs, "submit", submit_while_another_request_cancels)
        launcher.resume("s", 5)
        assert (store.study("s").status, store.study("s").reason) == ("cancelled", "cancelled before it started")
        assert jobs.stopped == [jobs.of("s").identifier]

    def test_a_study_whose_job_ray_has_forgotten_is_resumed_too(
        self, started: str, launcher: JobLauncher, jobs: FakeJobs
    ) -> None:
        jobs.known.clear()  # the cluster was started anew
        launcher.resume("s", None)
        assert jobs.of("s").after == 1

    def test_one_that_runs_is_left_alone(self, started: str, launcher: JobLauncher, store: Store) -> None:
        runs(store, "s")
        with pytest.raises(FixInputError, match="'s' is already running on host elsewhere"):
            launcher.resume("s", None)

    @pytest.mark.parametrize("leaves", [True, False])
    def test_a_driver_that_has_told_the_end_may_take_a_moment_to_leave(
        self,
        started: str,
        launcher: JobLauncher,
        store: Store,
        jobs: FakeJobs,
        monkeypatch: pytest.MonkeyPatch,
        leaves: bool,
    ) -> None:
        runs(store, "s")
        store.append("s", StudyStatus(status="cancelled"))
        clock = iter(range(1_000))
        passes = SimpleNamespace(
            monotonic=lambda: next(clock),
            sleep=lambda seconds: store.release_lease("s", ELSEWHERE) if leaves else None,
        )
        monkeypatch.setattr(launcher_module, "time", passes)
        if leaves:
            launcher.resume("s", None)
            assert jobs.of("s").after == 3
        else:
            with pytest.raises(FixInputError, match="is already running"):
                launcher.resume("s", None)

    def test_so_is_one_that_is_about_to(self, started: str, launcher: JobLauncher, jobs: FakeJobs) -> None:
        with pytest.raises(FixInputError, match="'s' is starting already"):
            launcher.resume("s", None)
        assert len(jobs.known) == 1

    def test_too_few_trials_are_refused_at_once(self, ended: str, launcher: JobLauncher, jobs: FakeJobs) -> None:
        with pytest.raises(FixInputError, match="trials"):
            launcher.resume("s", 0)
        assert len(jobs.known) == 1


class TestCancel:
    def test_a_driver_is_asked_through_the_database(
        self, started: str, launcher: JobLauncher, store: Store, jobs: FakeJobs
    ) -> None:
        runs(store, "s")
        launcher.cancel("s")
        assert store.study("s").cancel_requested_at is not None
        assert jobs.stopped == []

    def test_a_study_that_has_not_begun_ends_at_once_and_its_job_is_stopped(
        self, started: str, launcher: JobLauncher, store: Store, jobs: FakeJobs
    ) -> None:
        launcher.cancel("s")
        assert (store.study("s").status, store.study("s").reason) == ("cancelled", "cancelled before it started")
        assert jobs.stopped == [jobs.of("s").identifier]

    def test_one_that_begins_at_this_very_moment_is_asked(
        self, started: str, launcher: JobLauncher, store: Store, jobs: FakeJobs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        request_cancel = type(store).request_cancel
        asked: list[bool] = []

        def just_before_it_begins(self: Store, name: str) -> bool:
            asked.append(request_cancel(self, name))
            if len(asked) == 1:
                runs(store, "s")
            return asked[-1]

        monkeypatch.setattr(type(store), "request_cancel", just_before_it_begins)
        launcher.cancel("s")
        assert asked == [False, True]
        assert store.study("s").cancel_requested_at is not None
        assert jobs.stopped == []

    @pytest.mark.parametrize("resumed", [False, True])
    def test_one_that_a_server_of_another_cluster_was_asked_to_start_is_cancelled(
        self, started: str, launcher: JobLauncher, store: Store, settings: Settings, jobs: FakeJobs, resumed: bool
    ) -> None:
        if resumed:
            launcher.cancel("s")
            jobs.end("s")
            launcher.resume("s", 5)
        JobLauncher(store, settings, FakeJobs()).cancel("s")
        assert (store.study("s").status, store.study("s").reason) == ("cancelled", "cancelled before it started")
        assert ended_since(store, "s", jobs.of("s").after), "its driver does not begin"

    def test_without_ray_it_is_cancelled_too(
        self, started: str, store: Store, settings: Settings, caplog: pytest.LogCaptureFixture
    ) -> None:
        JobLauncher(store, settings, AwayJobs()).cancel("s")
        assert store.study("s").status == "cancelled"
        assert "Ray does not list its jobs" in caplog.text

    def test_one_whose_driver_died_is_cancelled_at_once(
        self, started: str, launcher: JobLauncher, store: Store, jobs: FakeJobs
    ) -> None:
        store.append("s", StudyStatus(status="running"))
        jobs.end("s")
        launcher.cancel("s")
        assert store.study("s").status == "cancelled"

    def test_one_that_has_ended_is_one_line(self, ended: str, launcher: JobLauncher) -> None:
        with pytest.raises(FixInputError, match="study 's' is not running: it is cancelled"):
            launcher.cancel("s")

    def test_also_while_its_process_is_still_going(self, started: str, launcher: JobLauncher, store: Store) -> None:
        store.append("s", StudyStatus(status="completed"))
        with pytest.raises(FixInputError, match="study 's' is not running: it is completed"):
            launcher.cancel("s")


class TestDelete:
    def test_nothing_is_left_neither_here_nor_in_ray(
        self, ended: str, launcher: JobLauncher, store: Store, settings: Settings, jobs: FakeJobs
    ) -> None:
        launcher.delete("s")
        assert store.studies() == []
        assert not (settings.results_dir / "s").exists()
        assert jobs.known == {}

    def test_its_name_is_free_again(self, ended: str, launcher: JobLauncher, spec: StudySpec) -> None:
        launcher.delete("s")
        assert launcher.start(spec) == "s"

    def test_others_who_keep_something_of_it_are_told(
        self, ended: str, store: Store, settings: Settings, jobs: FakeJobs
    ) -> None:
        told: list[str] = []
        JobLauncher(store, settings, jobs, on_deleted=told.append).delete("s")
        assert told == ["s"]

    @pytest.mark.parametrize("begun", [True, False])
    def test_one_that_runs_or_is_about_to_is_refused(
        self, started: str, launcher: JobLauncher, store: Store, begun: bool
    ) -> None:
        if begun:
            runs(store, "s")
        with pytest.raises(FixInputError, match="study 's' is running - cancel it first"):
            launcher.delete("s")
        assert store.study("s").name == "s"


@pytest.mark.parametrize(
    "call", [lambda it: it.resume("x", None), lambda it: it.cancel("x"), lambda it: it.delete("x")]
)
def test_an_unknown_study_is_one_line(launcher: JobLauncher, call: Any) -> None:
    with pytest.raises(UnknownStudyError):
        call(launcher)
