"""Watches a study that runs in this process: a thread that reads the store and the live board, four times a second.

Promises: it changes nothing, starts nothing, and whatever goes wrong in it never reaches the study. Each event is told
once, in order, and the last ones before `close` returns. Reading rows is held to a tenth of one core's time, however
many trials there are.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from tuner.console.batch_reader import BatchReader
from tuner.console.snapshot import Snapshot
from tuner.errors import UnknownStudyError
from tuner.events import DurableEvent
from tuner.spec import StudySpec
from tuner.store import Store, StudySnapshot
from tuner.study.parity import to_repeat
from tuner.study.progress import Progress, progress

log = logging.getLogger("tuner.console")

TICK_S = 0.25
_CLOSE_S = 10.0
_SHARE = 0.1
"""Share of the time that may go into reading rows."""


class StudyDisplay(Protocol):
    """What shows a study. Both are called from the watcher's thread."""

    def event(self, event: DurableEvent) -> None:
        """Something happened."""

    def moment(self, snapshot: Snapshot) -> None:
        """How things stand now."""


class Watcher:
    """A context manager: watches from `follow` on, to its end.

    Args:
        stopping: Why the study is being stopped; None: it is not.
    """

    def __init__(self, store: Store, spec: StudySpec, face: StudyDisplay, stopping: Callable[[], str | None]) -> None:
        self._store, self._spec, self._face, self._stopping = store, spec, face, stopping
        self._began = time.monotonic()
        self._after = 0
        self._name: str | None = None
        self._board: BatchReader | None = None
        self._stands: StudySnapshot | None = None
        self._stale = True
        self._read_at = 0.0
        self._trial_began = self._model_saved = False
        self._running = False
        self._loaded = False
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="tuner-console", daemon=True)

    def __enter__(self) -> Watcher:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def follow(self, spec: StudySpec, after: int = 0) -> None:
        """The study's complete spec is known now: tell its events with a number above `after`."""
        assert spec.run_name is not None
        self._spec, self._after = spec, after
        self._board = BatchReader(spec.run_name)
        self._name = spec.run_name

    def loaded(self) -> None:
        """Ray is imported: from now on the watch may ask it."""
        self._loaded = True

    def close(self) -> None:
        """Tell what is left to tell, and end. Waits ten seconds at most; closing again does nothing."""
        self._closing.set()
        self._thread.join(timeout=_CLOSE_S)

    def _watch(self) -> None:
        while True:
            last = self._closing.is_set()
            try:
                self._look(last)
            except Exception:  # a console must never end a study
                log.debug("the console could not look", exc_info=True)
            if last:
                return
            self._closing.wait(TICK_S)

    def _look(self, last: bool) -> None:
        for event in self._new_events():
            self._trial_began |= event.type in ("trial_start", "trial_complete")
            self._model_saved |= event.type == "best_model"
            self._stale = True
            if event.type == "study_status":
                self._running = event.status == "running"
            self._face.event(event)
        if self._name is not None and (self._running or self._stands is not None or last):
            self._read(last)
        self._face.moment(self._snapshot())

    def _new_events(self) -> list[DurableEvent]:
        if self._name is None:
            return []
        try:
            found = self._store.read(self._name, self._after)
        except UnknownStudyError:
            return []  # it is being prepared
        self._after = found[-1][0] if found else self._after
        return [event for _, event in found]

    def _read(self, last: bool) -> None:
        assert self._name is not None
        began = time.monotonic()
        if not self._stale or (began < self._read_at and not last):
            return
        try:
            self._stands = self._store.study_snapshot(self._name)
        except UnknownStudyError:
            return
        self._stale = False
        self._read_at = time.monotonic() + (time.monotonic() - began) * (1 / _SHARE - 1)

    def _snapshot(self) -> Snapshot:
        elapsed_s = time.monotonic() - self._began
        if self._stands is None:
            return Snapshot(self._spec, elapsed_s, self._preparing(), trials=())
        study = self._stands.study
        progress = self._progress(self._stands)
        waits = self._waits_for(progress) if study.status == "running" else None
        return Snapshot(
            self._spec,
            elapsed_s,
            waits or study.status,
            busy=waits is not None,
            progress=progress,
            trials=self._stands.trials,
            best_number=study.best_trial_number,
            best_objective=study.best_objective,
        )

    def _progress(self, stands: StudySnapshot) -> Progress:
        # The board is asked only while a trial trains: nobody asks Ray anything while it ends.
        trains = any(trial.status == "running" for trial in stands.trials) and self._stopping() is None
        live = self._board.latest() if trains and self._board else {}
        return _with_batches(progress(stands.study, stands.trials, stands.epochs, live, stands.now), live)

    def _waits_for(self, progress: Progress) -> str | None:
        """What a running study does other than to train; None: it trains."""
        stopping = self._stopping()
        if progress.running_trials and stopping:
            return f"stopping: {stopping}"
        if not stopping and not self._trial_began:
            return self._preparing()
        if stopping or progress.trials_performed >= progress.total_trials:
            if not self._model_saved:
                return "saving and testing the best model"
            if not stopping and self._repeats:
                return "training trials of RunPod again here, to compare"
            return "drawing the figures" if self._spec.plot_generation else "finishing"
        return None

    @property
    def _repeats(self) -> bool:
        """Whether trials of RunPod are left to be trained again here."""
        return self._stands is not None and bool(to_repeat(self._stands.trials, self._spec.runpod_parity_trials))

    def _preparing(self) -> str:
        ray = sys.modules.get("ray")
        if ray is None or not self._loaded:
            return "loading Ray"
        if not ray.is_initialized():
            return f"reading {self._spec.dataset}, starting Ray"
        return "waiting for RunPod" if self._spec.use_runpod_service else "loading TensorFlow in the workers"


def _with_batches(progress: Progress, live: Mapping[int, Mapping[str, Any]]) -> Progress:
    """The same, where a trial is between two epochs with the batches of the last one: its bar begins again at once."""
    running = [
        trial.model_copy(update={"batches": live[trial.trial_number]["batches"]})
        if not trial.batches and trial.trial_number in live
        else trial
        for trial in progress.running
    ]
    return progress.model_copy(update={"running": running})
