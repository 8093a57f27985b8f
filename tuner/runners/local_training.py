"""Trains a trial in this process, step by step as Ray Tune asks, and saves its state after each epoch.

Used by Ray Tune's own worker (`ray_actor`) and by the task that trains for a remote worker (`local_tasks`).
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from math import nan
from typing import Any

from tuner.data import Data
from tuner.events import BatchProgress, EpochProgress, TrialComplete, TrialStart
from tuner.runners.checkpoints import Checkpoints
from tuner.runners.live_progress import ProgressReporter
from tuner.search.scheduler_report import EPOCH, OBJECTIVE, batches_per_epoch, scheduler_report
from tuner.training import TrainingState, run_trial
from tuner.trial_spec import TrialSpec


class LocalTraining:
    """One training of a trial, from its last saved state.

    It has a thread of its own, since Keras keeps what it has built per thread. The first epoch trains while the driver
    receives the trial's start; after each epoch the thread waits, since the scheduler may stop the trial there.

    Args:
        clone: State of another trial to start from, and `cloned_from` that trial's number.
        why_local: Why the trial does not train on RunPod; None: it was not meant to.
    """

    def __init__(
        self,
        trial: TrialSpec,
        data: Data,
        reporter: ProgressReporter,
        checkpoints: Checkpoints,
        *,
        clone: TrainingState | None = None,
        cloned_from: int | None = None,
        why_local: str | None = None,
    ) -> None:
        self._trial = trial
        self._reporter, self._checkpoints = reporter, checkpoints
        self._origin = {"cloned_from": cloned_from, "why_local": why_local}
        saved = None if clone else checkpoints.load(trial.trial_number)
        state = clone or saved
        self._events = run_trial(trial, data, state)
        self._trained_s = sum(epoch["duration_s"] for epoch in state.history) if state else 0.0
        # The driver may have died before it recorded the last epoch that was saved: it is reported again.
        self._repeated_epochs = saved.history[-1:] if saved else []
        self._scheduler_report: dict[str, Any] = {EPOCH: 0, OBJECTIVE: nan}
        self._samples, self._batches = len(data.train), 0
        self._latest_state: Callable[[], TrainingState] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="train")
        self._next_step: Future[dict[str, Any]] | None = None
        self._closing = False

    def step(self) -> dict[str, Any]:
        """Return the next events as JSON values, `done`, and what Ray Tune's scheduler reads.

        `events` has one event, or the last epoch and the trial's end together. When `done`, the state is written.
        """
        step, self._next_step = self._next_step or self._thread.submit(self._advance), None
        result = step.result()
        if self._latest_state is None and not result["done"]:
            self._next_step = self._thread.submit(self._advance)
        return result

    def _advance(self) -> dict[str, Any]:
        number = self._trial.trial_number
        events: list[dict[str, Any]] = []
        for event in self._events:
            if isinstance(event, BatchProgress):
                if self._closing or self._reporter.report(number, event.model_dump(mode="json")):
                    return self._result(events, done=True)  # the study stops
                continue
            if isinstance(event, TrialStart):
                event = event.model_copy(update=self._origin)
                self._batches = batches_per_epoch(self._samples, event.hyperparameters, event.devices)
            events.append(event.model_dump(mode="json"))
            if isinstance(event, TrialStart):
                events += self._repeated_epochs
            if isinstance(event, EpochProgress):
                self._trained_s += event.duration_s
                self._scheduler_report = scheduler_report(
                    self._trial.min_epochs, event.epoch, event.objective, self._trained_s, self._batches
                )
                self._latest_state = event.snapshot
                self._checkpoints.save(number, self.state())
                if event.last:
                    continue  # its end comes at once: both in one step, so that the scheduler cannot stop it between
            return self._result(events, done=isinstance(event, TrialComplete))
        raise RuntimeError("run_trial ended without TrialComplete")

    def state(self) -> TrainingState:
        """Return the state after the latest epoch."""
        assert self._latest_state is not None
        return self._latest_state()

    def close(self) -> None:
        """End the training within one batch, which frees its memory. Closing again does nothing."""
        if not self._closing:
            self._closing = True
            with self._thread as thread:
                thread.submit(self._end).result()

    def _end(self) -> None:
        self._latest_state = None  # first: it holds the network
        self._events.close()
        self._reporter.remove(self._trial.trial_number)

    def _result(self, events: list[dict[str, Any]], *, done: bool) -> dict[str, Any]:
        if done:
            self._reporter.remove(self._trial.trial_number)
            self._checkpoints.wait()  # the driver reads the winner's weights as soon as it knows of its end
        return {"events": events, "done": done, **self._scheduler_report}
