"""Measures the accuracy that a user gets for their minutes, beside a baseline, two other tuners and a good engineer.

Data: digits, MNIST (6,000 samples), CIFAR-10 (small), imdb, AG News and the docstrings of Python's standard library.
The time runs from the command to the saved model; all methods have the same split and all cores, and the saved model
is tested once.

- tuner: `tuner run dataset=... time_budget_s=...`.
- baseline: the majority class or logistic regression, as each study fits it. It takes the seconds that it needs.
- keras_tuner: KerasTuner's Hyperband over a space as its documentation builds one.
- optuna: plain Optuna with TPE over the space that the tuner had in November 2026, one trial after the other.
- engineer: a good first network (two blocks of two convolutions, or a bidirectional LSTM), trained for all the time.

Each finished cell (data, minutes, seed, method) is appended to `results/results.jsonl` with the machine and the commit.
Cells of the file are not measured again, so a run of some six hours can be stopped and continued. After a change of the
tuner, remove its lines from the file.

    python tests/benchmarks/bench_results.py [--data digits imdb] [--minutes 3] [--seeds 0 1] [--methods tuner engineer]
    python tests/benchmarks/bench_results.py --table    # measures nothing: writes results.md and results.png
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.accuracy.cells import (
    DATA,
    METHODS,
    Cell,
    Record,
    append_record,
    chosen_cells,
    missing_cells,
    read_records,
    record_of,
)
from tests.benchmarks.accuracy.sources import lacking_file
from tests.benchmarks.accuracy.table import markdown, plot
from tests.benchmarks.accuracy.task import Task
from tests.benchmarks.accuracy.tuner_command import latest_overhead_s

RESULTS = Path(__file__).parent / "results" / "results.jsonl"
VERSIONS = ("keras", "keras-tuner", "optuna", "ray", "scikit-learn", "tensorflow")
LONGEST_S = 3_600.0
"""Longest time of a cell beyond its minutes; then it has failed."""


def main() -> None:
    arguments = parse()
    if arguments.one:
        figures = measured(**json.loads(arguments.one))
        print(json.dumps(figures))
        return
    if not arguments.table:
        failed = measure(arguments)
        if failed:
            raise SystemExit(f"{len(failed)} cells failed: {'; '.join(map(str, failed))}")
    records = read_records(arguments.file)
    if arguments.table or not missing_cells(chosen_cells(), records):
        page = markdown(records)
        arguments.file.with_suffix(".md").write_text(page)
        plot(records, arguments.file.with_suffix(".png"))
        print(page)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", choices=DATA, help="default: all")
    parser.add_argument("--minutes", nargs="+", type=float, help="default: 3, and for three data sets 1 and 10")
    parser.add_argument("--seeds", nargs="+", type=int, help="default: 0, 1 and 2; with 1 and 10 minutes only 0")
    parser.add_argument("--methods", nargs="+", choices=METHODS, help="default: all")
    parser.add_argument("--table", action="store_true", help="only write the table and the plot")
    parser.add_argument("--file", type=Path, default=RESULTS, help="finished cells; the table goes beside it")
    parser.add_argument("--shared", type=Path, default=Path("../shared/data"), help="folder of the data files")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    return parser.parse_args()


def measure(arguments: argparse.Namespace) -> list[Cell]:
    """Measure the chosen cells that are missing, one after the other; return those that failed."""
    chosen = chosen_cells(arguments.data, arguments.minutes, arguments.seeds, arguments.methods)
    lacking = {data: file for data in DATA if (file := lacking_file(data, arguments.shared))}
    for data in dict.fromkeys(cell.data for cell in chosen if cell.data in lacking):
        print(f"{data} is skipped: {lacking[data]} does not exist; --shared names another folder")
    todo = missing_cells((cell for cell in chosen if cell.data not in lacking), read_records(arguments.file))
    failed = []
    for place, cell in enumerate(todo, start=1):
        print(f"{place} of {len(todo)}: {cell} ... ", end="", flush=True)
        figures = in_its_own_process(cell, arguments.shared, read_records(arguments.file))
        if figures is None:
            failed.append(cell)
            continue
        append_record(arguments.file, record_of(cell, figures | conditions_now()))
        print(f"test accuracy {figures['test_accuracy']:.4f}, saved after {figures['saved_s']:.1f} s", flush=True)
    return failed


def in_its_own_process(cell: Cell, shared: Path, records: Sequence[Record]) -> dict[str, Any] | None:
    """The figures of a cell, measured from the start of its process; None if it failed, which is printed."""
    with tempfile.TemporaryDirectory() as folder:
        asked = {
            "cell": asdict(cell),
            "shared": str(shared.absolute()),
            "folder": folder,
            "overhead_s": latest_overhead_s(records, cell.data),
            "started": time.time(),
        }
        process = subprocess.Popen(
            [sys.executable, __file__, "--one", json.dumps(asked)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
            start_new_session=True,
        )
        try:
            output, errors = process.communicate(timeout=60 * cell.minutes + LONGEST_S)
        except BaseException:  # also Ctrl-C: a training must not go on alone
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()
            raise
    if process.returncode:
        print(f"failed with exit code {process.returncode}:\n{errors[-3_000:]}", flush=True)
        return None
    figures: dict[str, Any] = json.loads(output.splitlines()[-1])
    return figures


def measured(cell: dict[str, Any], shared: str, folder: str, overhead_s: float | None, started: float) -> Record:
    """In the process of one cell: its figures."""
    from tuner.models.keras_settings import prepare_environment

    prepare_environment()
    from tests.benchmarks.accuracy import peers, tuner_command

    one = Cell(**cell)
    task = Task(one.data, one.seed, 60 * one.minutes, started, Path(shared), Path(folder), overhead_s)
    methods = {"tuner": tuner_command.tuner} | {name: getattr(peers, name) for name in METHODS if name != "tuner"}
    return methods[one.method](task)


def conditions_now() -> dict[str, Any]:
    """The machine and how busy it is, the commit and the versions."""
    from tests.benchmarks.studies import conditions

    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=Path(__file__).parent, capture_output=True, text=True
    ).stdout.strip()
    return {
        **conditions(),
        "load": round(os.getloadavg()[0], 2),
        "commit": commit or None,
        "versions": {name: version(name) for name in VERSIONS},
    }


if __name__ == "__main__":
    main()
