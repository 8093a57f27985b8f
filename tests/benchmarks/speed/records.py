"""The records of `bench_speed`: one line of a JSON-lines file for each finished measurement.

A measurement is one method of one row in one repeat. A line is never changed; of several lines of the same measurement
the last one counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.speed.rows import Row

Record = dict[str, Any]
"""`row`, `method`, `repeat`, `value` (null: the target was not reached within `limit_s`), the conditions, and more."""


@dataclass(frozen=True)
class Task:
    """Methods that are measured together: they belong to one row and one repeat."""

    row: str
    repeat: int
    methods: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.row}, repeat {self.repeat}, {' and '.join(self.methods)}"


def tasks_of(row: Row, repeats: int | None = None) -> list[Task]:
    """All tasks of a row, repeat by repeat. Each repeat begins with another method. None: the row's own repeats."""
    return [
        Task(row.name, repeat, methods)
        for repeat in range(row.repeats if repeats is None else repeats)
        for methods in rotated(row.groups, repeat)
    ]


def rotated(groups: Sequence[tuple[str, ...]], repeat: int) -> list[tuple[str, ...]]:
    """The groups of a row in the order of this repeat."""
    first = repeat % len(groups)
    return [*groups[first:], *groups[:first]]


def planned(rows: Iterable[Row], repeats: int | None = None) -> list[Task]:
    """The tasks of these rows: first all rows of repeat 0, then all rows of repeat 1, and so on."""
    return sorted((task for row in rows for task in tasks_of(row, repeats)), key=lambda task: task.repeat)


def missing(tasks: Iterable[Task], records: Iterable[Record]) -> list[Task]:
    """The tasks of which at least one method has no record, in their order."""
    finished = {key_of(record) for record in records}
    return [task for task in tasks if any((task.row, one, task.repeat) not in finished for one in task.methods)]


def key_of(record: Record) -> tuple[str, str, int]:
    """Row, method and repeat of a record."""
    return record["row"], record["method"], record["repeat"]


def by_repeat(records: Iterable[Record], row: str, method: str) -> dict[int, Record]:
    """The records of a method, by their repeats."""
    found = {one["repeat"]: one for one in records if (one["row"], one["method"]) == (row, method)}
    return dict(sorted(found.items()))


def read_records(file: Path) -> list[Record]:
    """All records of the file; none if it does not exist."""
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def append_records(file: Path, records: Iterable[Record]) -> None:
    """Append records to the file, which is created if it does not exist."""
    with file.open("a") as stream:
        stream.writelines(json.dumps(record) + "\n" for record in records)
