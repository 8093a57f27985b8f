"""A trial that trains in this process: what Ray Tune is told of it, step by step, with its state kept after each epoch.

Both who is Ray Tune's own worker (`ray_actor`) and who trains for one that only waits (`here`) run it.
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
from tuner.search.scheduler_report import EPOCH, OBJECTIVE, scheduler_report
from tuner.spec import TrialSpec
from tuner.training import TrainingState, run_trial


class LocalTraining:
    """One training of a trial, from where it was kept.

    It has a thread of its own, since Keras keeps what it has built per thread: what follows a trial's start is trained
    while the driver hears of that start. After an epoch it waits, since the scheduler may stop it there.

    Args:
        clone: Another trial's state to begin from instead, and `cloned_from` that trial's number.
        why_local: Why it trains here, where that is worth a word.
    """

    def __init__(
        self,
        trial: TrialSpec,
        data: Data,
        reporter: ProgressReporter,
        keeper: Checkpoints,
        *,
        clone: TrainingState | None = None,
        cloned_from: int | None = None,
        why_local: str | None = None,
    ) -> None:
        self._trial = trial
        self._reporter, self._keeper = reporter, keeper
        self._origin = {"cloned_from": cloned_from, "why_local": why_local}
        kept = None if clone else keeper.load(trial.trial_number)
        goes_on_from = clone or kept
        self._events = run_trial(trial, data, goes_on_from)
        self._trained_s = sum(epoch["duration_s"] for epoch in goes_on_from.history) if goes_on_from else 0.0
        # The driver may have died before it recorded the last epoch that was kept: it is told again.
        self._told_again = kept.history[-1:] if kept else []
        self._judged_by: dict[str, Any] = {EPOCH: 0, OBJECTIVE: nan}
        self._latest: Callable[[], TrainingState] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="train")
        self._next: Future[dict[str, Any]] | None = None
        self._closing = False

    def step(self) -> dict[str, Any]:
        """The next durable events as JSON values (`events`: one, or the last epoch and the end together), `done`, and
        what Ray Tune's scheduler needs. Once it is done, all that is to be kept is written."""
        coming, self._next = self._next or self._thread.submit(self._advance), None
        result = coming.result()
        if self._judged_by[EPOCH] == 0 and not result["done"]:
            self._next = self._thread.submit(self._advance)
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
            events.append(event.model_dump(mode="json"))
            if isinstance(event, TrialStart):
                events += self._told_again
            if isinstance(event, EpochProgress):
                self._trained_s += event.duration_s
                self._judged_by = scheduler_report(
                    self._trial.min_epochs, event.epoch, event.objective, self._trained_s
                )
                self._latest = event.snapshot
                self._keeper.keep(number, self.snapshot())
                if event.last:
                    continue  # its end comes at once: both in one step, before the scheduler can think of stopping it
            if isinstance(event, TrialComplete):
                self._reporter.report(number, None)
                return self._result(events, done=True)
            return self._result(events, done=False)
        raise RuntimeError("run_trial ended without TrialComplete")

    def snapshot(self) -> TrainingState:
        """The state after the latest epoch."""
        assert self._latest is not None
        return self._latest()

    def close(self) -> None:
        """End the training within one batch, which frees its memory. Closing again does nothing."""
        if not self._closing:
            self._closing = True
            with self._thread as thread:
                thread.submit(self._end).result()

    def _end(self) -> None:
        self._latest = None  # first: a snapshot would keep the old network
        self._events.close()

    def _result(self, events: list[dict[str, Any]], *, done: bool) -> dict[str, Any]:
        if done:
            self._keeper.wait()  # the winner's weights are read as soon as the driver knows of its end
        return {"events": events, "done": done, **self._judged_by}
