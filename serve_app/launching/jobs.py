"""Studies as Ray Jobs: one driver process each, visible by name in Ray's dashboard, with a log of its own.

A study's run is begun by a person and has up to `ATTEMPTS` jobs, one after the other: see `serve_app.launching.decide`.
Ray keeps its jobs as long as the cluster lives, and refuses a second job of the same identifier: so replicas agree on
who restarts a driver without talking to each other. All calls are blocking.
"""

from __future__ import annotations

import shlex
import sys
import uuid
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from tuner.errors import TryAgainError, in_one_line

DRIVE = "serve_app.launching.driver"
_STUDY, _RUN, _ATTEMPT, _AFTER, _TRIALS = "study", "run", "attempt", "after", "trials"

State = Literal["active", "stopped", "ended"]
"""active: it waits, starts or runs; stopped: somebody stopped it; ended: its process ended or is gone."""


@dataclass(frozen=True)
class Job:
    """One driver process of a study's run."""

    study: str
    run: str
    attempt: int
    """From 1."""
    after: int
    """The number of the study's latest event when the job was submitted."""
    trials: int | None
    """The study's new total number of trials; None: as asked for before."""
    state: State = "active"
    said: str = ""
    """How its process ended, in one line."""
    started_ms: int = 0

    @property
    def identifier(self) -> str:
        return f"{self.study}.{self.run}.{self.attempt}"

    @staticmethod
    def first(study: str, after: int, trials: int | None) -> Job:
        """The job that begins a new run."""
        return Job(study, uuid.uuid4().hex[:6], 1, after, trials)

    def next(self, after: int) -> Job:
        """The job that goes on with this one's run."""
        return Job(self.study, self.run, self.attempt + 1, after, self.trials)


class Jobs(Protocol):
    """The jobs of one cluster."""

    def submit(self, job: Job) -> None:
        """Start a job. Does nothing where it was started already, by another replica.

        Raises:
            TryAgainError: Ray does not take it.
        """

    def latest(self) -> list[Job]:
        """Of each study that has any, the job that was submitted last.

        Raises:
            TryAgainError: Ray does not answer.
        """

    def stop(self, job: Job) -> None:
        """End a job's process: after 3 s by force.

        Raises:
            TryAgainError: Ray does not take it.
        """

    def forget(self, study: str) -> None:
        """Remove what Ray keeps of the study's jobs, except of those that are active.

        Raises:
            TryAgainError: Ray does not take it.
        """


class RayJobs:
    """The jobs of the cluster that this process is connected to."""

    def __init__(self) -> None:
        import ray
        from ray.job_submission import JobSubmissionClient

        # By its own address: on a machine with several clusters Ray would choose one.
        self._cluster = ray.get_runtime_context().gcs_address
        try:
            self._client = JobSubmissionClient(self._cluster)
        except (RuntimeError, OSError) as error:
            raise TryAgainError(
                f"Ray's dashboard, which starts jobs, does not answer: {in_one_line(error)}",
                remedy="start Ray with its dashboard",
            ) from error

    def submit(self, job: Job) -> None:
        try:
            self._client.submit_job(
                entrypoint=self._command(job),
                submission_id=job.identifier,
                metadata={
                    _STUDY: job.study,
                    _RUN: job.run,
                    _ATTEMPT: str(job.attempt),
                    _AFTER: str(job.after),
                    _TRIALS: "" if job.trials is None else str(job.trials),
                },
            )
        except (RuntimeError, OSError) as error:
            if not any(known.identifier == job.identifier for known in self._all()):
                raise TryAgainError(
                    f"Ray takes no job: {in_one_line(error)}", remedy="try again in a moment"
                ) from error

    def latest(self) -> list[Job]:
        newest: dict[str, Job] = {}
        for job in sorted(self._all(), key=lambda job: (job.started_ms, job.attempt)):
            newest[job.study] = job
        return list(newest.values())

    def stop(self, job: Job) -> None:
        try:
            self._client.stop_job(job.identifier)
        except (RuntimeError, OSError) as error:
            raise TryAgainError(f"Ray cannot stop a job: {in_one_line(error)}", remedy="try again") from error

    def forget(self, study: str) -> None:
        for job in self._all():
            if job.study == study and job.state != "active":
                try:
                    self._client.delete_job(job.identifier)
                except (RuntimeError, OSError) as error:
                    raise TryAgainError(f"Ray keeps a job: {in_one_line(error)}", remedy="try again") from error

    def _command(self, job: Job) -> str:
        """The driver's command line: `exec`, so that signals and the exit code are the driver's own."""
        words = [sys.executable, "-m", DRIVE, job.study, "--cluster", self._cluster, "--after", str(job.after)]
        if job.trials is not None:
            words += ["--trials", str(job.trials)]
        return f"exec {shlex.join(words)}"

    def _all(self) -> list[Job]:
        try:
            found = self._client.list_jobs()
        except (RuntimeError, OSError) as error:
            raise TryAgainError(f"Ray does not tell its jobs: {in_one_line(error)}", remedy="try again") from error
        return [_job(details) for details in found if _AFTER in (details.metadata or {})]


def _job(details: Any) -> Job:
    """A `JobDetails` of Ray's that tells of a job of ours."""
    said = details.metadata
    states: dict[str, State] = {"PENDING": "active", "RUNNING": "active", "STOPPED": "stopped"}
    return Job(
        study=said[_STUDY],
        run=said[_RUN],
        attempt=int(said[_ATTEMPT]),
        after=int(said[_AFTER]),
        trials=int(said[_TRIALS]) if said[_TRIALS] else None,
        state=states.get(details.status, "ended"),
        said=_how_it_ended(details.driver_exit_code, details.message),
        started_ms=details.start_time or 0,
    )


def _how_it_ended(exit_code: int | None, message: str | None) -> str:
    if exit_code is not None and exit_code < 0:
        return f"killed by signal {-exit_code}"
    if exit_code is not None:
        return f"exit code {exit_code}"
    lines = (message or "").strip().splitlines()
    return lines[0] if lines else "gone without a word"
