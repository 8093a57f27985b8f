"""Measures the project's speed beside its peers on this machine: the same data, space, budget and seeds.

Each row compares the project with one or more peers, which are written as their documentation shows them. The methods
of a row follow each other within each repeat, and each repeat begins with another method. "Cold" rows measure from the
start of a new process. `speed/rows.py` lists the rows, their methods and goals; `speed/scripts` has the peers.

Each finished measurement is appended to `results/speed.jsonl` with the machine, the load and the commit. Measurements
of the file are not repeated, so a run can be stopped and continued. After a change of the project, remove the lines of
its rows from the file.

Without options it measures what is missing, and then checks three rows (see --check), so that `make bench` fails if the
project became slower. All rows together need some two and a half hours, the check a quarter of an hour;
nothing else should run on the machine.

    python tests/benchmarks/bench_speed.py [--rows first_batch step] [--repeats 1] [--shared ../shared/data]
    python tests/benchmarks/bench_speed.py --table    # measures nothing: writes speed.md and speed.png
    python tests/benchmarks/bench_speed.py --check    # measures five pairs of three rows, and keeps no record of them
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.benchmarks.speed.conditions import conditions  # noqa: E402
from tests.benchmarks.speed.measures import measured, measured_here  # noqa: E402
from tests.benchmarks.speed.mnist import FILE  # noqa: E402
from tests.benchmarks.speed.ratios import check_verdicts  # noqa: E402
from tests.benchmarks.speed.records import Record, Task, append_records, missing, planned, read_records  # noqa: E402
from tests.benchmarks.speed.rows import CHECKED, CHECKED_REPEATS, ROWS, Row  # noqa: E402
from tests.benchmarks.speed.table import markdown, plot  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "speed.jsonl"


def main() -> None:
    asked = arguments()
    if asked.one:
        print(json.dumps(measured_here(**json.loads(asked.one))))
    elif asked.table:
        write_table(asked.file)
    elif asked.check:
        check(asked.file, asked.shared.resolve())
    else:
        rows = [ROWS[name] for name in asked.rows or ROWS]
        measure_missing(rows, asked.repeats, asked.file, asked.shared.resolve())
        if asked.rows is None and asked.repeats is None:
            check(asked.file, asked.shared.resolve())


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", nargs="+", choices=ROWS, help="default: all, and a check after them")
    parser.add_argument("--repeats", type=int, help="default: the number of each row, 3 or 5")
    parser.add_argument("--file", type=Path, default=RESULTS, help="finished measurements; the table goes beside it")
    parser.add_argument("--shared", type=Path, default=Path("../shared/data"), help="folder that holds mnist.npz")
    parser.add_argument("--table", action="store_true", help="only write the table and the plot")
    parser.add_argument(
        "--check",
        action="store_true",
        help=f"measure {', '.join(CHECKED)} again and fail if a median ratio is over 20 %% worse than in the file",
    )
    parser.add_argument("--one", help=argparse.SUPPRESS)
    return parser.parse_args()


def measure_missing(rows: Sequence[Row], repeats: int | None, file: Path, shared: Path) -> None:
    """Measure what has no record yet, and write the table. Exits with an error if a measurement failed."""
    tasks = missing(planned(measurable(rows, shared), repeats), read_records(file))
    failed = measure_all(tasks, shared, lambda records: append_records(file, records))
    if tasks:
        write_table(file)
    if failed:
        raise SystemExit(f"{len(failed)} measurements failed: {'; '.join(map(str, failed))}")


def measurable(rows: Sequence[Row], shared: Path) -> list[Row]:
    """The rows whose data are available; the others are printed."""
    available = (shared / FILE).exists()
    skipped = [row.name for row in rows if row.needs_mnist and not available]
    if skipped:
        print(f"skipped: {', '.join(skipped)}, since {shared / FILE} does not exist; --shared names another folder")
    return [row for row in rows if row.name not in skipped]


def measure_all(tasks: Sequence[Task], shared: Path, keep: Callable[[list[Record]], Any]) -> list[Task]:
    """Measure the tasks one after the other and keep the records of each; return the tasks that failed."""
    failed = []
    for place, task in enumerate(tasks, start=1):
        print(f"{place} of {len(tasks)}: {task} ... ", end="", flush=True)
        before = conditions()
        try:
            figures = measured(task, shared, Path(__file__).resolve())
        except Exception as error:  # noqa: BLE001 - the others are measured all the same
            print(f"failed: {type(error).__name__}: {error}", flush=True)
            failed.append(task)
            continue
        about = {"row": task.row, "repeat": task.repeat}
        keep([about | {"method": method} | found | before for method, found in figures.items()])
        print(", ".join(shown(found["value"], ROWS[task.row].unit) for found in figures.values()), flush=True)
    return failed


def shown(value: float | None, unit: str) -> str:
    return "not reached" if value is None else f"{value:.3g} {unit}"


def check(file: Path, shared: Path) -> None:
    """Measure the rows in CHECKED again. Exits with an error if a median ratio is worse than in the file."""
    rows = measurable([ROWS[name] for name in CHECKED], shared)
    fresh: list[Record] = []
    failed = measure_all(planned(rows, CHECKED_REPEATS), shared, fresh.extend)
    verdicts = check_verdicts(fresh, read_records(file))
    words = {True: "as before", False: "WORSE", None: "not compared"}
    for one in verdicts:
        print(f"{one.goal}: {words[one.met]} ({one.evidence})")
    if failed or any(one.met is False for one in verdicts):
        raise SystemExit("slower than the committed measurements, or a measurement failed")


def write_table(file: Path) -> None:
    """Write the table and the plot beside the file of records."""
    records = read_records(file)
    page = markdown(records)
    file.with_suffix(".md").write_text(page)
    plot(records, file.with_suffix(".png"))
    print(page)


if __name__ == "__main__":
    main()
