"""Restarts the drivers of studies that died, a bounded number of times.

Every replica of the application runs a supervisor. Supervisors do not talk to each other: each reads the database and
Ray's jobs, and every action takes effect once, whoever tries it (Ray accepts a job's identifier once; the end of a run
is written under the study's lease). A supervisor that dies loses nothing.
"""

from __future__ import annotations

import asyncio
import logging
import time
from enum import Enum, auto

from serve_app.launching.jobs import Job, RayJobs
from tuner.errors import FixInputError, TryAgainError, UnknownStudyError
from tuner.store import Store, StudyRow
from tuner.study.cancellation import end_run, ended_since

log = logging.getLogger("tuner.serve")

LOOK_S = 2.0
ATTEMPTS = 4
"""Jobs of one run: the first one, and three more if drivers die."""
CANCEL_WITHIN_S = 120.0
"""The supervisor stops the job of a study that has not ended so long after it was asked to."""


class Decision(Enum):
    WAIT = auto()  # look again later
    SETTLED = auto()  # never look at this job again
    STOP = auto()  # stop the job: the study was asked to end and has not ended in time
    RESTART = auto()  # submit the next job: the driver died
    GIVE_UP = auto()  # mark the study as failed: its driver died too often
    CANCELLED = auto()  # mark it as cancelled: its job was stopped in Ray, or its driver died after a cancel request


def decide(study: StudyRow, job: Job, *, ended: bool, cancel_age_s: float) -> Decision:
    """The decision about a study's latest job.

    Args:
        ended: Whether the study has ended since the job was submitted.
        cancel_age_s: Seconds since the supervisor first saw that the study was asked to end; 0 if it was not asked.
    """
    if job.state == "active":
        return Decision.STOP if cancel_age_s > CANCEL_WITHIN_S else Decision.WAIT
    if ended:
        return Decision.SETTLED
    if study.alive:
        return Decision.WAIT  # its lease has not expired yet, or somebody resumed the study by hand
    if job.state == "stopped" or study.cancel_pending:
        return Decision.CANCELLED
    return Decision.RESTART if job.attempt < ATTEMPTS else Decision.GIVE_UP


class Supervisor:
    """Supervises the studies of one database that run as jobs of one cluster."""

    def __init__(self, store: Store, jobs: RayJobs) -> None:
        self._store, self._jobs = store, jobs
        self._settled: set[str] = set()
        """Jobs that need no further action."""
        self._cancel_seen_s: dict[str, float] = {}
        """When this process first saw, on its own monotonic clock, that a job's study was asked to end.

        `cancel_requested_at` is the database's time, which this machine's clock must not be compared with.
        """

    async def run(self) -> None:
        """Look at all studies every LOOK_S seconds, until cancelled."""
        while True:
            try:
                await asyncio.to_thread(self.look)
            except (FixInputError, TryAgainError) as error:
                log.warning("the studies cannot be supervised at the moment: %s", error)
            except Exception:  # the next look may succeed, and without it no driver is restarted
                log.exception("supervising the studies failed")
            await asyncio.sleep(LOOK_S)

    def look(self) -> None:
        """Look once at every study's latest job, and act. An error with one study is logged and skips only that one."""
        for job in self._jobs.latest():
            if job.identifier in self._settled:
                continue
            try:
                self._supervise(job)
            except (FixInputError, TryAgainError) as error:
                log.warning("study %s cannot be supervised at the moment: %s", job.study, error)
            except Exception:
                log.exception("supervising study %s failed", job.study)

    def _supervise(self, job: Job) -> None:
        try:
            study = self._store.study(job.study)
            seen = self._store.last_sequence(job.study)  # read first: the next driver notices an end written after it
            ended = job.state != "active" and ended_since(self._store, job.study, job.after)
        except UnknownStudyError:  # deleted
            self._settled.add(job.identifier)
            return
        match decide(study, job, ended=ended, cancel_age_s=self._cancel_age_s(job, study)):
            case Decision.SETTLED:
                self._settled.add(job.identifier)
                self._cancel_seen_s.pop(job.identifier, None)
            case Decision.STOP:
                log.warning("study %s has not ended in time: stopping its job", job.study)
                self._jobs.stop(job)
            case Decision.RESTART:
                log.warning("the driver of study %s died (%s): starting another one", job.study, job.outcome)
                self._jobs.submit(job.next(seen))
            case Decision.GIVE_UP:
                reason = f"its driver died {ATTEMPTS} times, the last time: {job.outcome}"
                end_run(self._store, job.study, job.after, "failed", reason)
            case Decision.CANCELLED:
                end_run(self._store, job.study, job.after, "cancelled", "its Ray job was stopped")
            case Decision.WAIT:
                pass

    def _cancel_age_s(self, job: Job, study: StudyRow) -> float:
        """Seconds since this process first saw that the study was asked to end; 0 if it was not asked."""
        if not study.cancel_pending:
            self._cancel_seen_s.pop(job.identifier, None)
            return 0.0
        now_s = time.monotonic()
        return now_s - self._cancel_seen_s.setdefault(job.identifier, now_s)
