"""The tuner as a method of `bench_results`: its command, as a new user types it, with `time_budget_s`.

The budget of a study counts from the start of its first trial, but the benchmark's clock runs from the command to the
saved model. So the study gets the minutes of its cell less the seconds that the command of the latest cell with these
data needed beyond its budget. Before the first cell of a data set, a study of one epoch measures them, outside the
clock.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks import bench_portfolio
from tests.benchmarks.accuracy.cells import Record
from tests.benchmarks.accuracy.task import Task
from tuner.search.portfolio import ANOTHER_TABLE
from tuner.settings import Settings
from tuner.store import Store, StudyRow, TrialRow

STUDY_FAILED = 1
"""Exit code of a command whose study has no model."""
TRIALS = 1_000
"""More than the time allows: the default of 20 would end a study on small data early."""
FIRST = {"trials": 1, "max_epochs_per_trial": 1, "concurrent_workers": 1}
FIRST_SHARE = 0.1
"""The study that measures the start and the end of a command, and its share of the data."""
LEAST_S = 5.0
"""Least time budget of a cell, in seconds."""
SAFETY_S = 2.0
"""Left over, since the end of a study takes longer if a large network is its best."""


@dataclass(frozen=True)
class Run:
    """One command that has ended."""

    folder: Path
    """Results of all studies."""
    name: str
    arguments: tuple[str, ...]
    started: float
    """`time.time()` of the command."""
    saved_s: float
    """Seconds from the command to the saved model; without a model, to the end of the command."""
    command_s: float

    def rows(self) -> tuple[StudyRow, list[TrialRow]]:
        """The study and its trials."""
        settings = Settings(results_dir=self.folder)
        with Store.open(settings.store_url()) as store:
            return store.study(self.name), store.trials(self.name)


def latest_overhead_s(records: Iterable[Record], data: str) -> float | None:
    """Seconds that the latest command on this data set needed beyond its budget; None: there was none.

    The latest, since a machine is busy at times, and a cell must not lose its seconds to a busy hour long ago.
    """
    of_data = [record for record in records if (record["method"], record["data"]) == ("tuner", data)]
    return of_data[-1]["saved_s"] - of_data[-1]["time_budget_s"] if of_data else None


def tuner(task: Task) -> dict[str, Any]:
    """Run the command and return its figures, with those of the first trial that ended.

    `first_trial` has its test accuracy, `ended_s` from the command, and `trained_s`, its own seconds. The study keeps
    no weights of it: it is trained again from its spec, to its best epoch, which gives the same numbers.
    """
    overhead_s = task.overhead_s
    if overhead_s is None:
        share = task.fields.get("sample_percentage", 1.0) * FIRST_SHARE
        first = _run(task, "first", FIRST | {"sample_percentage": share})
        _, (trial,) = first.rows()
        assert trial.duration_seconds is not None
        overhead_s = first.saved_s - trial.duration_seconds
    budget_s = round(max(LEAST_S, task.limit_s - overhead_s - SAFETY_S), 1)
    run = _run(task, "cell", {"time_budget_s": budget_s, "trials": TRIALS})
    return {"time_budget_s": budget_s} | _figures_of(run, task)


def _run(task: Task, name: str, more: dict[str, Any]) -> Run:
    fields = task.fields | more | {"run_name": name}
    arguments = ("run", *(f"{key}={value}" for key, value in fields.items()))
    # A portfolio is never chosen on what it is measured on.
    table = task.folder / "portfolio.json"
    curves = bench_portfolio.read_curves(bench_portfolio.RESULTS)
    chosen = {kind: bench_portfolio.chosen(kind, curves, task.data) for kind in bench_portfolio.DATA}
    bench_portfolio.write(chosen, table)
    # A Ray of its own, even if another one runs on this machine.
    environment = os.environ | {"TUNER_RESULTS_DIR": str(task.folder), "RAY_ADDRESS": "local"}
    environment[ANOTHER_TABLE] = str(table)
    started = time.time()
    ended = subprocess.run(
        [Path(sys.executable).with_name("tuner"), *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    command_s = time.time() - started
    if ended.returncode not in (0, STUDY_FAILED):
        raise SystemExit(f"tuner {' '.join(arguments)} exited with {ended.returncode}:\n{ended.stdout[-3_000:]}")
    model = task.folder / name / "best_model" / "model.keras"
    saved_s = model.stat().st_mtime - started if model.exists() else command_s
    return Run(task.folder, name, arguments, started, saved_s, command_s)


def _figures_of(run: Run, task: Task) -> dict[str, Any]:
    from tests.benchmarks.accuracy.peers import without_model
    from tuner.study.plan import make_plan

    study, trials = run.rows()
    plan = make_plan(study.spec, Settings(results_dir=run.folder))
    common = {
        "saved_s": run.saved_s,
        "command_s": run.command_s,
        "command": " ".join(("tuner", *run.arguments)).replace(str(Path.cwd().parent), ".."),
        "trials": len(trials),
    }
    if study.test_accuracy is None:
        return without_model(task, plan.data, plan.test) | common | {"reason": study.reason, "first_trial": None}
    best = next(trial for trial in trials if trial.trial_number == study.best_trial_number)
    ended = [trial for trial in trials if trial.performance is not None and trial.completed_at is not None]
    first = min(ended, key=lambda trial: trial.completed_at)
    assert best.performance is not None
    return common | {
        "val_accuracy": best.performance.accuracy,
        "test_accuracy": study.test_accuracy,
        "test_samples": len(plan.test.y),
        "best_trial": best.trial_number,
        "hyperparameters": best.hyperparameters,
        "first_trial": _first_trial(run, plan, first),
    }


def _first_trial(run: Run, plan: Any, row: Any) -> dict[str, Any]:
    from tests.benchmarks.accuracy.peers import accuracy_of
    from tuner import models
    from tuner.events import EpochProgress
    from tuner.training import run_trial

    trial = plan.trial(row.trial_number, row.hyperparameters)
    with closing(run_trial(trial, plan.data)) as training:
        epoch = next(one for one in training if isinstance(one, EpochProgress) and one.epoch == row.best_epoch)
        assert epoch.snapshot is not None
        weights = epoch.snapshot().best_weights
    network = models.build(trial, plan.data.input, plan.data.classes)
    network.set_weights(weights)
    model = models.with_raw_input(network, trial, plan.data.input)
    return {
        "trial_number": row.trial_number,
        "status": row.status,
        "cause": row.cause,
        "epochs": row.epochs_trained,
        "ended_s": row.completed_at.timestamp() - run.started,
        "trained_s": row.duration_seconds,
        "val_accuracy": row.performance.accuracy,
        "test_accuracy": accuracy_of(model, plan.test.x, plan.test.y),
        "trained_again_equally": epoch.validation.accuracy == row.performance.accuracy,
    }
