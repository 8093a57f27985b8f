"""Jobs without Ray: as many as are submitted, each in the state that a test gives it."""

from __future__ import annotations

from dataclasses import replace

from serve_app.launching.jobs import Job, State
from tuner.errors import TryAgainError


class FakeJobs:
    """A cluster's jobs; like Ray it takes an identifier once."""

    def __init__(self) -> None:
        self.known: dict[str, Job] = {}
        self.stopped: list[str] = []

    def check(self) -> None:
        pass

    def submit(self, job: Job) -> None:
        self.known.setdefault(job.identifier, replace(job, started_ms=len(self.known)))

    def latest(self) -> list[Job]:
        return list({job.study: job for job in self.known.values()}.values())

    def stop(self, job: Job) -> None:
        self.stopped.append(job.identifier)

    def forget(self, study: str) -> None:
        self.known = {
            name: job for name, job in self.known.items() if not (job.study == study and job.state != "active")
        }

    def of(self, study: str) -> Job:
        """The study's latest job."""
        return next(job for job in self.latest() if job.study == study)

    def end(self, study: str, state: State = "ended", outcome: str = "killed by signal 9") -> None:
        """The process of the study's latest job is gone."""
        job = self.of(study)
        self.known[job.identifier] = replace(job, state=state, outcome=outcome)


class AwayJobs:
    """A cluster that does not answer."""

    def check(self) -> None:
        raise TryAgainError("Ray's dashboard, which starts jobs, does not answer")

    def submit(self, job: Job) -> None:
        raise TryAgainError("Ray does not accept a job")

    def latest(self) -> list[Job]:
        raise TryAgainError("Ray does not list its jobs")

    def stop(self, job: Job) -> None:
        raise TryAgainError("Ray cannot stop a job")

    def forget(self, study: str) -> None:
        raise TryAgainError("Ray cannot remove a job")
