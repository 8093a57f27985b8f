"""A study that runs, and what people ask of it meanwhile: to end one trial, to train more or fewer at once.

All of the study is real but its networks: see `tests.study.waiting`.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.study.conftest import SMALL_CNN
from tests.study.waiting import COMMAND, FOLDER, HURRY
from tuner.store import Changes, Store, TrialRow

pytestmark = [pytest.mark.slow, pytest.mark.ray]

ROOT = Path(__file__).parents[2]
STUDY = {
    "dataset": "digits",
    "run_name": "s",
    "trials": 6,
    "concurrent_workers": 1,
    "max_epochs_per_trial": 200,
    "early_stopping_patience": "null",
    "scheduler": "none",
    "baseline": "false",
    "cpus_per_trial": 0.1,
    "plot_generation": "none",
    **{f"space.{name}": value for name, value in SMALL_CNN.items()},
}
LONGEST_S = 240.0
"""Longest wait for a start or an end of a study: Ray starts slowly on a busy machine."""
SOON_S = 10.0
"""Longest wait for an effect that takes about 2 s, with time for a busy machine."""


class Machine:
    """One machine with a results folder, on which commands run one after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        own = {"TUNER_RESULTS_DIR": str(folder), "TUNER_DATABASE_URL": f"sqlite:///{folder}/tuner.db"}
        kept = {name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"}
        self._environment = kept | own | {FOLDER: str(folder)}
        self._process: subprocess.Popen[str] | None = None
        self.store = Store.open(own["TUNER_DATABASE_URL"])
        self.changes = Changes(self.store)

    def begin(self, *arguments: str) -> None:
        with (self.folder / "output").open("a") as output:
            self._process = subprocess.Popen(
                [*COMMAND, *arguments], cwd=ROOT, env=self._environment, stdout=output, stderr=output, text=True
            )

    def hurry(self) -> None:
        """Let all epochs take no time from now on."""
        (self.folder / HURRY).touch()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def end(self) -> None:
        """Wait for the end of the command, which must succeed."""
        assert self._process is not None
        assert self._process.wait(LONGEST_S) == 0, self.said

    @property
    def said(self) -> str:
        return (self.folder / "output").read_text()[-3000:]

    def wait(self, met: Callable[[], bool], seconds: float = LONGEST_S) -> float:
        """Wait until a condition is met; return the seconds."""
        began = time.monotonic()
        while not met():
            assert time.monotonic() < began + seconds, self.said
            assert self._process is not None
            assert self._process.poll() in (None, 0), self.said
            time.sleep(0.05)
        return time.monotonic() - began

    def trials(self) -> dict[int, TrialRow]:
        try:
            return {trial.trial_number: trial for trial in self.store.trials("s")}
        except Exception:  # noqa: BLE001 - the command has not created it yet
            return {}

    def running(self) -> set[int]:
        """Numbers of the trials that train, each of which has reported an epoch."""
        return {n for n, trial in self.trials().items() if trial.status == "running" and trial.epochs_trained}


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path)
    yield made
    made.kill()
    made.store.close()


def test_people_end_trials_and_change_how_many_train_at_once_and_a_resume_knows_of_it(machine: Machine) -> None:
    machine.begin("run", *(f"{name}={value}" for name, value in STUDY.items()))
    machine.wait(lambda: machine.running() == {1})

    # More workers start trials; fewer stop none.
    machine.changes.change_study("s", {"concurrent_workers": 3})
    machine.wait(lambda: machine.running() == {1, 2, 3}, LONGEST_S)
    machine.changes.change_study("s", {"concurrent_workers": 1})
    time.sleep(3)
    assert machine.running() == {1, 2, 3}, "no running trial is stopped"

    # A trial that is cancelled ends soon and keeps what it has; another one starts once there is a place for it.
    for number in (1, 2):
        machine.changes.cancel_trial("s", number)
    took_s = machine.wait(lambda: machine.running() == {3}, SOON_S)
    first = machine.trials()[1]
    assert (first.status, first.cause, first.reason) == ("cancelled", "cancelled", "cancelled by a person")
    assert first.epochs_trained >= 1
    assert first.objective is not None, f"it keeps what it had reached; it ended after {took_s:.1f} s"
    time.sleep(3)
    assert set(machine.trials()) == {1, 2, 3}, "no other one starts while as many are running as shall be"
    machine.changes.cancel_trial("s", 3)
    machine.wait(lambda: machine.running() == {4}, SOON_S)  # the worker of the cancelled trial trains the next one
    machine.changes.change_study("s", {"concurrent_workers": 2, "note": "twice"})
    machine.wait(lambda: machine.running() == {4, 5}, LONGEST_S)
    log = (machine.folder / "s" / "study.log").read_text()
    assert "at most 3 trials train at once from now on" in log

    # The driver is killed before it notices the next cancel.
    machine.kill()
    before = machine.trials()
    at = machine.store.now()
    machine.store._write(
        lambda connection: connection.exec_driver_sql(
            f"UPDATE tuner_trials SET cancel_requested_at = '{at:%Y-%m-%d %H:%M:%S.%f}' WHERE trial_number = 4"
        )
    )
    machine.hurry()
    machine.begin("resume", "s")
    machine.end()
    trials = machine.trials()
    assert [trial.status for trial in trials.values()] == ["cancelled"] * 4 + ["completed"] * 2
    for number in (1, 2, 3):
        assert trials[number] == before[number], "it is not trained again"
    assert trials[4].reason == "cancelled by a person"
    assert trials[4].epochs_trained >= 1
    assert machine.store.study("s").status == "completed", "a cancelled trial counts: no other one takes its place"
