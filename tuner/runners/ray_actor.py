"""A trial on this cluster: a Ray Tune Trainable that advances the generator of `run_trial`, one event per step."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

from ray import tune

from tuner.data import Data
from tuner.events import BatchProgress, EpochProgress, TrialComplete, TrialEvent
from tuner.models import own
from tuner.runners.live import Reporter
from tuner.search.searcher import BEST_OBJECTIVE, OBJECTIVE, STATUS
from tuner.spec import TrialSpec
from tuner.training import TrainingState, run_trial
from tuner.training.state import STATE_FILE


class RayTrial(tune.Trainable):  # type: ignore[misc]
    """Trains the trial in `config["trial"]`; one actor trains many trials, one after the other, without a new start.

    A step returns the next durable events as JSON values (`events`: one, or the last epoch and the end together) with
    what Ray Tune's searcher and scheduler need: `epoch`, `objective`, and at the end `status` and `best_objective`.
    """

    def setup(self, config: dict[str, Any], data: Data, board: Any, module_folder: str | None) -> None:
        own.search_first(module_folder)
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        self._data = data
        self._reporter = Reporter(board)
        self._events: Generator[TrialEvent, None, None] | None = None
        self.reset_config(config)

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        self._last_epoch: EpochProgress | None = None  # first: its snapshot would keep the old network in memory
        self._close()
        self._trial = TrialSpec.model_validate(new_config["trial"])
        self._resume_from: TrainingState | None = None
        return True

    def step(self) -> dict[str, Any]:
        if self._events is None:
            if self._reporter.stopping():
                return self._result([], done=True)
            self._events = run_trial(self._trial, self._data, self._resume_from)
        events: list[dict[str, Any]] = []
        for event in self._events:
            if isinstance(event, BatchProgress):
                if self._reporter.report(event.trial_number, event.model_dump(mode="json")):
                    return self._result(events, done=True)  # Ray Tune saves the best weights, then closes the training
                continue
            events.append(event.model_dump(mode="json"))
            if isinstance(event, EpochProgress):
                self._last_epoch = event
                if event.last:
                    continue  # its end comes at once: both in one step, before the scheduler can think of stopping it
            if isinstance(event, TrialComplete):
                self._reporter.report(event.trial_number, None)
                return self._result(events, done=True, complete=event)
            return self._result(events, done=False)
        raise RuntimeError("run_trial ended without TrialComplete")

    def _result(
        self, events: list[dict[str, Any]], *, done: bool, complete: TrialComplete | None = None
    ) -> dict[str, Any]:
        result: dict[str, Any] = {"events": events, "done": done}
        if complete is not None:
            result[STATUS] = complete.status
        if self._last_epoch is not None and (complete is None or complete.status == "completed"):
            result |= {"epoch": self._last_epoch.epoch, OBJECTIVE: self._last_epoch.objective}
        if complete is not None and complete.status == "completed":
            result[BEST_OBJECTIVE] = complete.objective
        return result

    def save_checkpoint(self, checkpoint_dir: str) -> None:
        if self._last_epoch is not None and self._last_epoch.snapshot is not None:
            self._last_epoch.snapshot().save(Path(checkpoint_dir) / STATE_FILE)

    def load_checkpoint(self, checkpoint_dir: str) -> None:
        state = TrainingState.load(Path(checkpoint_dir) / STATE_FILE)
        self._resume_from = state if state.resumable else None

    def cleanup(self) -> None:
        self._last_epoch = None
        self._close()

    def _close(self) -> None:
        """End the running training, which frees its memory."""
        if self._events is not None:
            self._events.close()
            self._events = None
