"""Reads texts or images with labels from tables: .csv, .tsv, .txt, .jsonl, .json and .parquet, also gzipped."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from tuner.data import Array
from tuner.data_report import Note
from tuner.datasets import column_names, table_images
from tuner.datasets.flat_images import ONLY
from tuner.datasets.raw_samples import EncodedImages, PartName, RawSamples, read_errors
from tuner.datasets.report import named
from tuner.datasets.table_files import read_frame
from tuner.datasets.table_labels import label_column, labels_of
from tuner.errors import FixInputError

if TYPE_CHECKING:  # pandas takes half a second to import
    import pandas as pd

_REMEDY = "name the columns text and label, or use exactly two columns, the label with fewer distinct values"
_MISSING = 0.2
"""Largest share of rows without a text or label that are left out."""
_NUMERIC = 0.9
"""Share of numbers above which a column holds measurements; scikit-learn's files have names in their first row."""
_TEXT_WORDS = 6
"""Mean number of words above which a column holds texts, not names."""
_ABSENT = ("", "na", "nan", "null")
_LOOKED_AT = 200


@dataclass
class _Table:
    path: Path
    frame: pd.DataFrame
    notes: list[Note] = field(default_factory=list)
    parts: list[PartName] | None = None


def read_table(path: Path) -> RawSamples | EncodedImages:
    """Return the texts or images and the labels of a table.

    Columns are found by well-known names, or there are exactly two, and the one with fewer distinct values is the
    label. Images are image files in cells, names of image files, `pixels` as numbers in one cell, or one column for
    each pixel. Rows without a text or label are left out; many of them are an error. Labels are strings or whole
    numbers. A column such as `split` with train and test in it gives the official parts.
    """
    with read_errors(path, f"a table in {_kind(path)} format"):
        frame, notes = read_frame(path)
    if frame.empty:
        raise FixInputError(f"{path} has no rows", remedy="use at least 2 texts per class")
    table = _Table(path, frame, notes)
    if len(frame.columns) == 1:
        raise _one_column(table)
    _take_split(table)
    image = table_images.image_column(table.frame, path)  # first, since image_id may name images
    _take_indices(table, image)
    pixels = table_images.pixel_columns(table.frame)
    if pixels:
        return _pixel_samples(table, pixels)
    if image is not None:
        return _image_samples(table, image)
    return _text_samples(table)


def _kind(path: Path) -> str:
    return path.name.lower().removesuffix(".gz").rpartition(".")[2]


def _one_column(table: _Table) -> FixInputError:
    name = table.frame.columns[0]
    words = [word for value in table.frame[name].head(_LOOKED_AT).tolist() for word in str(value).split()]
    if all(map(column_names.is_number, words)):
        return FixInputError(f"{table.path} holds numbers", remedy=f"{ONLY}; separate the pixels of images by commas")
    return FixInputError(
        f"{table.path} has only one column ({str(name)[:60]})",
        remedy="add a column of labels, and separate columns by commas or tabs",
    )


def _take_split(table: _Table) -> None:
    for column in table.frame.columns:
        if column_names.rank(column, column_names.SPLITS) is None:
            continue
        parts = column_names.parts_of(table.frame[column].tolist())
        if parts is not None:
            table.parts, table.frame = parts, table.frame.drop(columns=column)
            table.notes.append(Note(kind="read", text=f"column {column} as training, validation and test parts"))
            return


def _take_indices(table: _Table, image: Any) -> None:
    frame = table.frame
    indices = [
        column
        for column in frame.columns
        if column != image
        and column_names.is_index(column)
        and (str(column).startswith("Unnamed:") or frame[column].is_unique)
    ]
    if indices and len(frame.columns) - len(indices) >= 2:
        table.frame = frame.drop(columns=indices)
        _leave_out(table, indices)


def _leave_out(table: _Table, columns: list[Any]) -> None:
    if columns:
        noun = "column" if len(columns) == 1 else "columns"
        table.notes.append(Note(kind="left_out", text=f"{noun} {named(map(str, columns))}"))


def _text_samples(table: _Table) -> RawSamples:
    text, label = _columns(table)
    _leave_out(table, [column for column in table.frame.columns if column not in (text, label)])
    if {str(text).strip().lower(), str(label).strip().lower()} != {"text", "label"}:
        table.notes.append(Note(kind="read", text=f"column {text} as text, {label} as label"))
    _drop_missing(table, {"text": text, "label": label})
    texts = np.empty(len(table.frame), object)
    for i, value in enumerate(table.frame[text].tolist()):
        if not isinstance(value, (str, int, float)):
            raise FixInputError(
                f"the text in row {i + 1} of {table.path} is not a string: {value!r:.60}", remedy="use strings"
            )
        texts[i] = str(value)
    return _samples(table, texts, labels_of(table.frame[label]))


def _columns(table: _Table) -> tuple[Any, Any]:
    """Return the text column and the label column."""
    frame, path = table.frame, table.path
    label = label_column(frame, path)
    texts = [column for column in frame.columns if column != label]
    if label is None and len(texts) == 2:
        distinct = [frame[column].astype(str).nunique() for column in texts]
        if distinct[0] != distinct[1]:
            label = texts[int(distinct[1] < distinct[0])]
            texts.remove(label)
    columns = named(map(str, frame.columns)) or "none"
    if len(frame.columns) > 1 and not any(column_names.rank(c, column_names.TEXTS) is not None for c in frame.columns):
        numeric = [c for c in texts if _share_of_numbers(frame[c]) > _NUMERIC]
        if len(numeric) * 2 >= len(texts) > 0 and not any(_words(frame[c]) > _TEXT_WORDS for c in texts):
            more = "" if len(numeric) == len(texts) else "; if a column holds texts, name it text"
            raise FixInputError(f"{path} holds numbers ({columns})", remedy=ONLY + more)
    ranks = {c: rank for c in texts if (rank := column_names.rank(c, column_names.TEXTS)) is not None}
    if label is None or not texts or (len(texts) > 1 and not ranks):
        raise FixInputError(f"the columns of {path} are {columns}", remedy=_REMEDY)
    text = min(ranks, key=lambda c: ranks[c]) if ranks else texts[0]
    if column_names.is_index(text) and _words(frame[text]) <= 1:
        raise FixInputError(
            f"column {text} of {path} holds no texts",
            remedy="name the column of texts text, or put the images that it names beside the table",
        )
    return text, label


def _share_of_numbers(column: pd.Series[Any]) -> float:
    values = [value for value in column.dropna().tolist() if str(value).lower() not in _ABSENT]
    return sum(map(column_names.is_number, values)) / max(1, len(values))


def _words(column: pd.Series[Any]) -> float:
    """Return the mean number of words in the first values."""
    return float(np.mean([len(str(value).split()) for value in column.head(_LOOKED_AT).tolist()]))


def _drop_missing(table: _Table, needed: dict[str, Any]) -> None:
    """Leave out rows without a value that is needed, with a note."""
    frame = table.frame
    for what, column in needed.items():
        values = frame[column]
        missing = values.isna() | values.map(lambda value: isinstance(value, str) and not value.strip())
        count = int(missing.sum())
        if count > _MISSING * len(frame):
            raise FixInputError(
                f"{count:,} of {len(frame):,} rows of {table.path} have no {what} (column {column})",
                remedy="complete or remove them",
            )
        if count:
            keep = (~missing).to_numpy(bool)
            noun = "row" if count == 1 else "rows"
            first = int(np.flatnonzero(~keep)[0]) + 1
            table.notes.append(Note(kind="left_out", text=f"{count:,} {noun} without a {what}, first: row {first}"))
            frame = frame[keep]
            if table.parts is not None:
                table.parts = [part for part, kept in zip(table.parts, keep, strict=True) if kept]
    table.frame = frame


def _pixel_samples(table: _Table, pixels: list[Any]) -> RawSamples:
    others = [column for column in table.frame.columns if column not in set(pixels)]
    label = label_column(table.frame[others], table.path) or others[0]
    _leave_out(table, [column for column in others if column != label])
    _drop_missing(table, {"label": label})
    with read_errors(table.path, "a table of pixels"):
        x = table_images.numbers(table.frame[pixels])
    return _samples(table, x, labels_of(table.frame[label]))


def _image_samples(table: _Table, image: Any) -> RawSamples | EncodedImages:
    label = label_column(table.frame.drop(columns=image), table.path)
    others = [column for column in table.frame.columns if column not in (image, label)]
    if label is None and len(others) == 1:
        label = others.pop()
    if label is None:
        raise FixInputError(
            f"the columns of {table.path} are {named(map(str, table.frame.columns))}",
            remedy="name the column of the classes label",
        )
    _leave_out(table, others)
    _drop_missing(table, {"image": image, "label": label})
    values, labels = table.frame[image].tolist(), labels_of(table.frame[label])
    if table_images.are_pixel_texts(values):
        return _samples(table, table_images.pixel_texts(values, table.path), labels)
    table.notes.append(Note(kind="read", text=f"column {image} as images, {label} as label"))
    found = table_images.encoded(values, labels, table.path, table.parts)
    return replace(found, notes=(*table.notes, *found.notes))


def _samples(table: _Table, x: Array, y: Array) -> RawSamples:
    """Return the samples with the official parts of the table."""
    notes = tuple(table.notes)
    if table.parts is None:
        return RawSamples(str(table.path), x, y, notes=notes)
    of = np.array(table.parts)
    found = {part: (x[of == part], y[of == part]) for part in cast(list[PartName], sorted(set(table.parts)))}
    x_val, y_val = found.get("validation", (None, None))
    x_test, y_test = found.get("test", (None, None))
    return RawSamples(str(table.path), *found["train"], x_test, y_test, x_val, y_val, notes=notes)
