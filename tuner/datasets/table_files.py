"""Reads the rows of table files: separator, encoding, header and compression are found by content, and noted."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tuner.data_report import Note
from tuner.datasets.column_names import is_known, is_number
from tuner.datasets.flat_images import ONLY
from tuner.datasets.limits import check_columns, check_decoded, check_rows, gunzipped, limits, most_rows
from tuner.errors import FixInputError

if TYPE_CHECKING:  # pandas takes half a second to import
    import pandas as pd

SUFFIXES = (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet")
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe\0\0", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SAMPLE = 200_000
_SAMPLE_ROWS = 200
_WIDE = 49
_BATCH_ROWS = 1_000
_BAD_ROWS = 0.05
"""Largest share of rows with too many fields that are left out."""


def read_frame(path: Path) -> tuple[pd.DataFrame, list[Note]]:
    """Return the rows of a table, columns named as in the file or `column 1`, ..., and notes on how it was read."""
    import pandas as pd

    content = path.read_bytes()
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if content[:2] == b"\x1f\x8b":
        content = gunzipped(path, content)
    kind = next((suffix for suffix in reversed(suffixes) if suffix != ".gz"), "")
    if content[:4] == b"PAR1" or kind == ".parquet":
        _check_parquet(content, path)
        return pd.read_parquet(io.BytesIO(content)), []
    if content[:4] == b"PK\3\4":
        raise FixInputError(f"{path} is a zip or Excel file, not text", remedy="save it as .csv (UTF-8)")
    text, encoding = decoded_text(content, path)
    notes = [] if encoding == "UTF-8" else [Note(kind="read", text=f"text in {encoding}, not UTF-8")]
    if kind in (".json", ".jsonl", ".ndjson"):
        return _json(text, path, lines=kind != ".json"), notes
    frame, more = _csv(text, path, "\t" if kind == ".tsv" else ",")
    return frame, [*notes, *more]


def decoded_text(content: bytes, path: Path) -> tuple[str, str]:
    """Return the text of a file and its encoding, by byte order mark and content; FixInputError if it is not clear."""
    for mark, codec in _BOMS:
        if content.startswith(mark):
            return content.decode(codec), "UTF-8" if codec == "utf-8-sig" else codec.upper()
    zeros = content[:2_000].count(0)
    if zeros * 3 > len(content[:2_000]) > 0:
        codec = "utf-16-be" if content[0] == 0 else "utf-16-le"
        return content.decode(codec), codec.upper()
    try:
        return content.decode(), "UTF-8"
    except UnicodeDecodeError:
        pass
    letters = sum(byte > 127 for byte in content)
    if letters * 10 > len(content):  # Cyrillic, Chinese ...: a guess would give wrong letters
        raise FixInputError(f"{path} is not text in UTF-8", remedy="save it as UTF-8")
    try:
        return content.decode("cp1252"), "cp1252"
    except UnicodeDecodeError:
        return content.decode("latin-1"), "Latin-1"


def _csv(text: str, path: Path, usual: str) -> tuple[pd.DataFrame, list[Note]]:
    import pandas as pd

    if named := re.match(r"sep=(.)\r?\n", text):  # as Excel writes
        usual, text = named[1], text[named.end() :]
    sample = text[:_SAMPLE]
    if len(text) > _SAMPLE:
        sample = sample[: sample.rfind("\n") + 1] or sample
    separator, rows = _separator(sample, usual)
    notes = []
    if separator != usual:
        notes.append(Note(kind="read", text=f"columns separated by {_SEPARATORS[separator]}"))
    header = not _is_data(rows)
    if not header:
        notes.append(Note(kind="read", text="the first row as a sample: the table has no header"))
    wide = len(rows) > 1 and len(rows[-1]) >= _WIDE and sum(map(is_number, rows[-1])) >= len(rows[-1]) - 2
    # Texts as written: a text "NA" is not a missing value, a label "007" is not a number.
    first_line = text[: end.start()] if (end := re.search(r"[\r\n]", text)) else text
    columns = first_line.count(separator) + 1
    check_columns(path, columns)
    allowed = most_rows(columns)
    values: dict[str, Any] = {} if wide else {"dtype": str, "keep_default_na": False}
    options: dict[str, Any] = {"sep": separator, "header": 0 if header else None, **values}
    options["nrows"] = None if allowed is None else allowed + 1  # enough to see that there are too many
    surplus: list[list[str]] = []
    try:
        frame = pd.read_csv(io.StringIO(text), **options)
    except pd.errors.ParserError as error:
        if "Expected" not in str(error):
            raise
        frame = pd.read_csv(io.StringIO(text), engine="python", on_bad_lines=surplus.append, **options)
        if len(surplus) > _BAD_ROWS * len(frame):
            raise _uneven(sample, separator, path) from None
    check_rows(path, len(frame), columns)
    named_rows = not isinstance(frame.index, pd.RangeIndex)  # pandas takes surplus fields as row names
    if named_rows and len(frame):
        raise _uneven(sample, separator, path)
    if surplus:
        noun = "row" if len(surplus) == 1 else "rows"
        notes.append(Note(kind="left_out", text=f"{len(surplus):,} {noun} with more fields than the others"))
    if not header:
        frame.columns = pd.Index([f"column {number}" for number in range(1, len(frame.columns) + 1)])
    return frame, notes


def _uneven(sample: str, separator: str, path: Path) -> FixInputError:
    """The error on rows with more fields than the first one."""
    first, *rows = (line.split(separator) for line in sample.splitlines())
    cells = [cell for row in rows for cell in row]
    if sum(map(is_number, cells)) * 2 > len(cells) and not any(map(is_known, first)):
        return FixInputError(f"{path} holds numbers", remedy=ONLY)
    return FixInputError(
        f"rows of {path} have more fields than its first row",
        remedy="remove lines above the column names, and put texts with commas in quotation marks",
    )


def _separator(sample: str, usual: str) -> tuple[str, list[list[str]]]:
    """Return the separator that splits most rows into as many fields as the first one, and the first rows.

    Tabs come first: texts may all have one comma, but hardly a tab.
    """
    found: dict[str, tuple[float, list[list[str]]]] = {}
    for separator in ("\t", usual, *_SEPARATORS):
        rows = []
        try:
            for row in csv.reader(io.StringIO(sample, newline=""), delimiter=separator):
                rows += [row] if row else []
                if len(rows) == _SAMPLE_ROWS:
                    break
        except csv.Error:
            continue
        if rows and len(rows[0]) > 1:
            found.setdefault(separator, (sum(len(row) == len(rows[0]) for row in rows) / len(rows), rows))
    if not found:
        return usual, [[line] for line in sample.splitlines()[:_SAMPLE_ROWS]]
    best = max(found, key=lambda separator: found[separator][0])
    return best, found[best][1]


def _is_data(rows: list[list[str]]) -> bool:
    """Whether the first row is a sample like the others, not a header."""
    if len(rows) < 2:
        return False
    first, body = rows[0], rows[1:]
    if any(is_known(cell) for cell in first) or first == [str(i) for i in range(len(first))]:
        return False
    if any(len(cell) > 60 or len(cell.split()) > 8 for cell in first):
        return True
    for j, cell in enumerate(first):
        values = [row[j] for row in body if len(row) > j]
        if is_number(cell) and values and all(map(is_number, values)):
            return True
        if cell in values and len(set(values)) * 2 <= len(values):
            return True
    return False


def _json(text: str, path: Path, *, lines: bool) -> pd.DataFrame:
    import pandas as pd

    no_table = FixInputError(
        f"{path} is not a list of JSON objects", remedy='write one object for each sample: {"text": ..., "label": ...}'
    )
    if not lines:
        try:
            found = json.loads(text)
        except ValueError:
            found = None  # one object a line, as in many files called .json
        if isinstance(found, dict):
            lists = [value for value in found.values() if isinstance(value, list)]
            if len(lists) == 1 and lists[0] and isinstance(lists[0][0], dict):
                found = lists[0]
            else:
                _check_table(path, _width(list(found.values())), len(found))
                try:
                    return pd.DataFrame(found)
                except ValueError:  # not columns of one length
                    raise no_table from None
        if isinstance(found, list):
            if not all(isinstance(row, dict) for row in found):
                raise no_table
            _check_table(path, len(found), _width(found))
            return pd.DataFrame(found, dtype=object)
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from error
        if not isinstance(row, dict):
            raise TypeError(f"line {number} is not a JSON object")
        rows.append(row)
    _check_table(path, len(rows), _width(rows))
    return pd.DataFrame(rows, dtype=object)


def _check_table(path: Path, rows: int, columns: int) -> None:
    check_columns(path, columns)
    check_rows(path, rows, columns)


def _width(parts: Sequence[Any]) -> int:
    """The number of cells that a table has for each of these rows (or columns): one for every key of any of them."""
    names: set[str] = set()
    for part in parts:
        if isinstance(part, dict):
            names.update(part)
    return max([len(names), *(len(part) for part in parts if isinstance(part, list))])


def _check_parquet(content: bytes, path: Path) -> None:
    """Check the size of a Parquet file before it is read at once: a few bytes may stand for a million long texts."""
    if limits() is None:
        return
    from pyarrow.parquet import ParquetFile

    file = ParquetFile(io.BytesIO(content))
    _check_table(path, file.metadata.num_rows, file.metadata.num_columns)
    size_bytes = 0
    for batch in file.iter_batches(batch_size=_BATCH_ROWS):
        size_bytes += batch.nbytes
        check_decoded(path, size_bytes)
