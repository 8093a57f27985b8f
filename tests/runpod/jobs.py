"""What RunPod knows of an endpoint's jobs: a queue, states, streamed values and billed time. No HTTP, no threads.

A job goes IN_QUEUE -> IN_PROGRESS -> COMPLETED | FAILED | CANCELLED | TIMED_OUT. What a worker says of a job that has
ended, or that another worker has by now, is ignored, as the service does it.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["IN_QUEUE", "IN_PROGRESS", "COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT"]
EXECUTION_TIMEOUT_MS, TTL_MS = 600_000, 86_400_000
"""What holds where a request has no policy."""


@dataclass
class Job:
    """One job. Times are of the monotonic clock, in seconds."""

    input: Any
    policy: dict[str, Any] = field(default_factory=dict)
    id: str = field(default_factory=lambda: f"{uuid.uuid4()}-u1")
    status: Status = "IN_QUEUE"
    worker_id: str | None = None
    values: list[Any] = field(default_factory=list)
    """All that was streamed, in the order in which it arrived."""
    handed_out: int = 0
    """How many of the values a client has been given: each is given once."""
    output: Any = None
    error: str | None = None
    retries: int = 0
    queued_at: float = field(default_factory=time.monotonic)
    started_at: float | None = None
    ended_at: float | None = None

    @property
    def ended(self) -> bool:
        return self.status not in ("IN_QUEUE", "IN_PROGRESS")

    def answer(self) -> dict[str, Any]:
        """As /status tells it; times in whole milliseconds."""
        told: dict[str, Any] = {"id": self.id, "status": self.status}
        if self.started_at is not None:
            told |= {"delayTime": _ms(self.started_at - self.queued_at), "workerId": self.worker_id}
            if self.ended_at is not None:
                told["executionTime"] = _ms(self.ended_at - self.started_at)
        if self.output is not None:
            told["output"] = self.output
        if self.error is not None:
            told["error"] = self.error
        if self.retries:
            told["retries"] = self.retries
        return told

    def end(self, status: Status, *, output: Any = None, error: str | None = None) -> None:
        self.status, self.output, self.error, self.ended_at = status, output, error, time.monotonic()


class Jobs:
    """All jobs of an endpoint, and which of them each worker is to stop."""

    def __init__(self) -> None:
        self.all: dict[str, Job] = {}
        self.stops: dict[str, list[str]] = {}
        """By worker: jobs it is to stop and has not been told of."""
        self.last_ping: dict[str, float] = {}
        self.held = False
        """While true no worker is given a job: a queue that does not move."""

    def submit(self, payload: dict[str, Any]) -> Job:
        job = Job(payload["input"], payload.get("policy") or {})
        self.all[job.id] = job
        return job

    def take(self, worker_id: str, at_most: int) -> list[Job]:
        """Give the oldest jobs in the queue to a worker."""
        waiting = [] if self.held else [job for job in self.all.values() if job.status == "IN_QUEUE"]
        for job in waiting[:at_most]:
            job.status, job.worker_id, job.started_at = "IN_PROGRESS", worker_id, time.monotonic()
        return waiting[:at_most]

    def stream(self, job_id: str, value: Any, worker_id: str) -> None:
        if job := self._running(job_id, worker_id):
            job.values.append(value)

    def done(self, job_id: str, result: dict[str, Any], worker_id: str) -> None:
        job = self._running(job_id, worker_id)
        if job is None:
            return
        if result.get("status") == "IN_PROGRESS":
            job.output = result.get("output")
        elif result.get("error"):
            job.end("FAILED", error=str(result["error"]))
        else:
            job.end("COMPLETED", output=result.get("output"))

    def cancel(self, job: Job) -> None:
        if not job.ended:
            self._stop(job)
            job.end("CANCELLED")

    def retry(self, job: Job) -> None:
        """Put a job into the queue again, as new."""
        job.status, job.worker_id, job.started_at, job.ended_at = "IN_QUEUE", None, None, None
        job.output, job.error, job.values, job.handed_out = None, None, [], 0
        job.queued_at = time.monotonic()
        job.retries += 1

    def purge(self) -> int:
        """Remove what waits in the queue; how many."""
        waiting = [job for job in self.all.values() if job.status == "IN_QUEUE"]
        for job in waiting:
            job.end("CANCELLED")
        return len(waiting)

    def lose(self, worker_id: str, *, requeue: bool) -> None:
        """A worker is gone: its jobs fail, or begin anew on another one."""
        self.last_ping.pop(worker_id, None)
        for job in self.all.values():
            if job.status == "IN_PROGRESS" and job.worker_id == worker_id:
                if requeue:
                    self.retry(job)
                else:
                    job.end("FAILED", error=f"worker {worker_id} exited with exit code 137")

    def expire(self) -> None:
        """End what lived longer than its policy allows."""
        now = time.monotonic()
        for job in self.all.values():
            if job.ended:
                continue
            ran_ms = 0.0 if job.started_at is None else 1e3 * (now - job.started_at)
            lived_ms = 1e3 * (now - job.queued_at)
            if ran_ms > job.policy.get("executionTimeout", EXECUTION_TIMEOUT_MS):
                self._stop(job)
                job.end("TIMED_OUT", error="executionTimeout exceeded")
            elif lived_ms > job.policy.get("ttl", TTL_MS):
                self._stop(job)
                job.end("TIMED_OUT", error="ttl exceeded")

    def health(self) -> dict[str, Any]:
        count = {status: sum(job.status == status for job in self.all.values()) for status in Status.__args__}  # type: ignore[attr-defined]
        busy = {job.worker_id for job in self.all.values() if job.status == "IN_PROGRESS"}
        return {
            "jobs": {
                "completed": count["COMPLETED"],
                "failed": count["FAILED"],
                "inProgress": count["IN_PROGRESS"],
                "inQueue": count["IN_QUEUE"],
                "retried": sum(job.retries for job in self.all.values()),
            },
            "workers": {"idle": len(set(self.last_ping) - busy), "running": len(busy)},
        }

    def _running(self, job_id: str, worker_id: str) -> Job | None:
        job = self.all.get(job_id)
        return job if job and job.status == "IN_PROGRESS" and job.worker_id == worker_id else None

    def _stop(self, job: Job) -> None:
        if job.status == "IN_PROGRESS" and job.worker_id is not None:
            self.stops.setdefault(job.worker_id, []).append(job.id)


def _ms(seconds: float) -> int:
    return round(1_000 * seconds)
