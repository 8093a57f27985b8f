"""Watches a study that runs in this process: a thread reads the store and the live progress four times a second.

It changes nothing and starts nothing, and its errors never reach the study. Each event is shown once, in order, and the
last ones before `close` returns. Reading rows takes at most a tenth of one core's time.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from tuner.console.snapshot import Snapshot
from tuner.errors import UnknownStudyError
from tuner.events import DurableEvent
from tuner.spec import StudySpec
from tuner.store import Store, StudySnapshot
from tuner.study.parity import to_repeat
from tuner.study.progress import Progress, progress
from tuner.study.result import best_so_far

log = logging.getLogger("tuner.console")

TICK_S = 0.25
_CLOSE_S = 10.0
_SHARE = 0.1
"""Share of the time that may be spent reading rows."""
_RETRY_S = 1.0
"""Seconds before an unavailable actor is asked again."""


class BatchReader:
    """Reads the latest batch of each running trial, in one thread. Never starts Ray, never waits and never raises."""

    def __init__(self, study: str) -> None:
        self._study = study
        self._handle: Any = None
        self._pending: Any = None
        self._latest: Mapping[int, Mapping[str, Any]] = {}
        self._retry_at = 0.0

    def latest(self) -> Mapping[int, Mapping[str, Any]]:
        """The last received batch of each trial, by trial number; requests newer ones without waiting for them."""
        ray = sys.modules.get("ray")  # whoever trains has imported it; this module never does
        if ray is None or not hasattr(ray, "is_initialized") or time.monotonic() < self._retry_at:
            return self._latest
        try:
            if ray.is_initialized():
                self._poll(ray)
        except Exception:  # noqa: BLE001 - if the actor or Ray has ended, the numbers just stay old
            self._handle = self._pending = None
            self._retry_at = time.monotonic() + _RETRY_S
        return self._latest

    def _poll(self, ray: Any) -> None:
        if self._handle is None:
            from tuner.runners.live_progress import find_live_progress  # imports Ray

            self._handle = find_live_progress(self._study)
        if self._pending is None:
            self._pending = self._handle.latest.remote()
        if ray.wait([self._pending], timeout=0)[0]:
            answer, self._pending = self._pending, None
            self._latest = ray.get(answer)


class StudyDisplay(Protocol):
    """Shows a study. Both methods are called from the watcher's thread."""

    def show_event(self, event: DurableEvent) -> None:
        """Show a new event."""

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show the current state."""


class Watcher:
    """Context manager that watches a study from the call of `watch` to its end.

    `stop_reason` returns why the study is being stopped; None if it is not.
    """

    def __init__(
        self, store: Store, spec: StudySpec, display: StudyDisplay, stop_reason: Callable[[], str | None]
    ) -> None:
        self._store, self._spec, self._display, self._stop_reason = store, spec, display, stop_reason
        self._began = time.monotonic()
        self._after = 0
        self._name: str | None = None
        self._batches: BatchReader | None = None
        self._rows: StudySnapshot | None = None
        self._stale = True
        self._read_at = 0.0
        self._trial_began = self._model_saved = False
        self._running = False
        self._ray_imported = False
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tuner-console", daemon=True)

    def __enter__(self) -> Watcher:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def watch(self, spec: StudySpec, after: int = 0) -> None:
        """Start to show the study of this complete spec, with its events numbered above `after`."""
        assert spec.run_name is not None
        self._spec, self._after = spec, after
        self._batches = BatchReader(spec.run_name)
        self._name = spec.run_name

    def ray_imported(self) -> None:
        """Allow the watcher to use Ray, whose import has finished."""
        self._ray_imported = True

    def close(self) -> None:
        """Show the last events and end, within ten seconds. Further calls do nothing."""
        self._closing.set()
        self._thread.join(timeout=_CLOSE_S)

    def _run(self) -> None:
        while True:
            last = self._closing.is_set()
            try:
                self._update(last)
            except Exception:  # an error of the console must not end the study
                log.debug("the console could not read the study", exc_info=True)
            if last:
                return
            self._closing.wait(TICK_S)

    def _update(self, last: bool) -> None:
        for event in self._new_events():
            self._trial_began |= event.type in ("trial_start", "trial_complete")
            self._model_saved |= event.type == "best_model"
            self._stale = True
            if event.type == "study_status":
                self._running = event.status == "running"
            self._display.show_event(event)
        if self._name is not None and (self._running or self._rows is not None or last):
            self._read(last)
        self._display.show_snapshot(self._snapshot())

    def _new_events(self) -> list[DurableEvent]:
        if self._name is None:
            return []
        try:
            found = self._store.read(self._name, self._after)
        except UnknownStudyError:
            return []  # not created yet
        self._after = found[-1][0] if found else self._after
        return [event for _, event in found]

    def _read(self, last: bool) -> None:
        assert self._name is not None
        began = time.monotonic()
        if not self._stale or (began < self._read_at and not last):
            return
        try:
            self._rows = self._store.study_snapshot(self._name)
        except UnknownStudyError:
            return
        self._stale = False
        self._read_at = time.monotonic() + (time.monotonic() - began) * (1 / _SHARE - 1)

    def _snapshot(self) -> Snapshot:
        elapsed_s = time.monotonic() - self._began
        if self._rows is None:
            return Snapshot(self._spec, elapsed_s, self._preparing(), trials=())
        study = self._rows.study
        progress = self._progress(self._rows)
        activity = self._activity(progress) if study.status == "running" else None
        return Snapshot(
            self._spec,
            elapsed_s,
            activity or study.status,
            busy=activity is not None,
            progress=progress,
            trials=self._rows.trials,
            best=best_so_far(study, self._rows.trials),
            baseline=study.baseline,
        )

    def _progress(self, rows: StudySnapshot) -> Progress:
        # Ray is asked only while a trial is training: it must not be asked while it shuts down.
        training = any(trial.status == "running" for trial in rows.trials) and self._stop_reason() is None
        live = self._batches.latest() if training and self._batches else {}
        return progress(rows.study, rows.trials, rows.epochs, live, rows.now)

    def _activity(self, progress: Progress) -> str | None:
        """What a running study is doing other than training; None if it is training."""
        stop_reason = self._stop_reason()
        if progress.running_trials and stop_reason:
            return f"stopping: {stop_reason}"
        if not stop_reason and not self._trial_began:
            return self._preparing()
        if stop_reason or progress.trials_performed >= progress.total_trials:
            if not self._model_saved:
                refit = "training the best network on training and validation data, " if self._spec.refit else ""
                return f"{refit}saving and testing the best model"
            if not stop_reason and to_repeat(self._rows.trials if self._rows else [], self._spec.runpod_parity_trials):
                return "training trials of RunPod again locally, to compare"
            return "drawing the figures" if self._spec.plot_generation != "none" else "finishing"
        return None

    def _preparing(self) -> str:
        ray = sys.modules.get("ray")
        if ray is None or not self._ray_imported:
            return "loading Ray"
        if not ray.is_initialized():
            return f"reading {self._spec.dataset}, starting Ray"
        return "waiting for RunPod" if self._spec.use_runpod_service else "loading TensorFlow in the workers"
