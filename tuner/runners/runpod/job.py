"""One trial on the endpoint, from its submission to its bill."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from tuner.events import RemoteJob, TrialEvent
from tuner.remote_protocol import Weights
from tuner.runners.runpod.api import Endpoint, JobStatus
from tuner.runners.runpod.errors import BadAnswerError, JobGoneError, ServiceFaultError, TimedOutError
from tuner.runners.runpod.job_output import JobOutput
from tuner.runners.runpod.request import request_of
from tuner.spec import TrialSpec

log = logging.getLogger("tuner.runners")

SUBMIT_PATIENCE_S = 20.0
"""A trial that has not begun may train elsewhere soon; for one that trains, the service is waited for longer."""

POLL_SHARE, FIRST_POLL_S, LONGEST_POLL_S = 0.02, 0.1, 2.0
"""News are asked for so often that waiting for them costs a trial at most a fiftieth of its time."""

GRACE_S = 30.0
"""The service ends a job that ran for too long itself; after so many seconds more, this side does."""

BILL_PATIENCE_S, BILL_POLL_S = 15.0, 0.25


@dataclass(frozen=True)
class Limits:
    """How long a trial may wait for a worker, and then train, in seconds."""

    queue_s: float
    run_s: float


@dataclass(frozen=True)
class Price:
    """The GPU of the endpoint's workers, and what a second on it costs in dollars; None: not known."""

    gpu: str | None = None
    usd_per_s: float | None = None


class TrialJob:
    """A trial's job. `events` runs it; `settle`, always called after it, ends it and tells what it cost.

    Args:
        sleep: Waits for so many seconds; may raise, to end the waiting.
        clock: Seconds that never go back.
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
        self._answers = JobOutput(trial)
        self._submitted_at = self._began_at = 0.0
        self._final: JobStatus | None = None
        self.id: str | None = None
        """Of the job, once the service took it."""

    @property
    def began(self) -> bool:
        """Whether a worker is known to train it."""
        return self._answers.began

    @property
    def trial_number(self) -> int:
        return self._trial.trial_number

    def events(
        self, weights_above: float | None, submitted: Callable[[str], None] = lambda job_id: None
    ) -> Iterator[TrialEvent]:
        """Submit the trial and give what it yields, as it comes, up to its TrialComplete.

        Args:
            weights_above: See `request_of`.
            submitted: Told of the job's id once the service took it.

        Raises:
            ServiceFaultError: it did not get there, by a fault of the service. It may train elsewhere.
            TimedOutError: it trained for as long as it may.
        """
        request = request_of(self._trial, weights_above, self._limits.queue_s, self._limits.run_s)
        self.id = self._endpoint.patient(self._sleep, SUBMIT_PATIENCE_S).run(request)
        submitted(self.id)
        self._submitted_at = self._clock()
        while True:
            asked_at = self._clock()
            told = self._endpoint.stream(self.id)
            if told.ended:
                self._final = told
            elif told.status == "IN_PROGRESS" and not self._began_at:
                self._began_at = asked_at
            for part in told.stream:
                yield from self._told(part)
            if self._answers.complete:
                return
            if told.ended and not told.stream:
                yield from self._what_is_missing()
                return
            self._check_time()
            # Where the service holds its answer until there is news, nothing more is to be waited for.
            self._sleep(max(0.0, self._interval() - (self._clock() - asked_at)))

    @property
    def weights(self) -> list[Weights]:
        """What came of the trial's best weights, once its TrialComplete has come."""
        return self._answers.weights

    def settle(self, sleep: Callable[[float], None] = time.sleep) -> RemoteJob | None:
        """End the job, if it has not ended, and tell what it cost; None: the service never took it."""
        if self.id is None:
            return None
        endpoint = self._endpoint.patient(sleep, BILL_PATIENCE_S)
        stopped_at = self._clock()
        cut_short = self._final is None and not self._answers.complete
        with suppress(ServiceFaultError):
            if cut_short:
                endpoint.cancel(self.id)
                log.info("trial %d: its job %s was cancelled", self._trial.trial_number, self.id)
            self._final = self._ended(endpoint, sleep)
        return self._bill(stopped_at, cut_short)

    def _told(self, part: dict[str, object]) -> Iterator[TrialEvent]:
        if "output" not in part:
            raise BadAnswerError("RunPod streamed something without an output")
        yield from self._answers.take(part["output"])

    def _interval(self) -> float:
        """Seconds between two looks, by how long the trial has trained or waited."""
        since = self._clock() - (self._began_at or self._submitted_at)
        return min(max(POLL_SHARE * since, FIRST_POLL_S), LONGEST_POLL_S)

    def _check_time(self) -> None:
        now, limits = self._clock(), self._limits
        if not self._began_at and now - self._submitted_at > limits.queue_s:
            raise ServiceFaultError(f"no worker of the endpoint took the trial within {limits.queue_s:g} s")
        if self._began_at and now - self._began_at > limits.run_s + GRACE_S:
            raise TimedOutError

    def _what_is_missing(self) -> Iterator[TrialEvent]:
        """The job has ended, the trial has not: find out why, and what was lost on the way."""
        assert self.id is not None
        assert self._final is not None
        with suppress(JobGoneError):
            self._final = self._endpoint.status(self.id)
        final = self._final
        match final.status:
            case "COMPLETED":
                for value in final.output if isinstance(final.output, list) else []:
                    yield from self._answers.take(value)
                yield from self._answers.nothing_more()
                if self._answers.complete:
                    return
                raise BadAnswerError("the job is complete, but the end of the trial is missing")
            case "TIMED_OUT" | "EXPIRED" if self.began or self._began_at:
                raise TimedOutError
            case "TIMED_OUT" | "EXPIRED":
                raise ServiceFaultError("the job expired before a worker took it")
            case "CANCELLED":
                raise ServiceFaultError("the job was cancelled at RunPod by somebody else")
        raise ServiceFaultError(f"the job failed: {self._endpoint.told(final.error)}")

    def _ended(self, endpoint: Endpoint, sleep: Callable[[float], None]) -> JobStatus | None:
        """The job with its bill. A worker tells its end a moment after the last event."""
        assert self.id is not None
        until = self._clock() + BILL_PATIENCE_S
        found = self._final
        while found is None or found.execution_ms is None:
            found = endpoint.status(self.id)
            if found.execution_ms is not None or (found.ended and found.delay_ms is None) or self._clock() > until:
                break
            sleep(BILL_POLL_S)
        return found

    def _bill(self, stopped_at: float, cut_short: bool) -> RemoteJob:
        assert self.id is not None
        final, answers = self._final, self._answers
        told_ms = final.execution_ms if final is not None else None
        ran_s = max(stopped_at - self._began_at, 0.0) if self._began_at else 0.0
        billed_s = ran_s if told_ms is None else told_ms / 1e3
        saved_s = None
        if cut_short and answers.last_epoch:
            saved_s = answers.training_s / answers.last_epoch * (self._trial.epochs - answers.last_epoch)
        return RemoteJob(
            job_id=self.id,
            status=final.status if final is not None else "UNKNOWN",
            gpu=self._price.gpu,
            queued_s=None if final is None or final.delay_ms is None else final.delay_ms / 1e3,
            billed_s=billed_s,
            estimated=told_ms is None and ran_s > 0,
            cost_usd=None if self._price.usd_per_s is None else billed_s * self._price.usd_per_s,
            saved_s=saved_s,
        )
