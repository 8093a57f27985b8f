"""Looks after the drivers: one that died is followed by another, a bounded number of times.

Every replica of the application has a supervisor. They need not know of each other: what is to be done is read from
the database and from Ray, and each deed is done once whoever tries it (a job's identifier is taken once, the end of a
run is written under the study's lease). A supervisor that dies loses nothing.
"""

from __future__ import annotations

import asyncio
import logging

from serve_app.launching.decide import ATTEMPTS, Decision, decide
from serve_app.launching.jobs import Job, Jobs
from tuner.errors import FixInputError, TryAgainError, UnknownStudyError
from tuner.store import Store
from tuner.study.cancellation import end_run, ended_since

log = logging.getLogger("tuner.serve")

LOOK_S = 2.0


class Supervisor:
    """Supervises the studies of one database that run as jobs of one cluster."""

    def __init__(self, store: Store, jobs: Jobs) -> None:
        self._store, self._jobs = store, jobs
        self._settled: set[str] = set()
        """Jobs that nothing needs to be done about: only to ask less."""

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            try:
                await asyncio.to_thread(self.look)
            except (FixInputError, TryAgainError) as error:
                log.warning("studies cannot be looked after at the moment: %s", error)
            except Exception:  # whatever it was, the studies go on to need somebody who looks
                log.exception("a look at the studies failed")
            await asyncio.sleep(LOOK_S)

    def look(self) -> None:
        """Look once at every study's latest job, and do what is to be done.

        Raises:
            TryAgainError: the database or Ray is away.
        """
        for job in self._jobs.latest():
            if job.identifier not in self._settled:
                self._look_after(job)

    def _look_after(self, job: Job) -> None:
        try:
            study = self._store.study(job.study)
            seen = self._store.last_sequence(job.study)  # first: an end that comes after it is seen by the next driver
            ended = job.state != "active" and ended_since(self._store, job.study, job.after)
        except UnknownStudyError:  # deleted
            self._settled.add(job.identifier)
            return
        match decide(study, job, ended=ended, at=self._store.now()):
            case Decision.SETTLED:
                self._settled.add(job.identifier)
            case Decision.STOP:
                log.warning("study %s does not end: its job is stopped by force", job.study)
                self._jobs.stop(job)
            case Decision.GO_ON:
                log.warning("the driver of study %s died (%s): another one goes on", job.study, job.said)
                self._jobs.submit(job.next(seen))
            case Decision.GIVE_UP:
                why = f"its driver died {ATTEMPTS} times, at last: {job.said}"
                end_run(self._store, job.study, job.after, "failed", why)
            case Decision.CANCELLED:
                end_run(self._store, job.study, job.after, "cancelled", "its Ray job was stopped")
            case Decision.WAIT:
                pass
