"""What optuna-dashboard shows while `tuner optuna --follow` follows a study: the real programs, asked over HTTP."""

from __future__ import annotations

import json
import os
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
from tests.study.scripted import complete, epoch, start, status
from tuner.events import DurableEvent
from tuner.spec import StudySpec
from tuner.store import Store

SPEC = StudySpec(run_name="s", trials=5, objective=("val_accuracy", "parameter_count"))
SPACE = space()
DASHBOARD, TUNER = (Path(sys.executable).parent / name for name in ("optuna-dashboard", "tuner"))
START_S = 60.0


def suggested(number: int) -> dict[str, Any]:
    return SPACE.suggest(RandomSuggester(number))


class Study:
    """A study whose events are written one after the other."""

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder / 'tuner.db'}"
        self._store = Store.open(self.url)
        self._store.create_study(SPEC, folder=str(folder))

    def tell(self, *events: DurableEvent) -> None:
        for event in events:
            known = {"hyperparameters": suggested(event.trial_number)} if hasattr(event, "hyperparameters") else {}
            self._store.append("s", event.model_copy(update=known))

    def close(self) -> None:
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
    following = subprocess.Popen(
        [TUNER, "optuna", "s", "--follow"],
        env={**os.environ, "TUNER_DATABASE_URL": study.url},
        stdout=subprocess.DEVNULL,
    )
    shown = Dashboard(study.url)
    yield shown
    shown.close()
    study.tell(status("completed", 10))
    assert following.wait(START_S) == 0, "it ends with the study"


def until(condition: Any) -> Any:
    """What is true in the end: `tuner optuna --follow` and the dashboard both look now and then."""
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
