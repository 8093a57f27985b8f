"""Rows as tables of plain cells, and back: each row of a table is a row of the store, without a loss.

Nested values become columns such as `performance.accuracy` and `hyperparameters.batch_size`; lists are JSON in a cell.
A cell of a CSV file is JSON, except that a text stays as it is unless it reads as JSON: `adam`, but `"7"` in quotes.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

Row = TypeVar("Row", bound=BaseModel)
Table = dict[str, list[Any]]
"""Columns of equal length. A cell is a scalar, a time, a list, or None."""

OPEN = ("hyperparameters", "values")
"""Fields with names of the user's choice, which may have dots. Without an entry they are empty, not null."""
LARGEST_EXACT = 2**53
"""Largest whole number up to which a float is exact."""
AS_JSON = {b"tuner": b"json"}
"""Metadata of a Parquet column of texts that hold JSON."""


def table_of(rows: Sequence[BaseModel], model: type[BaseModel]) -> Table:
    """Return the rows as columns, in the order of the model's fields."""
    lines = [_flat(row.model_dump()) for row in rows]
    fields = list(model.model_fields)
    names = sorted(
        dict.fromkeys(name for line in lines for name in line), key=lambda name: fields.index(name.partition(".")[0])
    )
    return {name: [line.get(name) for line in lines] for name in names}


def rows_of(table: Mapping[str, Sequence[Any]], model: type[Row]) -> list[Row]:
    """Return the rows of a table that `table_of` has made."""
    empty: dict[str, Any] = {name: {} if name in OPEN else None for name in model.model_fields}
    found = []
    for cells in zip(*table.values(), strict=True):
        line: dict[str, Any] = {}
        for name, cell in zip(table, cells, strict=True):
            if cell is not None:
                _put(line, name, cell)
        found.append(model.model_validate(empty | line))
    return found


def write_csv(table: Table, file: Path) -> None:
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(table)
        writer.writerows([_text(cell) for cell in cells] for cells in zip(*table.values(), strict=True))


def read_csv(file: Path) -> Table:
    with file.open(newline="", encoding="utf-8") as source:
        names, *lines = csv.reader(source)
    return {name: [_cell(line[place]) for line in lines] for place, name in enumerate(names)}


def write_parquet(table: Table, file: Path) -> None:
    """Numbers, truth values, times and texts have their own types; a column of several kinds is JSON as text."""
    import pyarrow as pa
    from pyarrow import parquet  # takes 0.3 s to import

    fields, columns = [], []
    for name, cells in table.items():
        kind = _arrow_type([cell for cell in cells if cell is not None])
        metadata = AS_JSON if kind is None else None
        values = [None if cell is None else _text(cell) for cell in cells] if kind is None else cells
        fields.append(pa.field(name, kind or pa.string(), metadata=metadata))
        columns.append(pa.array(values, fields[-1].type))
    parquet.write_table(pa.table(columns, schema=pa.schema(fields)), file)


def read_parquet(file: Path) -> Table:
    from pyarrow import parquet

    read = parquet.read_table(file)
    found = {}
    for field in read.schema:
        cells = read.column(field.name).to_pylist()
        packed = (field.metadata or {}).items() >= AS_JSON.items()
        found[field.name] = [_cell(cell or "") for cell in cells] if packed else cells
    return found


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{prefix}{name}.")
        elif value is not None:
            found[f"{prefix}{name}"] = value
    return found


def _put(line: dict[str, Any], name: str, cell: Any) -> None:
    first, dot, rest = name.partition(".")
    if not dot:
        line[name] = cell
    elif first in OPEN:
        line.setdefault(first, {})[rest] = cell
    else:
        _put(line.setdefault(first, {}), rest, cell)


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat()
    if isinstance(cell, str) and not _is_json(cell) and _is_unicode(cell):
        return cell
    return as_json(cell)


def _cell(text: str) -> Any:
    if not text:
        return None
    return json.loads(text) if _is_json(text) else text


def as_json(value: Any, indent: int | None = None) -> str:
    """Return JSON in which only texts that are no Unicode, such as parts of a damaged traceback, are escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False)
    return text if _is_unicode(text) else json.dumps(value, indent=indent, allow_nan=False)


def _is_json(text: str) -> bool:
    """Whether a cell with this text is read as something else."""
    try:
        json.loads(text)
    except ValueError:
        return not text
    except RecursionError:
        pass
    return True


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _arrow_type(cells: Iterable[Any]) -> Any:
    """Return the type of Arrow for these cells; None: only JSON holds them all."""
    import pyarrow as pa

    cells = list(cells)
    kinds = {type(cell) for cell in cells}
    whole = [cell for cell in cells if type(cell) is int]
    if kinds <= {str} and all(map(_is_unicode, cells)):
        return pa.string()
    if kinds == {bool}:
        return pa.bool_()
    if kinds == {int} and all(-(2**63) <= cell < 2**63 for cell in whole):
        return pa.int64()
    if kinds <= {int, float} and all(abs(cell) <= LARGEST_EXACT for cell in whole):
        return pa.float64()
    return pa.timestamp("us", "UTC") if kinds == {datetime} else None
