"""Reads texts and labels from .csv, .jsonl and .parquet files."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tuner.datasets.raw_samples import RawSamples, read_errors
from tuner.errors import FixInputError

if TYPE_CHECKING:  # pandas takes half a second to import
    import pandas as pd

_DECIMAL = re.compile(r"[+-]?\d+\.\d*")
_REMEDY = "name the columns text and label, or use exactly two columns, the label with fewer distinct values"


def read_table(path: Path) -> RawSamples:
    """Return the texts and labels of a .csv, .jsonl or .parquet file.

    The columns are named text and label (in any case), or there are exactly two, and the one with fewer distinct values
    is the label. A missing text counts as empty; a missing label is an error. Labels are strings or whole numbers.
    """
    kind = path.suffix.lower().removeprefix(".")
    with read_errors(path, f"a table in {kind} format"):
        frame = {"csv": _csv, "jsonl": _jsonl, "parquet": _parquet}[kind](path)
    if frame.empty:
        raise FixInputError(f"{path} has no rows", remedy="use at least 2 texts per class")
    text, label = _columns(frame, path)
    return RawSamples(str(path), _texts(frame[text], path), _labels(frame[label], path))


def _csv(path: Path) -> pd.DataFrame:
    import pandas as pd

    # All as text: a text "NA" is not a missing value, a label "007" is not a number.
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    named_rows = not isinstance(frame.index, pd.RangeIndex)  # pandas takes surplus fields as row names
    if named_rows and len(frame):
        raise ValueError("its rows have more fields than its header: put texts with commas in quotation marks")
    return frame


def _jsonl(path: Path) -> pd.DataFrame:
    import pandas as pd

    rows = []
    with path.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise ValueError(f"line {number}: {error}") from error
            if not isinstance(row, dict):
                raise TypeError(f"line {number} is not a JSON object")
            rows.append(row)
    return pd.DataFrame(rows, dtype=object)


def _parquet(path: Path) -> pd.DataFrame:
    import pandas as pd

    return pd.read_parquet(path)


def _columns(frame: pd.DataFrame, path: Path) -> tuple[str, str]:
    """Return the names of the text column and the label column."""
    named: dict[str, str] = {}
    for column in frame.columns:
        named.setdefault(str(column).strip().lower(), column)
    text, label = named.get("text"), named.get("label")
    if len(frame.columns) == 2:
        first, second = frame.columns
        if text is None and label is None:
            distinct = [frame[column].astype(str).nunique() for column in (first, second)]
            if distinct[0] != distinct[1]:
                text, label = (first, second) if distinct[1] < distinct[0] else (second, first)
        else:
            text = text or (second if label == first else first)
            label = label or (second if text == first else first)
    if text is None or label is None:
        raise FixInputError(f"the columns of {path} are {', '.join(map(str, frame.columns)) or 'none'}", remedy=_REMEDY)
    return text, label


def _texts(column: pd.Series[Any], path: Path) -> np.typing.NDArray[np.object_]:
    texts = np.empty(len(column), object)
    for i, (value, missing) in enumerate(zip(column.tolist(), column.isna(), strict=True)):
        if not missing and not isinstance(value, (str, int, float)):
            raise FixInputError(
                f"the text in row {i + 1} of {path} is not a string: {value!r:.60}", remedy="use strings"
            )
        texts[i] = "" if missing else str(value)
    return texts


def _labels(column: pd.Series[Any], path: Path) -> np.typing.NDArray[np.generic]:
    missing = np.flatnonzero((column.isna() | (column.astype(str).str.strip() == "")).to_numpy(bool))
    if len(missing):
        raise FixInputError(f"row {missing[0] + 1} of {path} has no label", remedy="label every row")
    values = [value.strip() if isinstance(value, str) else value for value in column.tolist()]
    if all(isinstance(value, float) for value in values) or all(_DECIMAL.fullmatch(str(value)) for value in values):
        return np.array(values, np.float64)
    return np.array(values, object)
