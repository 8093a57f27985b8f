"""Draws the figures of a study at its end, in the process that saves its models.

They never fail a study: what cannot be drawn is a line in its log.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import ray

from tuner.errors import in_one_line
from tuner.store import Store
from tuner.study.figures import Drawn, StudyRows, TrialRows
from tuner.study.paths import StudyPaths
from tuner.study.stop_signal import StopSignal

log = logging.getLogger("tuner.study")

POLL_S = 0.5
LIMIT_S = 300.0
"""Longest time for the figures of the study, or of one trial; they take seconds."""


class FigureDrawing:
    """The figures of a study, and those of its best trial or of all trials.

    A study that a person has stopped gets only its own ones. To stop it while they are drawn ends the drawing.

    Args:
        data: Reference to the study's data in Ray's object store.
    """

    def __init__(self, store: Store, name: str, paths: StudyPaths, data: Any, signal: StopSignal) -> None:
        self._store, self._name, self._paths, self._data, self._signal = store, name, paths, data, signal
        self._stopped_before = signal.cancelled

    @cached_property
    def _rows(self) -> StudyRows:
        store, name = self._store, self._name
        return StudyRows(store.study(name), store.trials(name), store.epochs(name), store.now())

    @property
    def is_empty(self) -> bool:
        """Whether no trial has trained an epoch, so that no figure could show anything."""
        return not self._rows.epochs

    def run(self, exporter: Any) -> bool:
        """Draw with a `ModelExporter` actor; False if it still draws and must be ended."""
        files = 0
        try:
            for what, drawing in self._drawings(exporter):
                drawn = self._result(drawing)
                if drawn is None:
                    log.warning("drawing %s was ended; `tuner plots %s` draws figures", what, self._name)
                    return False
                for failure in drawn.failures:
                    log.warning("a figure of %s was left out: %s", what, failure)
                files += len(drawn.files)
        except Exception as error:  # noqa: BLE001 - a lost process, or a database that is away
            log.warning("figures were left out: %s; `tuner plots %s` draws them", in_one_line(error), self._name)
        log.info("%d figures are in %s", files, self._paths.plots)
        return True

    def _drawings(self, exporter: Any) -> Iterator[tuple[str, Any]]:
        """What is drawn, and the reference to its result; each is started once the one before has ended."""
        study = self._rows.study
        trained = {epoch.trial_number for epoch in self._rows.epochs}
        wanted = trained if study.spec.plot_generation == "all" else trained & {study.best_trial_number}
        # A process that dies over a figure must not draw it again.
        study_drawing, trial_drawing = (
            method.options(max_task_retries=0) for method in (exporter.draw_study, exporter.draw_trial)
        )
        yield "the study", study_drawing.remote(self._rows, self._paths.plots)
        for number in [] if self._stopped_before else sorted(wanted):
            rows = TrialRows.read(self._store, self._name, number)
            yield f"trial {number}", trial_drawing.remote(rows, self._data, self._paths.trial_plots(number))

    def _result(self, drawing: Any) -> Drawn | None:
        """Wait for a drawing; None if a person stopped the study, or if it takes too long."""
        until_s = time.monotonic() + LIMIT_S
        while not ray.wait([drawing], timeout=POLL_S)[0]:
            stopped = self._signal.cancelled and not self._stopped_before
            if stopped or time.monotonic() > until_s:
                return None
        drawn: Drawn = ray.get(drawing)
        return drawn
