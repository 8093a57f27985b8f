"""Which figures the end of a study draws, and that none of them harms it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import ray

from tests.store.samples import GOOD, at, complete, epoch, spec, start
from tuner.events import NewBest, StudyStatus
from tuner.study import figure_drawing
from tuner.study.figure_drawing import FigureDrawing
from tuner.study.figures import Drawn
from tuner.study.finish import Finish
from tuner.study.paths import StudyPaths
from tuner.study.stop_signal import StopSignal

PATHS = StudyPaths(Path("/s"))


class Exporter:
    """A `ModelExporter` actor without a process: it notes what it draws."""

    def __init__(self, *, fails: str | None = None, files: int = 2) -> None:
        self.asked: list[str] = []
        self.options: list[dict[str, Any]] = []
        self._fails, self._files = fails, files
        self.draw_study = self._method(lambda rows, folder: ("study", folder))
        self.draw_trial = self._method(lambda rows, data, folder: (f"trial {rows.trial.trial_number}", folder))

    def _method(self, named: Any) -> Any:
        def remote(*given: Any) -> Drawn | Exception:
            what, folder = named(*given)
            self.asked.append(what)
            if what == self._fails:
                return RuntimeError("the worker died")
            return Drawn([folder / f"{number}.png" for number in range(self._files)], [f"mistakes of {what}: no"])

        def options(**given: Any) -> Any:
            self.options.append(given)
            return SimpleNamespace(remote=remote)

        return SimpleNamespace(options=options)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A study in which trials 1 and 2 have trained and 3 was rejected; Ray answers at once."""
    from tuner.store import Store

    def get(drawing: Any) -> Any:
        if isinstance(drawing, Exception):
            raise drawing
        return drawing

    monkeypatch.setattr(ray, "wait", lambda drawings, timeout: (drawings, []))
    monkeypatch.setattr(ray, "get", get)
    with Store.open(f"sqlite:///{tmp_path}/tuner.db") as opened:
        for name, generation in (("best", "best"), ("all", "all"), ("untrained", "all")):
            opened.create_study(spec(name, plot_generation=generation), folder="/s")
            opened.append(name, StudyStatus(status="running", time=at(0)))
            opened.append(name, complete(3, status="rejected", time=at(1)))
        for name in ("best", "all"):
            for number in (2, 1):
                opened.append(name, start(number, time=at(2)))
                opened.append(name, epoch(1, number))
                opened.append(name, complete(number, performance=GOOD, objective=0.9))
            opened.append(name, NewBest(trial_number=2, objective=0.9, performance=GOOD))
        yield opened


def drawn(store: Any, name: str, exporter: Exporter, signal: StopSignal | None = None) -> bool:
    return FigureDrawing(store, name, PATHS, "data", signal or StopSignal()).run(exporter)


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize(("name", "asked"), [("best", ["study", "trial 2"]), ("all", ["study", "trial 1", "trial 2"])])
def test_the_study_and_its_best_or_all_trials_are_drawn(
    store: Any, name: str, asked: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    exporter = Exporter()
    with caplog.at_level(logging.INFO, "tuner.study"):
        assert drawn(store, name, exporter)
    assert exporter.asked == asked
    assert exporter.options == [{"max_task_retries": 0}] * 2, "what kills a process is not drawn again"
    said = messages(caplog)
    assert said[-1] == f"{2 * len(asked)} figures are in /s/plots"
    assert said[0] == "a figure of the study was left out: mistakes of study: no"


def test_a_drawing_whose_process_dies_is_a_line_in_the_log(store: Any, caplog: pytest.LogCaptureFixture) -> None:
    exporter = Exporter(fails="trial 1")
    with caplog.at_level(logging.WARNING, "tuner.study"):
        assert drawn(store, "all", exporter)
    assert exporter.asked == ["study", "trial 1"]
    assert messages(caplog)[-1] == (
        "figures were left out: RuntimeError: the worker died; `tuner plots all` draws them"
    )


def test_a_study_that_was_stopped_has_no_figures_of_trials(store: Any) -> None:
    signal, exporter = StopSignal(), Exporter()
    signal.request("cancelled", "stopped by Ctrl-C")
    assert drawn(store, "all", exporter, signal)
    assert exporter.asked == ["study"]


def test_ctrl_c_ends_the_drawing_also_after_the_time_budget(
    store: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    signal, exporter = StopSignal(), Exporter()
    signal.request("completed", "time budget of 5 s used up", cause="time_budget")

    def wait(drawings: list[Any], timeout: float) -> tuple[list[Any], list[Any]]:
        signal.request("cancelled", "stopped by Ctrl-C")
        return [], drawings

    monkeypatch.setattr(ray, "wait", wait)
    assert not drawn(store, "all", exporter, signal)
    assert exporter.asked == ["study"]
    assert messages(caplog) == ["drawing the study was ended; `tuner plots all` draws figures"]
    assert signal.stop is not None
    assert signal.stop.status == "completed", "its trials are done"


def test_a_drawing_that_takes_too_long_is_ended(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray, "wait", lambda drawings, timeout: ([], drawings))
    monkeypatch.setattr(figure_drawing, "LIMIT_S", 0.0)
    assert not drawn(store, "best", Exporter())


def test_the_end_of_a_study_kills_the_process_that_still_draws(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[Any] = []
    monkeypatch.setattr(ray, "kill", killed.append)
    monkeypatch.setattr(ray, "wait", lambda drawings, timeout: ([], drawings))
    monkeypatch.setattr(figure_drawing, "LIMIT_S", 0.0)
    exporter, nothing = Exporter(), None
    finish = Finish(SimpleNamespace(store=store, name="best"), nothing, PATHS, "data", {}, StopSignal())  # type: ignore[arg-type]
    finish._exporter = exporter
    finish.draw()
    assert killed == [exporter]


def test_a_study_of_which_no_trial_trained_starts_no_process(store: Any) -> None:
    nothing = None
    finish = Finish(SimpleNamespace(store=store, name="untrained"), nothing, PATHS, "data", {}, StopSignal())  # type: ignore[arg-type]
    finish.draw()
    assert finish._exporter is None
