"""The cells of `bench_results`: what is measured, and the file of those that are finished.

A cell is one method on one data set, within so many minutes, with one seed. A finished cell is a record: a line of a
JSON-lines file with the cell, its figures and the machine. A line is never changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

METHODS = ("tuner", "baseline", "keras_tuner", "optuna", "engineer")
DATA = ("digits", "mnist", "cifar10_small", "imdb", "ag_news", "stdlib_docs")
MINUTES, SEEDS = (3.0,), (0, 1, 2)
MORE_DATA, MORE_MINUTES, MORE_SEEDS = ("digits", "imdb", "mnist"), (1.0, 10.0), (0,)
"""Measured with less and more time, too."""

LATE = 1.02
"""A model that was saved after more than this share of its minutes was late."""

Record = dict[str, Any]


@dataclass(frozen=True)
class Cell:
    """One measurement."""

    data: str
    minutes: float
    """From the command to the saved model. The baseline takes the time that it needs."""
    seed: int
    method: str

    def __str__(self) -> str:
        return f"{self.data}, {self.minutes:g} min, seed {self.seed}, {self.method}"


def cell_of(record: Record) -> Cell:
    """The cell that a record is of."""
    return Cell(**{field.name: record[field.name] for field in fields(Cell)})


def record_of(cell: Cell, figures: Record) -> Record:
    """The record of a cell with these figures."""
    return asdict(cell) | figures


def is_late(record: Record) -> bool:
    """Whether its model was saved after its minutes, so that it had more time than the others."""
    late: bool = record["saved_s"] > LATE * 60 * record["minutes"]
    return late


def chosen_cells(
    data: Sequence[str] | None = None,
    minutes: Sequence[float] | None = None,
    seeds: Sequence[int] | None = None,
    methods: Sequence[str] | None = None,
) -> list[Cell]:
    """The cells of the table, in the order in which they are measured. None: all.

    Minutes or seeds that are given replace those of the table. The methods of one data set follow each other, so that
    a machine that gets slower does so for all of them.
    """
    plans = [(data or DATA, minutes or MINUTES, seeds or SEEDS)]
    if minutes is None and seeds is None:
        plans.append(([name for name in MORE_DATA if name in (data or DATA)], MORE_MINUTES, MORE_SEEDS))
    return [
        Cell(name, minute, seed, method)
        for names, all_minutes, all_seeds in plans
        for minute in all_minutes
        for seed in all_seeds
        for name in names
        for method in methods or METHODS
    ]


def missing_cells(cells: Iterable[Cell], records: Iterable[Record]) -> list[Cell]:
    """The cells without a record, in their order."""
    finished = {cell_of(record) for record in records}
    return [cell for cell in cells if cell not in finished]


def read_records(file: Path) -> list[Record]:
    """All records of the file; none if it does not exist."""
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def append_record(file: Path, record: Record) -> None:
    """Append a record to the file, which is created if it does not exist."""
    with file.open("a") as stream:
        stream.write(json.dumps(record) + "\n")
