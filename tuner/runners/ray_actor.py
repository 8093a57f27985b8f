"""A trial on this cluster: a Ray Tune Trainable that advances the generator of `run_trial`, one event per step."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator
from math import nan
from pathlib import Path
from typing import Any

from ray import tune

from tuner.data import Data
from tuner.events import BatchProgress, EpochProgress, TrialComplete, TrialEvent, TrialStart
from tuner.models import own
from tuner.runners.keeper import Keeper, state_file
from tuner.runners.live import Reporter
from tuner.search.population import CLONED_FROM
from tuner.search.schedulers import judged
from tuner.search.searcher import EPOCH, OBJECTIVE
from tuner.spec import TrialSpec
from tuner.training import TrainingState, run_trial


class RayTrial(tune.Trainable):  # type: ignore[misc]
    """Trains the trial in `config["trial"]`; one actor trains many trials, one after the other, without a new start.

    A step returns the next durable events as JSON values (`events`: one, or the last epoch and the end together) with
    what Ray Tune's scheduler needs. The state after each epoch is kept in `states`, a folder that all nodes see: a
    trial that was cut short, by whatever, goes on from there.
    """

    def setup(self, config: dict[str, Any], data: Data, board: Any, states: str, module_folder: str | None) -> None:
        own.search_first(module_folder)
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        self._data = data
        self._reporter = Reporter(board)
        self._keeper = Keeper(Path(states))
        self._events: Generator[TrialEvent, None, None] | None = None
        self._latest: Callable[[], TrainingState] | None = None
        self._closing: threading.Thread | None = None
        self.reset_config(config)

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        self.cleanup()
        self._trial = TrialSpec.model_validate(new_config["trial"])
        self._cloned_from: int | None = new_config.get(CLONED_FROM)
        self._clone: TrainingState | None = None
        self._judged_by: dict[str, Any] = {EPOCH: 0, OBJECTIVE: nan}
        return True

    def step(self) -> dict[str, Any]:
        number = self._trial.trial_number
        if self._events is None:
            kept = None if self._clone else self._keeper.load(number)
            goes_on_from = self._clone or kept
            self._events = run_trial(self._trial, self._data, goes_on_from)
            self._trained_s = sum(epoch["duration_s"] for epoch in goes_on_from.history) if goes_on_from else 0.0
            # The driver may have died before it recorded the last epoch that was kept: it is told again.
            self._told_again = kept.history[-1:] if kept else []
        events: list[dict[str, Any]] = []
        for event in self._events:
            if isinstance(event, BatchProgress):
                if self._reporter.report(number, event.model_dump(mode="json")):
                    return self._result(events, done=True)  # the study stops
                continue
            if isinstance(event, TrialStart):
                event = event.model_copy(update={"cloned_from": self._cloned_from})
            events.append(event.model_dump(mode="json"))
            if isinstance(event, TrialStart):
                events += self._told_again
            if isinstance(event, EpochProgress):
                self._trained_s += event.duration_s
                self._judged_by = judged(self._trial.min_epochs, event.epoch, event.objective, self._trained_s)
                self._latest = event.snapshot
                self._keeper.keep(number, self._snapshot())
                if event.last:
                    continue  # its end comes at once: both in one step, before the scheduler can think of stopping it
            if isinstance(event, TrialComplete):
                self._reporter.report(number, None)
                return self._result(events, done=True)
            return self._result(events, done=False)
        raise RuntimeError("run_trial ended without TrialComplete")

    def _result(self, events: list[dict[str, Any]], *, done: bool) -> dict[str, Any]:
        if done:
            self._keeper.wait()  # the winner's weights are read as soon as the driver knows of its end
            # The old network is freed while the driver records its end and suggests the next one.
            self._closing = threading.Thread(target=self._close, name="close")
            self._closing.start()
        return {"events": events, "done": done, **self._judged_by}

    def _snapshot(self) -> TrainingState:
        assert self._latest is not None
        return self._latest()

    def save_checkpoint(self, checkpoint_dir: str) -> None:
        """For population based training: what another trial may go on from."""
        self._snapshot().save(state_file(Path(checkpoint_dir), 0))

    def load_checkpoint(self, checkpoint_dir: str) -> None:
        self._clone = TrainingState.load(state_file(Path(checkpoint_dir), 0))

    def cleanup(self) -> None:
        """End the running training, which frees its memory."""
        if self._closing is not None:
            self._closing.join()
            self._closing = None
        self._close()

    def _close(self) -> None:
        self._latest = None  # first: a snapshot would keep the old network
        if self._events is not None:
            self._events.close()
            self._events = None
