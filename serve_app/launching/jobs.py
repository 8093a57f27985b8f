"""Studies as Ray Jobs: one driver process per study, shown by name in Ray's dashboard, with its own log.

A user starts a run of a study; it has up to `supervisor.ATTEMPTS` jobs, one after the other.
Ray keeps jobs as long as the cluster lives and refuses a second job with the same identifier. So several replicas may
try to restart a driver without talking to each other, and one succeeds. All calls block.
"""

from __future__ import annotations

import shlex
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from serve_app.launching.handover import Handover
from tuner.errors import TryAgainError, in_one_line

DRIVER = "serve_app.launching.driver"
_STUDY, _RUN, _ATTEMPT, _AFTER = "study", "run", "attempt", "after"

State = Literal["active", "stopped", "ended"]
"""active: pending or running; stopped: somebody stopped it; ended: its process ended or died."""


@dataclass(frozen=True)
class Job:
    """One driver process of a study's run."""

    study: str
    run: str
    attempt: int
    """From 1."""
    after: int
    """The number of the study's latest event when the job was submitted."""
    state: State = "active"
    outcome: str = ""
    """How its process ended, in one line."""
    started_ms: int = 0

    @property
    def identifier(self) -> str:
        return f"{self.study}.{self.run}.{self.attempt}"

    @staticmethod
    def first(study: str, after: int) -> Job:
        return Job(study, uuid.uuid4().hex[:6], 1, after)

    def next(self, after: int) -> Job:
        return Job(self.study, self.run, self.attempt + 1, after)


class RayJobs:
    """The jobs of this process's cluster. Calls raise TryAgainError if Ray does not answer."""

    def __init__(self, handover: Handover) -> None:
        import ray
        from ray.job_submission import JobSubmissionClient

        self._handover = handover
        # An explicit address: on a machine with several clusters Ray might choose another one.
        self._cluster = ray.get_runtime_context().gcs_address
        with _try_again("Ray's dashboard, which starts jobs, does not answer", "start Ray with its dashboard"):
            self._client = JobSubmissionClient(self._cluster)

    @property
    def dashboard_url(self) -> str:
        """Address of Ray's dashboard, such as http://127.0.0.1:8265."""
        return str(self._client.get_address())

    def check(self) -> None:
        """Return if jobs can be submitted now."""
        with _try_again("Ray's dashboard, which starts jobs, does not answer"):
            self._client.get_version()

    def submit(self, job: Job) -> None:
        """Start a job. Does nothing if another replica has started it already."""
        try:
            self._client.submit_job(
                entrypoint=self._command(job),
                submission_id=job.identifier,
                metadata={
                    _STUDY: job.study,
                    _RUN: job.run,
                    _ATTEMPT: str(job.attempt),
                    _AFTER: str(job.after),
                },
            )
        except (RuntimeError, OSError) as error:
            if not any(known.identifier == job.identifier for known in self._all()):
                raise TryAgainError(
                    f"Ray does not accept a job: {in_one_line(error)}", remedy="try again in a moment"
                ) from error

    def latest(self) -> list[Job]:
        """The latest job of each study that has one."""
        newest: dict[str, Job] = {}
        for job in sorted(self._all(), key=lambda job: (job.started_ms, job.attempt)):
            newest[job.study] = job
        return list(newest.values())

    def stop(self, job: Job) -> None:
        """End a job's process; Ray kills it after 3 s."""
        with _try_again("Ray cannot stop a job"):
            self._client.stop_job(job.identifier)

    def forget(self, study: str) -> None:
        """Remove Ray's records of the study's jobs, except of active ones."""
        for job in self._all():
            if job.study == study and job.state != "active":
                with _try_again("Ray cannot remove a job"):
                    self._client.delete_job(job.identifier)

    def _command(self, job: Job) -> str:
        """The driver's command line. `exec` makes the driver itself receive signals and set the exit code.

        `-P`: the current folder, where a user's file may have the name of a package, is not searched for modules.
        """
        words = [sys.executable, "-P", "-m", DRIVER, job.study, "--cluster", self._cluster, "--after", str(job.after)]
        words += ["--settings", self._handover.model_dump_json()]
        return f"exec {shlex.join(words)}"

    def _all(self) -> list[Job]:
        with _try_again("Ray does not list its jobs"):
            found = self._client.list_jobs()
        return [_job(details) for details in found if _AFTER in (details.metadata or {})]


@contextmanager
def _try_again(what: str, remedy: str = "try again") -> Iterator[None]:
    """Context manager that turns errors of Ray's client into TryAgainError."""
    try:
        yield
    except (RuntimeError, OSError) as error:
        raise TryAgainError(f"{what}: {in_one_line(error)}", remedy=remedy) from error


def _job(details: Any) -> Job:
    metadata = details.metadata
    states: dict[str, State] = {"PENDING": "active", "RUNNING": "active", "STOPPED": "stopped"}
    return Job(
        study=metadata[_STUDY],
        run=metadata[_RUN],
        attempt=int(metadata[_ATTEMPT]),
        after=int(metadata[_AFTER]),
        state=states.get(details.status, "ended"),
        outcome=_outcome(details.driver_exit_code, details.message),
        started_ms=details.start_time or 0,
    )


def _outcome(exit_code: int | None, message: str | None) -> str:
    if exit_code is not None and exit_code < 0:
        return f"killed by signal {-exit_code}"
    if exit_code is not None:
        return f"exit code {exit_code}"
    lines = (message or "").strip().splitlines()
    return lines[0] if lines else "its process is gone"
