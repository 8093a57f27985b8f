"""Reads texts and labels from .csv, .jsonl and .parquet files."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tuner.datasets.raw_samples import RawSamples, reading
from tuner.errors import FixInputError

if TYPE_CHECKING:  # pandas takes half a second to import
    import pandas as pd

_DECIMAL = re.compile(r"[+-]?\d+\.\d*")
_REMEDY = "name the columns text and label, or give exactly two columns of which the label has fewer distinct values"


def read_table(path: Path) -> RawSamples:
    """Texts and labels of a file whose suffix is .csv, .jsonl or .parquet.

    The columns are named text and label in any case of letters, or are exactly two, of which the one with fewer
    distinct values is the label. A missing text is an empty one; a missing label is an error. Labels are strings or
    whole numbers.

    Raises:
        FixInputError: damaged file, other columns, or a row that names no class.
    """
    kind = path.suffix.lower().removeprefix(".")
    with reading(path, f"a table in {kind} format"):
        frame = {"csv": _csv, "jsonl": _jsonl, "parquet": _parquet}[kind](path)
    if frame.empty:
        raise FixInputError(f"{path} has no rows", remedy="give at least 2 texts a class")
    text, label = _columns(frame, path)
    return RawSamples(str(path), _texts(frame[text], path), _labels(frame[label], path))


def _csv(path: Path) -> pd.DataFrame:
    import pandas as pd

    # Everything as it is written: a text "NA" or a label "007" is no missing value and no number.
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    named_rows = not isinstance(frame.index, pd.RangeIndex)  # pandas takes surplus fields for names of rows
    if named_rows and len(frame):
        raise ValueError("its rows have more fields than its first line: texts with commas need quotation marks")
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
                raise TypeError(f"line {number} is no object in braces")
            rows.append(row)
    return pd.DataFrame(rows, dtype=object)


def _parquet(path: Path) -> pd.DataFrame:
    import pandas as pd

    return pd.read_parquet(path)


def _columns(frame: pd.DataFrame, path: Path) -> tuple[str, str]:
    """Names of the columns of texts and of labels."""
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
        elif label is None:
            label = second if text == first else first
        elif text is None:
            text = second if label == first else first
    if text is None or label is None:
        raise FixInputError(f"the columns of {path} are {', '.join(map(str, frame.columns)) or 'none'}", remedy=_REMEDY)
    return text, label


def _texts(column: pd.Series[Any], path: Path) -> np.typing.NDArray[np.object_]:
    texts = np.empty(len(column), object)
    for i, (value, missing) in enumerate(zip(column.tolist(), column.isna(), strict=True)):
        if not missing and not isinstance(value, (str, int, float)):
            raise FixInputError(f"row {i + 1} of {path} has no text: {value!r:.60}", remedy="give strings only")
        texts[i] = "" if missing else str(value)
    return texts


def _labels(column: pd.Series[Any], path: Path) -> np.typing.NDArray[np.generic]:
    missing = np.flatnonzero((column.isna() | (column.astype(str).str.strip() == "")).to_numpy(bool))
    if len(missing):
        raise FixInputError(f"row {missing[0] + 1} of {path} has no label", remedy="give every row one")
    values = [value.strip() if isinstance(value, str) else value for value in column.tolist()]
    if all(isinstance(value, float) for value in values) or all(_DECIMAL.fullmatch(str(value)) for value in values):
        return np.array(values, np.float64)
    return np.array(values, object)
