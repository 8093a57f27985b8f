"""Starts, stops and removes studies that run as Ray jobs."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable

from serve_app import figure_cache, winner_cache
from serve_app.launching.jobs import Job, RayJobs
from tuner.errors import FixInputError, TryAgainError
from tuner.events import ENDED
from tuner.settings import Settings
from tuner.spec import StudySpec
from tuner.store import StartRequest, Store, StudyRow, already_running
from tuner.study.acceptance import accepted_resume
from tuner.study.cancellation import ended_since, request_stop
from tuner.study.deletion import delete
from tuner.study.lease import brief_lease
from tuner.study.start import add

log = logging.getLogger("tuner.serve")

DRIVER_EXIT_S, LOOK_S = 20.0, 0.1
"""Longest wait for a driver to exit once its study has ended, and the time between two looks."""


class JobLauncher:
    """Launches studies of one database as jobs of one cluster. All state is there, so replicas act alike. Calls block.

    A study is first added to the database, then a job runs it. Errors that only the data can show (a hyperparameter
    that this kind of network lacks, a missing file) become the study's failure, with the reason in its status and log.

    Methods raise FixInputError if the caller can correct the cause, TryAgainError if Ray or the database is away.

    Args:
        on_deleted: Called with the name of a study that was deleted.
    """

    def __init__(
        self, store: Store, settings: Settings, jobs: RayJobs, on_deleted: Callable[[str], None] | None = None
    ) -> None:
        self._store, self._settings, self._jobs = store, settings, jobs
        self._on_deleted = on_deleted

    def check(self) -> None:
        """Return if studies can be started now."""
        self._jobs.check()

    def start(self, spec: StudySpec, request: StartRequest | None = None) -> str:
        """Start a new study and return its name once the study is in the database.

        Args:
            request: The request that starts it, if it may be repeated: then its study is started once.
        """
        name = self._started(request)
        if name is not None:
            if self._store.study(name).status == "created":  # a replica may have died before it submitted the job
                self._jobs.submit(self._first_job(name))
            return name
        try:
            name = add(self._store, spec, self._settings, request)
        except FixInputError:
            name = self._started(request)  # by the same request, which came twice at once
            if name is None:
                raise
            return name
        try:
            self._jobs.submit(self._first_job(name))
        except TryAgainError:
            delete(self._store, name)
            raise
        return name

    def _started(self, request: StartRequest | None) -> str | None:
        return None if request is None else self._store.study_of_request(request)

    def _first_job(self, name: str) -> Job:
        """The first job of a new study; the same one at each call, so that Ray accepts it once."""
        created_at = self._store.study(name).created_at.isoformat()
        return Job(name, hashlib.sha256(created_at.encode()).hexdigest()[:6], 1, after=0)

    def resume(self, name: str, trials: int | None) -> None:
        """Resume a study that is not running, with a new total number of trials (None: unchanged).

        Returns once the database says so. Of several requests at once, one is accepted and the others raise
        FixInputError.
        """
        study = self._without_exiting_driver(name)
        if study.alive:
            raise _starting(name) if study.status == "created" else already_running(name, study.driver)
        with brief_lease(self._store, name):
            if self._starting_job(name) is not None:
                raise _starting(name)
            with accepted_resume(self._store, name, trials) as number:
                self._jobs.submit(Job.first(name, after=number))
        if self._store.study(name).cancel_pending:  # requested meanwhile of this process, which held the lease
            self.cancel(name)

    def cancel(self, name: str) -> None:
        """End a study, or ask the process that runs it to end. Returns before that process has ended it."""
        if request_stop(self._store, name).alive:
            return  # the supervisor stops a driver that does not react
        # A driver that starts now finds the end in the database. Without its job it need not start.
        try:
            job = self._job(name)
            if job is not None and job.state == "active":
                self._jobs.stop(job)
        except TryAgainError as error:
            log.warning("the job of study %s, which is cancelled, cannot be stopped: %s", name, error)

    def delete(self, name: str) -> None:
        """Remove a study that is not running: its rows, its Optuna tables and its folder."""
        if self._without_exiting_driver(name).alive or self._starting_job(name) is not None:
            raise FixInputError(f"study {name!r} is running", remedy="cancel it first, and wait until it has ended")
        delete(self._store, name)
        winner_cache.forget(name)
        figure_cache.forget(name)
        try:
            self._jobs.forget(name)
        except TryAgainError as error:
            log.warning("Ray still lists the jobs of study %s: %s", name, error)
        if self._on_deleted is not None:
            self._on_deleted(name)

    def _without_exiting_driver(self, name: str) -> StudyRow:
        """The study; if it has ended, once its driver has exited too."""
        until = time.monotonic() + DRIVER_EXIT_S
        while (study := self._store.study(name)).alive and study.status in ENDED and time.monotonic() < until:
            time.sleep(LOOK_S)
        return study

    def _starting_job(self, name: str) -> Job | None:
        """The active job of a study whose run has not ended; None if there is none."""
        job = self._job(name)
        if job is None or job.state != "active" or ended_since(self._store, name, job.after):
            return None
        return job

    def _job(self, name: str) -> Job | None:
        """The latest job of a study; None if this cluster has none."""
        return next((job for job in self._jobs.latest() if job.study == name), None)


def _starting(name: str) -> FixInputError:
    return FixInputError(f"study {name!r} is starting already", remedy="wait until it runs, or cancel it")
