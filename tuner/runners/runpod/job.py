"""One trial on the endpoint, from its submission to its bill."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tuner.events import RemoteJob, TrialEvent
from tuner.remote_protocol import packed_request
from tuner.runners.runpod.api import BadAnswerError, Endpoint, JobGoneError, JobStatus, ServiceFaultError, TimedOutError
from tuner.runners.runpod.job_output import JobOutput
from tuner.trial_spec import TrialSpec

log = logging.getLogger("tuner.runners")

SUBMIT_PATIENCE_S = 20.0
"""How long a submission is tried again: shorter than for a job that runs, since the trial can still train elsewhere."""

POLL_SHARE, FIRST_POLL_S, LONGEST_POLL_S = 0.02, 0.1, 2.0
"""The interval of polling costs a trial at most a fiftieth of its time."""

GRACE_S = 30.0
"""The service ends a job at its time limit itself; this side does so after so many seconds more."""

BILL_PATIENCE_S, BILL_POLL_S = 15.0, 0.25

LARGEST_REQUEST = 1_000
"""Bytes of a request, exclusive."""

TTL_MARGIN_S = 60.0

REFUSED_SUMMARIES = "trial.summaries="
"""In the refusal of a worker that does not know this field."""


class OlderWorkerError(ServiceFaultError):
    """The endpoint's workers are older than this tuner, and refuse a trial with `summaries`: send it without."""


@dataclass(frozen=True)
class Limits:
    """How long a trial may wait for a worker, and then train, in seconds."""

    queue_s: float
    run_s: float


@dataclass(frozen=True)
class Price:
    """The GPU of the endpoint's workers, and the price of a second on it in dollars; None: not known."""

    gpu: str | None = None
    usd_per_s: float | None = None


class TrialJob:
    """A trial's job. `events` runs it; `finish`, which must be called afterwards, ends it and returns its bill.

    `sleep` waits for so many seconds; it may raise, which ends the waiting.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        trial: TrialSpec,
        limits: Limits,
        price: Price,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._endpoint = endpoint
        self._trial = trial
        self._limits = limits
        self._price = price
        self._sleep, self._clock = sleep, clock
        self.output = JobOutput(trial)
        self._submitted_at = self._started_at = 0.0
        self._final: JobStatus | None = None
        self.id: str | None = None
        """The job's identifier, once the service has accepted it."""

    @property
    def trial_number(self) -> int:
        return self._trial.trial_number

    def events(
        self, weights_above: float | None, submitted: Callable[[str], None] = lambda job_id: None
    ) -> Iterator[TrialEvent]:
        """Submit the trial and yield its events as they arrive, up to its TrialComplete.

        `submitted` receives the job's identifier once the service has accepted it. `weights_above`: see `request_of`.

        Raises:
            ServiceFaultError: the service did not run it to its end; it may train elsewhere.
            OlderWorkerError: its worker knows no summaries of a training.
            TimedOutError: it reached its time limit.
        """
        request = request_of(self._trial, weights_above, self._limits.queue_s, self._limits.run_s)
        self.id = self._endpoint.with_patience(self._sleep, SUBMIT_PATIENCE_S).run(request)
        submitted(self.id)
        self._submitted_at = self._clock()
        while True:
            asked_at = self._clock()
            status = self._endpoint.stream(self.id)
            if status.ended:
                self._final = status
            elif status.status == "IN_PROGRESS" and not self._started_at:
                self._started_at = asked_at
            for part in status.stream:
                if "output" not in part:
                    raise BadAnswerError("RunPod streamed something without an output")
                yield from self.output.take(part["output"])
            if self.output.complete:
                return
            if status.ended and not status.stream:
                yield from self._missing_events()
                return
            self._check_time()
            # The service may have held its answer for as long already.
            self._sleep(max(0.0, self._interval() - (self._clock() - asked_at)))

    def finish(self, sleep: Callable[[float], None] = time.sleep) -> RemoteJob | None:
        """End the job, if it has not ended, and return its bill; None: the service never accepted it."""
        if self.id is None:
            return None
        endpoint = self._endpoint.with_patience(sleep, BILL_PATIENCE_S)
        ended_at = self._clock()
        interrupted = self._final is None and not self.output.complete
        with suppress(ServiceFaultError):
            if interrupted:
                endpoint.cancel(self.id)
                log.info("trial %d: its job %s was cancelled", self._trial.trial_number, self.id)
            self._final = self._final_status(endpoint, sleep)
        return self._bill(ended_at, interrupted)

    def _interval(self) -> float:
        """Return the seconds between two polls, by how long the trial has trained or waited."""
        since = self._clock() - (self._started_at or self._submitted_at)
        return min(max(POLL_SHARE * since, FIRST_POLL_S), LONGEST_POLL_S)

    def _check_time(self) -> None:
        now, limits = self._clock(), self._limits
        if not self._started_at and now - self._submitted_at > limits.queue_s:
            raise ServiceFaultError(f"no worker of the endpoint started the trial within {limits.queue_s:g} s")
        if self._started_at and now - self._started_at > limits.run_s + GRACE_S:
            raise TimedOutError

    def _missing_events(self) -> Iterator[TrialEvent]:
        """Yield the events that were lost of a job that has ended; raise why it ended if its end is not among them."""
        assert self.id is not None
        assert self._final is not None
        with suppress(JobGoneError):
            self._final = self._endpoint.status(self.id)
        final = self._final
        match final.status:
            case "COMPLETED":
                for value in final.output if isinstance(final.output, list) else []:
                    yield from self.output.take(value)
                yield from self.output.finish()
                if self.output.complete:
                    return
                raise BadAnswerError("the job is complete, but the end of the trial is missing")
            case "TIMED_OUT" | "EXPIRED" if self.output.started or self._started_at:
                raise TimedOutError
            case "TIMED_OUT" | "EXPIRED":
                raise ServiceFaultError("the job expired before a worker started it")
            case "CANCELLED":
                raise ServiceFaultError("the job was cancelled at RunPod, not by this study")
        error = self._endpoint.without_key(final.error)
        if self._trial.summaries and REFUSED_SUMMARIES in error:
            raise OlderWorkerError("the workers of the endpoint have an older version of tuner")
        raise ServiceFaultError(f"the job failed: {error}")

    def _final_status(self, endpoint: Endpoint, sleep: Callable[[float], None]) -> JobStatus | None:
        """Return the job with its bill, which the service knows a moment after the last event."""
        assert self.id is not None
        until = self._clock() + BILL_PATIENCE_S
        found = self._final
        while found is None or found.execution_ms is None:
            found = endpoint.status(self.id)
            if found.execution_ms is not None or (found.ended and found.delay_ms is None) or self._clock() > until:
                break
            sleep(BILL_POLL_S)
        return found

    def _bill(self, ended_at: float, interrupted: bool) -> RemoteJob:
        assert self.id is not None
        final, output = self._final, self.output
        billed_ms = final.execution_ms if final is not None else None
        ran_s = max(ended_at - self._started_at, 0.0) if self._started_at else 0.0
        billed_s = ran_s if billed_ms is None else billed_ms / 1e3
        saved_s = None
        if interrupted and output.last_epoch:
            saved_s = output.training_s / output.last_epoch * (self._trial.epochs - output.last_epoch)
        return RemoteJob(
            job_id=self.id,
            status=final.status if final is not None else "UNKNOWN",
            gpu=self._price.gpu,
            queued_s=None if final is None or final.delay_ms is None else final.delay_ms / 1e3,
            billed_s=billed_s,
            estimated=billed_ms is None and ran_s > 0,
            cost_usd=None if self._price.usd_per_s is None else billed_s * self._price.usd_per_s,
            saved_s=saved_s,
        )


def request_of(trial: TrialSpec, weights_above: float | None, queue_timeout_s: float, timeout_s: float) -> bytes:
    """Return the body of /run: the trial without default values and without this machine's data folder.

    A long one (many blocks, health, a long name) is compressed. `weights_above` is the study's best objective so far:
    the worker does not return weights that are not better. The timeouts limit the wait for a worker, and the training.

    Raises:
        ServiceFaultError: the request is too large.
    """
    job: dict[str, Any] = {"trial": without_local_paths(trial).model_dump(mode="json", exclude_defaults=True)}
    if weights_above is not None:
        job["weights_above"] = weights_above
    ttl_s = queue_timeout_s + timeout_s + TTL_MARGIN_S
    policy = {"executionTimeout": round(1e3 * timeout_s), "ttl": round(1e3 * ttl_s)}
    body = _json({"input": job, "policy": policy})
    if len(body) >= LARGEST_REQUEST:
        body = _json({"input": packed_request(job), "policy": policy})
    if len(body) >= LARGEST_REQUEST:
        raise ServiceFaultError(f"the trial's spec is too long to be sent: {len(body):,} of {LARGEST_REQUEST:,} bytes")
    return body


def _json(values: dict[str, Any]) -> bytes:
    return json.dumps(values, separators=(",", ":"), allow_nan=False).encode()


def without_local_paths(trial: TrialSpec) -> TrialSpec:
    """Return the trial for another machine, which looks for the data set in its own folders."""
    return trial.model_copy(update={"data": trial.data.model_copy(update={"data_dir": None})})
