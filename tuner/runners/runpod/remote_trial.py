"""A trial on RunPod: a Ray Tune Trainable that submits it, waits, and passes on its events, one per step.

It uses no CPU and 104 MB of memory, since it never imports TensorFlow. A trial that the service does not run is trained
on this cluster by a Ray task (`runners.local_tasks`) as soon as there is a CPU; this worker passes on its events too.
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
from tuner.models.own import OwnSource
from tuner.runners.live_progress import ProgressReporter
from tuner.runners.runpod.api import Endpoint, EndpointAccess, ServiceFaultError, TimedOutError
from tuner.runners.runpod.circuit_breaker import Permission
from tuner.runners.runpod.job import Limits, OlderWorkerError, Price, TrialJob
from tuner.runners.runpod.job_files import JobFiles
from tuner.runners.shared_folder import open_folder, state_file
from tuner.search.scheduler_report import EPOCH, OBJECTIVE, batches_per_epoch, scheduler_report
from tuner.settings import Settings
from tuner.trial_spec import TrialSpec

log = logging.getLogger("tuner.runners")

WEIGHTS_ABOVE = "weights_above"
"""Key of a trial's config: the study's best objective when the trial was suggested."""

REPORT_INTERVAL_S = 0.5
Result = dict[str, Any]


@dataclass(frozen=True)
class RemoteSettings:
    """Where and how the trials of a study run. Without the key, which each worker reads from its node's environment."""

    base_url: str
    endpoint_id: str
    limits: Limits
    price: Price
    fallback: bool
    """Whether a trial that the service does not run trains on this cluster."""
    unfit: str | None
    """Why no trial of the study can run on another machine; None: they can."""
    data: Any
    """Reference to the study's Data, which only a training on this cluster reads."""
    resources: Mapping[str, float]
    """Resources of a trial that trains on this cluster, by Ray's names."""
    states: str
    """Folder or address of the trials' states."""
    own_source: OwnSource | None
    samples: int
    """Number of training samples."""


class _StudyStopsError(Exception):
    """The study is being stopped."""


class RemoteTrial(tune.Trainable):  # type: ignore[misc]
    """Has the trial in `config["trial"]` trained on RunPod; one actor does so for many trials, one after the other."""

    def setup(self, config: dict[str, Any], remote: RemoteSettings, live_progress: Any) -> None:
        self._remote, self._live_progress = remote, live_progress
        self._reporter = ProgressReporter(live_progress)
        key = Settings().runpod_api_key
        self._endpoint: Endpoint | None = None
        if key:
            self._endpoint = Endpoint(EndpointAccess(remote.base_url, remote.endpoint_id, key), sleep=self._sleep)
        self._job_files = JobFiles(remote.states)
        self._older_workers = False
        self._finishing: list[threading.Thread] = []
        self._results: Generator[Result, None, None] | None = None
        self.reset_config(config)

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        self._end()
        self._trial = TrialSpec.model_validate(new_config["trial"])
        self._weights_above: float | None = new_config.get(WEIGHTS_ABOVE)
        self._scheduler_report: dict[str, Any] = {EPOCH: 0, OBJECTIVE: nan}
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
        for finishing in self._finishing:
            finishing.join()
        if self._endpoint is not None:
            self._endpoint.close()

    def _end(self) -> None:
        """End the trial: cancel its job at once, or end its training on this cluster."""
        if self._results is not None:
            self._results.close()
            self._results = None
            self._reporter.remove(self._trial.trial_number)

    def _run(self) -> Generator[Result, None, None]:
        try:
            why_local = yield from self._on_runpod()
            if why_local is None:
                return
            log.warning("trial %d does not run on RunPod: %s", self._trial.trial_number, why_local)
            if self._remote.fallback:
                yield from self._on_this_cluster(why_local)
            else:
                yield self._ended("failed", "service_fault", why_local)
        except _StudyStopsError:
            yield self._result([], done=True)

    def _on_runpod(self) -> Generator[Result, None, str | None]:
        """Run the trial on the endpoint, to its end; return why it must run elsewhere, or None."""
        if self._remote.unfit is not None:
            return self._remote.unfit
        if self._endpoint is None:
            return f"RUNPOD_API_KEY is not set on node {ray.util.get_node_ip_address()}"
        permission = self._permission()
        if permission.wait_s:
            return permission.reason
        self._end_orphan(self._endpoint)
        job = self._job(self._endpoint)
        again = False
        try:
            yield from self._steps(job)
        except OlderWorkerError as error:
            log.warning("%s: trials on RunPod have no data for figures of the training", error)
            self._older_workers = again = True
        except TimedOutError:
            limit = f"runpod_timeout_s={self._remote.limits.run_s:g}"
            status = "failed" if self._scheduler_report.get(EPOCH) == 0 else "pruned"
            yield self._ended(status, "timed_out", f"the trial reached the time limit on RunPod, {limit}")
        except ServiceFaultError as failure:
            self._live_progress.record_failure.remote(failure.reason, period=permission.period, lasting=failure.lasting)
            return failure.reason
        finally:
            self._finish(job)
        return (yield from self._on_runpod()) if again else None

    def _job(self, endpoint: Endpoint) -> TrialJob:
        trial = self._trial.model_copy(update={"summaries": False}) if self._older_workers else self._trial
        return TrialJob(endpoint, trial, self._remote.limits, self._remote.price, sleep=self._sleep)

    def _steps(self, job: TrialJob) -> Iterator[Result]:
        events: list[dict[str, Any]] = []
        trained_s, batches = 0.0, 0
        succeeded = False
        submitted = partial(self._job_files.write, self._trial.trial_number)
        for event in job.events(self._weights_above, submitted=submitted):
            if job.output.started and not succeeded:
                succeeded = True
                self._live_progress.record_success.remote()
            if isinstance(event, BatchProgress):
                self._progress = event.model_dump(mode="json")
                continue
            if isinstance(event, TrialStart):
                # The state of a training on this cluster, which an earlier run interrupted, is not used any more.
                open_folder(self._remote.states).remove(state_file(self._trial.trial_number))
                event = event.model_copy(update={"place": "runpod"})
                batches = batches_per_epoch(self._remote.samples, event.hyperparameters, event.devices)
            events.append(event.model_dump(mode="json"))
            if isinstance(event, EpochProgress):
                trained_s += event.duration_s
                self._scheduler_report = scheduler_report(
                    self._trial.min_epochs, event.epoch, event.objective, trained_s, batches
                )
                if event.last:
                    continue  # its end comes next: both in one step, so that the scheduler cannot stop it between
            done = isinstance(event, TrialComplete)
            if done:
                self._save_weights(job)
            yield self._result(events, done=done)
            events = []

    def _on_this_cluster(self, why_local: str) -> Iterator[Result]:
        from tuner.runners.local_tasks import steps

        here, waiting = self._remote, partial(self._sleep, 0.0)
        files = here.states, here.own_source
        yield from steps(self._trial, here.data, self._live_progress, *files, why_local, here.resources, waiting)

    def _permission(self) -> Permission:
        """Return whether the trial may be sent now. Without a fallback, wait for it as long as for a worker."""
        until = time.monotonic() + self._remote.limits.queue_s
        while True:
            try:
                permission: Permission = ray.get(self._live_progress.permission.remote())
            except ray.exceptions.RayError:  # a lost actor is restarted with a closed breaker
                return Permission()
            if not permission.wait_s or self._remote.fallback or time.monotonic() + permission.wait_s > until:
                return permission
            self._sleep(permission.wait_s)

    def _sleep(self, seconds: float) -> None:
        """Sleep while reporting the trial's progress; raise _StudyStopsError if the study is being stopped."""
        until = time.monotonic() + seconds
        while True:
            now = time.monotonic()
            if now - self._reported_at >= REPORT_INTERVAL_S:
                self._reported_at = now
                if self._reporter.report(self._trial.trial_number, self._progress):
                    raise _StudyStopsError
            if now >= until:
                return
            time.sleep(min(until - now, REPORT_INTERVAL_S))

    def _result(self, events: list[dict[str, Any]], *, done: bool) -> Result:
        if done:
            self._reporter.remove(self._trial.trial_number)
        return {"events": events, "done": done, **self._scheduler_report}

    def _ended(self, status: str, cause: str, reason: str) -> Result:
        """Return the result of a trial that no worker ended; the driver adds its values."""
        return self._result([], done=True) | {"ended": {"status": status, "cause": cause, "reason": reason}}

    def _save_weights(self, job: TrialJob) -> None:
        """Save the best weights, if they came. A winner without them is trained again at the study's end."""
        if not job.output.weights:
            return  # the trial does not lead
        # Most trials do not need these modules, and a waiting one needs none.
        from tuner.runners.checkpoints import Checkpoints
        from tuner.runners.runpod.weights import NoWeightsError, received
        from tuner.training import TrainingState

        number = self._trial.trial_number
        try:
            weights = received(job.output.weights)
        except NoWeightsError as error:
            log.warning("trial %d: its weights did not come back from RunPod: %s", number, error)
            return
        checkpoints = Checkpoints(self._remote.states)
        checkpoints.save(number, TrainingState(0, [], weights, []))
        checkpoints.wait()

    def _finish(self, job: TrialJob) -> None:
        """End the job and add its bill, while the next trial begins."""
        if job.id is None:
            return
        self._finishing = [thread for thread in self._finishing if thread.is_alive()]
        self._finishing.append(threading.Thread(target=self._add_bill, args=(job,), name="finish"))
        self._finishing[-1].start()

    def _add_bill(self, job: TrialJob) -> None:
        bill = job.finish()
        if bill is not None:
            with suppress(ray.exceptions.RayError):  # the study has ended
                ray.get(self._live_progress.add_bill.remote(job.trial_number, bill.model_dump(mode="json")), timeout=10)
            self._job_files.remove(job.trial_number, bill.job_id)

    def _end_orphan(self, endpoint: Endpoint) -> None:
        """Cancel the job that a killed worker of this trial left behind."""
        job_id = self._job_files.read(self._trial.trial_number)
        if job_id is not None:
            orphan = self._job(endpoint)
            orphan.id = job_id
            self._finish(orphan)
