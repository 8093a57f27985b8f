"""What optuna-dashboard shows of a study in the middle of its run: the real program, asked over HTTP."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.search.samples import RandomSuggester, space
from tests.study.scripted import complete, epoch, start
from tuner.events import DurableEvent
from tuner.search.rungs import Rungs
from tuner.spec import StudySpec
from tuner.store import Store
from tuner.study.optuna_record import OptunaRecord
from tuner.study.paths import StudyPaths
from tuner.study.recorder import Recorder
from tuner.study.stop_signal import StopSignal

SPEC = StudySpec(run_name="s", trials=5, objective=("val_accuracy", "parameter_count"))
SPACE = space()
DASHBOARD = Path(sys.executable).parent / "optuna-dashboard"
START_S = 60.0


def suggested(number: int) -> dict[str, Any]:
    return SPACE.suggest(RandomSuggester(number))


class Study:
    """A study that is written as its driver writes it, event by event."""

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder / 'tuner.db'}"
        self._store = Store.open(self.url)
        self._store.create_study(SPEC, folder=str(folder))
        self._recorder = Recorder(self._store, SPEC, StudyPaths(folder), StopSignal(), Rungs(1, 3))
        self._record = OptunaRecord(self._store, SPEC, SPACE)
        self._recorder.learners.append(self._record.learn)

    def tell(self, *events: DurableEvent) -> None:
        for event in events:
            known = {"hyperparameters": suggested(event.trial_number)} if hasattr(event, "hyperparameters") else {}
            self._recorder.append(event.model_copy(update=known))

    def close(self) -> None:
        self._record.close()
        self._store.close()


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    study = Study(tmp_path)
    yield study
    study.close()


class Dashboard:
    """optuna-dashboard on a database, as a user starts it."""

    def __init__(self, url: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.process = subprocess.Popen(
            [DASHBOARD, url, "--host", "127.0.0.1", "--port", str(self._port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + START_S
        while not self._answers():
            assert self.process.poll() is None, "it ended"
            assert time.monotonic() < deadline, "it does not answer"
            time.sleep(0.1)

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}{path}", timeout=30) as answer:
            return json.load(answer)

    def _answers(self) -> bool:
        try:
            self.get("/api/studies")
        except (urllib.error.URLError, ConnectionError):
            return False
        return True

    def close(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def dashboard(study: Study) -> Iterator[Dashboard]:
    """Started while the study runs already."""
    study.tell(start(1), epoch(1, 1, 0.5), epoch(1, 2, 0.7), complete(1, 0.7))
    study.tell(start(2), epoch(2, 1, 0.3), complete(2, 0.3, kind="pruned"))
    study.tell(complete(3, None, kind="rejected"))
    study.tell(start(4), epoch(4, 1, 0.2), complete(4, 0.2, kind="cancelled"))
    study.tell(start(5), epoch(5, 1, 0.4))
    shown = Dashboard(study.url)
    yield shown
    shown.close()


def until(condition: Any) -> Any:
    """What is true in the end: the record is written by a thread of its own, and the dashboard asks now and then."""
    deadline = time.monotonic() + START_S
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


def test_it_shows_the_study_as_it_stands_and_follows_it(study: Study, dashboard: Dashboard) -> None:
    def trials() -> dict[int, Any]:
        shown = dashboard.get(f"/api/studies/{summary['study_id']}?after=0")["trials"]
        return {number_of(trial): trial for trial in shown}

    (summary,) = dashboard.get("/api/studies")["study_summaries"]
    assert (summary["study_name"], summary["directions"]) == ("s", ["maximize", "minimize"])
    detail = dashboard.get(f"/api/studies/{summary['study_id']}?after=0")
    assert detail["objective_names"] == ["val_accuracy", "parameter_count"]

    shown = until(lambda: len(found := trials()) == 5 and found[5]["intermediate_values"] and found)
    states = {number: trial["state"] for number, trial in shown.items()}
    assert states == {1: "Complete", 2: "Pruned", 3: "Fail", 4: "Waiting", 5: "Running"}
    assert shown[1]["values"] == [0.7, 10.0]
    curves = {number: [(v["step"], v["value"]) for v in t["intermediate_values"]] for number, t in shown.items()}
    assert curves == {1: [(1, 0.5), (2, 0.7)], 2: [(1, 0.3)], 3: [], 4: [(1, 0.2)], 5: [(1, 0.4)]}
    for number, trial in shown.items():
        parameters = {p["name"]: p["param_external_value"] for p in trial["params"]}
        known = suggested(number)
        assert parameters == {name: str(known[name]) for name in parameters}
        assert {"learning_rate", "optimizer"} <= set(parameters), "by the names that people know"
    assert ("status", "rejected") in [(a["key"], a["value"]) for a in shown[3]["user_attrs"]]

    study.tell(start(4), epoch(4, 2, 0.6), complete(4, 0.6), epoch(5, 2, 0.45))
    shown = until(lambda: (found := trials())[4]["state"] == "Complete" and found)
    assert shown[4]["values"] == [0.6, 10.0]


def number_of(trial: Any) -> int:
    """The number that a trial has in the study's own log."""
    return int(next(a["value"] for a in trial["user_attrs"] if a["key"] == "trial_number"))
