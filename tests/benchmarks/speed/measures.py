"""Measures one task of `bench_speed`: the methods of a row that belong together, in one repeat."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.benchmarks.speed.processes import MeasurementError, environment, own_folder, run_well
from tests.benchmarks.speed.records import Task

IN_PROCESS_S = 900.0
"""Longest time of a measurement within one Python process."""
Figures = dict[str, dict[str, Any]]
"""What was measured, by method: `value`, and more."""


def measured(task: Task, shared: Path, program: Path) -> Figures:
    """Measure a task, with processes and files of its own. Raises MeasurementError if it fails.

    Args:
        program: `bench_speed.py`, which measures some rows in a process of its own.
    """
    from tests.benchmarks.speed import cold, searches

    with own_folder() as folder:
        if task.row in ("step", "overhead"):
            return in_its_own_process(task, shared, folder, program)
        if task.row == "listing":
            return cold.listing(folder, task.methods, task.repeat)
        (method,) = task.methods
        match task.row, method:
            case ("first_batch", "tuner"):
                figures = cold.first_batch_tuner(folder, shared, task.repeat)
            case ("second_study", "tuner"):
                figures = cold.second_study_tuner(folder, shared, task.repeat)
            case (("first_batch" | "second_study"), "keras"):
                figures = cold.first_batch_keras(folder, shared, task.repeat)
            case ("eight_trials", "tuner"):
                figures = searches.eight_trials_tuner(folder, shared, task.repeat)
            case ("eight_trials", _):
                figures = searches.eight_trials_peer(method, folder, shared, task.repeat)
            case (("mnist_97" | "mnist_985"), "tuner"):
                figures = searches.accuracy_tuner(task.row, folder, shared, task.repeat)
            case (("mnist_97" | "mnist_985"), _):
                figures = searches.accuracy_peer(task.row, method, folder, shared, task.repeat)
            case ("health", _):
                figures = searches.trials_of_mode(method, folder, shared, task.repeat)
            case ("serve", "tuner"):
                figures = cold.serve_tuner(folder, shared, task.repeat)
            case ("serve", _):
                figures = cold.serve_ray(folder, shared, task.repeat)
            case _:
                raise ValueError(f"no measure of {task}")
        return {method: figures}


def in_its_own_process(task: Task, shared: Path, folder: Path, program: Path) -> Figures:
    """Measure a task in a process that runs `program --one`."""
    asked = json.dumps(asdict(task) | {"shared": str(shared), "folder": str(folder)})
    done = run_well([sys.executable, str(program), "--one", asked], environment(folder), IN_PROCESS_S)
    figures = done.figures()
    if figures is None:
        raise MeasurementError(f"{task} printed no figures:\n{done.output[-3_000:]}")
    return figures


def measured_here(row: str, repeat: int, methods: list[str], shared: str, folder: str) -> Figures:
    """In that process: measure the task."""
    from tests.benchmarks.speed import in_process

    if row == "step":
        return in_process.step(tuple(methods), Path(shared), repeat)
    (method,) = methods
    return {method: in_process.overhead(method, Path(folder))}
