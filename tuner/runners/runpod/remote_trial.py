"""A trial on RunPod: a Ray Tune Trainable that submits it, waits, and tells what comes back, one event per step.

It takes no CPU and little memory: it never loads TensorFlow, whatever happens. Where the service does not run a trial,
a Ray task trains it on this cluster (`runners.local_tasks`), as soon as there is a CPU; this worker tells its events.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from math import nan
from typing import Any

import ray
from ray import tune

from tuner.events import BatchProgress, EpochProgress, TrialComplete, TrialStart
from tuner.runners.live_progress import ProgressReporter
from tuner.runners.runpod.api import Endpoint
from tuner.runners.runpod.endpoint_access import EndpointAccess
from tuner.runners.runpod.errors import ServiceFaultError, TimedOutError
from tuner.runners.runpod.job import Limits, Price, TrialJob
from tuner.runners.runpod.job_files import JobFiles
from tuner.runners.shared_folder import open_folder
from tuner.runners.state_files import state_file
from tuner.search.scheduler_report import EPOCH, OBJECTIVE, scheduler_report
from tuner.spec import TrialSpec

log = logging.getLogger("tuner.runners")

WEIGHTS_ABOVE = "weights_above"
"""Key of a trial's config: the study's best objective when the trial was suggested."""

REPORT_S = 0.5
Result = dict[str, Any]


@dataclass(frozen=True)
class RemoteSettings:
    """Where and how the trials of a study run. Travels through Ray's object store, never through a trial's config."""

    access: EndpointAccess
    limits: Limits
    price: Price
    fallback: bool
    """Whether a trial that the service does not run trains on this cluster."""
    unfit: str | None
    """Why no trial of the study can run on another machine; None: they can."""
    data: Any
    """Reference to the study's Data: only who trains here reads it."""
    resources: Mapping[str, float]
    """Of a trial that trains here."""
    states: str
    module_folder: str | None


class _StudyStopsError(Exception):
    """The study is being stopped."""


class RemoteTrial(tune.Trainable):  # type: ignore[misc]
    """Has the trial in `config["trial"]` trained; one actor does so for many trials, one after the other."""

    def setup(self, config: dict[str, Any], remote: RemoteSettings, board: Any) -> None:
        self._remote, self._board = remote, board
        self._reporter = ProgressReporter(board)
        self._endpoint = Endpoint(remote.access, sleep=self._wait)
        self._notes = JobFiles(remote.states)
        self._settling: list[threading.Thread] = []
        self._results: Generator[Result, None, None] | None = None
        self.reset_config(config)

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        self._end()
        self._trial = TrialSpec.model_validate(new_config["trial"])
        self._weights_above: float | None = new_config.get(WEIGHTS_ABOVE)
        self._judged_by: dict[str, Any] = {EPOCH: 0, OBJECTIVE: nan}
        self._progress: dict[str, Any] | None = None
        self._reported_at = 0.0
        self._results = self._run()
        return True

    def step(self) -> Result:
        assert self._results is not None
        return next(self._results)

    def cleanup(self) -> None:
        """End the trial, and wait until all jobs have their bills."""
        self._end()
        for settling in self._settling:
            settling.join()
        self._endpoint.close()

    def _end(self) -> None:
        """End the trial: its job is cancelled at once, or its training here."""
        if self._results is not None:
            self._results.close()
            self._results = None

    def _run(self) -> Generator[Result, None, None]:
        try:
            why = yield from self._in_the_cloud()
            if why is None:
                return
            log.warning("trial %d does not run on RunPod: %s", self._trial.trial_number, why)
            if self._remote.fallback:
                yield from self._here(why)
            else:
                yield self._ended("failed", "service_fault", why)
        except _StudyStopsError:
            yield self._result([], done=True)

    def _in_the_cloud(self) -> Generator[Result, None, str | None]:
        """The trial on the endpoint, to its end; or, given back, why it must run elsewhere."""
        if (why := self._remote.unfit or self._why_not_now()) is not None:
            return why
        self._end_orphan()
        job = self._job()
        try:
            yield from self._steps(job)
        except TimedOutError:
            limit = f"runpod_timeout_s={self._remote.limits.run_s:g}"
            status = "pruned" if self._judged_by[EPOCH] else "failed"
            yield self._ended(status, "timed_out", f"it trained on RunPod for as long as it may: {limit}")
        except ServiceFaultError as fault:
            self._board.fault.remote(fault.reason, fault.lasting)
            return fault.reason
        finally:
            self._settle(job)
        return None

    def _job(self) -> TrialJob:
        return TrialJob(self._endpoint, self._trial, self._remote.limits, self._remote.price, sleep=self._wait)

    def _steps(self, job: TrialJob) -> Iterator[Result]:
        events: list[dict[str, Any]] = []
        trained_s = 0.0
        works = False
        for event in job.events(self._weights_above, submitted=partial(self._notes.write, self._trial.trial_number)):
            if job.began and not works:
                works = True
                self._board.works.remote()
            if isinstance(event, BatchProgress):
                self._progress = event.model_dump(mode="json")
                continue
            if isinstance(event, TrialStart):
                # A training here, that an earlier run cut short, is of no use any more.
                open_folder(self._remote.states).remove(state_file(self._trial.trial_number))
                event = event.model_copy(update={"place": "runpod"})
            events.append(event.model_dump(mode="json"))
            if isinstance(event, EpochProgress):
                trained_s += event.duration_s
                self._judged_by = scheduler_report(self._trial.min_epochs, event.epoch, event.objective, trained_s)
                if event.last:
                    continue  # its end comes next: both in one step, before the scheduler can think of stopping it
            done = isinstance(event, TrialComplete)
            if done:
                self._keep_weights(job)
                self._reporter.report(self._trial.trial_number, None)
            yield self._result(events, done=done)
            events = []

    def _here(self, why: str) -> Iterator[Result]:
        from tuner.runners.local_tasks import steps

        remote = self._remote
        yield from steps(
            self._trial,
            remote.data,
            self._board,
            remote.states,
            remote.module_folder,
            why,
            remote.resources,
            lambda: self._wait(0.0),
        )

    def _why_not_now(self) -> str | None:
        """Why the service is not to be asked now; None: it may. Without a fallback that is waited for, for a while."""
        until = time.monotonic() + self._remote.limits.queue_s
        while True:
            try:
                wait_s, why = ray.get(self._board.may_go.remote())
            except ray.exceptions.RayError:  # a lost board begins again, with its breaker closed
                return None
            if not wait_s:
                return None
            if self._remote.fallback or time.monotonic() + wait_s > until:
                return str(why)
            self._wait(wait_s)

    def _wait(self, seconds: float) -> None:
        """Sleep, tell the board where the trial stands, and hear of a stop."""
        until = time.monotonic() + seconds
        while True:
            now = time.monotonic()
            if now - self._reported_at >= REPORT_S:
                self._reported_at = now
                if self._reporter.report(self._trial.trial_number, self._progress):
                    raise _StudyStopsError
            if now >= until:
                return
            time.sleep(min(until - now, REPORT_S))

    def _result(self, events: list[dict[str, Any]], *, done: bool) -> Result:
        return {"events": events, "done": done, **self._judged_by}

    def _ended(self, status: str, cause: str, reason: str) -> Result:
        """The trial ends with what the driver knows of it."""
        return self._result([], done=True) | {"ended": {"status": status, "cause": cause, "reason": reason}}

    def _keep_weights(self, job: TrialJob) -> None:
        """Keep the best weights, if they came. A winner without them is trained again at the study's end."""
        if not job.weights:
            return  # they would not lead
        # Not needed for most trials, and not at all while one waits.
        from tuner.runners.checkpoints import Checkpoints
        from tuner.runners.runpod.weights import NoWeightsError, received
        from tuner.training import TrainingState

        number = self._trial.trial_number
        try:
            weights = received(job.weights)
        except NoWeightsError as error:
            log.warning("trial %d: its weights did not come back from RunPod: %s", number, error)
            return
        keeper = Checkpoints(self._remote.states)
        keeper.keep(number, TrainingState(0, [], weights, []))
        keeper.wait()

    def _settle(self, job: TrialJob) -> None:
        """End the job and take its bill to the board, while the next trial begins."""
        if job.id is None:
            return
        self._settling = [one for one in self._settling if one.is_alive()]
        self._settling.append(threading.Thread(target=self._take_bill, args=(job,), name="settle"))
        self._settling[-1].start()

    def _take_bill(self, job: TrialJob) -> None:
        bill = job.settle()
        if bill is not None:
            with suppress(ray.exceptions.RayError):  # the study is over
                ray.get(self._board.bill.remote(job.trial_number, bill.model_dump(mode="json")), timeout=10)
            self._notes.remove(job.trial_number, bill.job_id)

    def _end_orphan(self) -> None:
        """Cancel the job that a killed worker of this trial left behind."""
        job_id = self._notes.read(self._trial.trial_number)
        if job_id is not None:
            orphan = self._job()
            orphan.id = job_id
            self._settle(orphan)
