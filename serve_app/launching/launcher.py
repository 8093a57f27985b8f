"""Starts, stops and removes studies that run as Ray jobs: the `Launcher` of the served application."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from serve_app.launching.jobs import Job, Jobs
from tuner.errors import FixInputError, TryAgainError
from tuner.settings import Settings
from tuner.spec import StudySpec
from tuner.store import Store, StudyRow, already_running
from tuner.study.cancellation import end_run, ended_since, request_stop
from tuner.study.deletion import delete
from tuner.study.driver import add, spec_to_resume

log = logging.getLogger("tuner.serve")

CANCELLED = "cancelled before it began"
ENDED = ("completed", "failed", "cancelled")
LEAVES_WITHIN_S, LOOK_S = 20.0, 0.1
"""How long a driver may take from the end of its study to its own, and how often that is looked at."""


class JobLauncher:
    """Launches studies of one database as jobs of one cluster.

    A study is first put down in the database, then driven by a job. What only the data can tell (an unknown
    hyperparameter for this kind of network, a file that is gone) shows as the study's failure, with the reason.
    """

    def __init__(
        self, store: Store, settings: Settings, jobs: Jobs, on_deleted: Callable[[str], None] | None = None
    ) -> None:
        """`on_deleted` is told the name of a study that is gone."""
        self._store, self._settings, self._jobs = store, settings, jobs
        self._on_deleted = on_deleted

    async def start(self, spec: StudySpec) -> str:
        return await asyncio.to_thread(self._start, spec)

    async def resume(self, name: str, trials: int | None) -> None:
        await asyncio.to_thread(self._resume, name, trials)

    async def cancel(self, name: str) -> None:
        await asyncio.to_thread(self._cancel, name)

    async def delete(self, name: str) -> None:
        await asyncio.to_thread(self._delete, name)

    def _start(self, spec: StudySpec) -> str:
        name = add(self._store, spec, self._settings)
        try:
            self._jobs.submit(Job.first(name, after=0, trials=None))
        except TryAgainError:
            delete(self._store, name)
            raise
        return name

    def _resume(self, name: str, trials: int | None) -> None:
        study = self._left(name)
        if study.alive:
            raise already_running(name, study.driver)
        if self._beginning(name) is not None:
            raise FixInputError(f"study {name!r} is about to begin", remedy="wait for it, or cancel it")
        spec_to_resume(self._store, study, trials)
        self._jobs.submit(Job.first(name, self._store.last_sequence(name), trials))

    def _cancel(self, name: str) -> None:
        job = None if self._store.study(name).alive else self._beginning(name)
        if job is None:
            request_stop(self._store, name)  # what a driver does not hear, the supervisor ends by force
            return
        # The driver has not begun: it must not begin any more, and one that begins at this moment is told by a signal.
        try:
            end_run(self._store, name, job.after, "cancelled", CANCELLED)
        except FixInputError:
            request_stop(self._store, name)  # it has just begun
            return
        self._jobs.stop(job)

    def _delete(self, name: str) -> None:
        if self._left(name).alive or self._beginning(name) is not None:
            raise FixInputError(f"study {name!r} runs", remedy="cancel it first, and wait until it has ended")
        delete(self._store, name)
        try:
            self._jobs.forget(name)
        except TryAgainError as error:
            log.warning("Ray still lists the jobs of study %s: %s", name, error)
        if self._on_deleted is not None:
            self._on_deleted(name)

    def _left(self, name: str) -> StudyRow:
        """The study; one that has told its end without its driver, which takes a moment to close."""
        until = time.monotonic() + LEAVES_WITHIN_S
        while (study := self._store.study(name)).alive and study.status in ENDED and time.monotonic() < until:
            time.sleep(LOOK_S)
        return study

    def _beginning(self, name: str) -> Job | None:
        """The job of a study that does not run yet, or not any more."""
        job = next((job for job in self._jobs.latest() if job.study == name), None)
        if job is None or job.state != "active" or ended_since(self._store, name, job.after):
            return None
        return job
