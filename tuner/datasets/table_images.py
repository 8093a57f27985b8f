"""Images in tables: image files in cells, names of image files, and pixels as numbers."""

from __future__ import annotations

import filecmp
import glob
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tuner.data import Array
from tuner.data_report import Note
from tuner.datasets import column_names
from tuner.datasets.flat_images import LEAST_SIDE, image_shape
from tuner.datasets.raw_samples import EncodedImages, ImageBytes, ImageSample, ImageSource, PartName
from tuner.datasets.report import named
from tuner.datasets.uploads import is_uploaded
from tuner.errors import FixInputError

if TYPE_CHECKING:
    import pandas as pd

_SUFFIX = re.compile(r"\.(png|jpe?g|bmp|gif|webp|tiff?|ppm|pgm)", re.IGNORECASE)
_PIXELS = re.compile(r"\s*(?:\[\s*)?\d+(\.\d*)?([\s,]+\d+(\.\d*)?){8,}\s*(?:\]\s*)?")
_STEM = re.compile(r"[\w./\\-]*\w")
_LOOKED_AT = 20
_MISSING = 0.2
_CLASSES = 100
"""Most classes of a table without a header whose label is the last column; pixels have more different values."""


def pixel_columns(frame: pd.DataFrame) -> list[Any]:
    """Return the columns that hold one pixel each: numbers, as many as a square image has. Else an empty list."""
    numeric = [column for column in frame.columns if frame[column].dtype.kind in "iufb"]
    names = [column for column in numeric if column_names.rank(column, column_names.LABELS) is None]
    if len(names) == len(frame.columns) and image_shape(len(names)) is None:
        # No header: the label is first, or last where the first column is always the same or has values as pixels.
        first, last = frame[names[0]], frame[names[-1]]
        is_last = first.nunique() == 1 or (_may_be_labels(last) and not _may_be_labels(first))
        names.pop(-1 if is_last else 0)
    return names if image_shape(len(names)) is not None and len(names) < len(frame.columns) else []


def _may_be_labels(column: pd.Series[Any]) -> bool:
    return 1 < column.nunique() <= min(_CLASSES, len(column) // 2) and bool((column % 1 == 0).all())


def numbers(frame: pd.DataFrame) -> Array:
    """Return the pixels of shape (rows, columns), as uint8 if they are whole numbers from 0 to 255."""
    return _compact(frame.to_numpy())


def _compact(x: Array) -> Array:
    whole = x.dtype.kind in "iu" or (x.dtype.kind == "f" and bool(np.all(x == np.floor(x))))
    return x.astype(np.uint8) if whole and x.size and x.min() >= 0 and 1 < x.max() <= 255 else x


def image_column(frame: pd.DataFrame, path: Path) -> Any:
    """Return the column with images: files in cells, pixels as text, or names of image files. None if there is none.

    A table without a column of texts may name its images without their suffixes, as those of Kaggle do.
    """
    for column in frame.columns:
        values = [value for value in frame[column].head(_LOOKED_AT).tolist() if value is not None]
        if values and (all(map(_content, values)) or are_pixel_texts(values)):
            return column
        if values and all(isinstance(value, dict) and value.get("path") for value in values):
            return column
        if values and all(isinstance(value, str) and _SUFFIX.fullmatch(Path(value).suffix) for value in values):
            return column
    texts = any(column_names.rank(column, column_names.TEXTS) is not None for column in frame.columns)
    if texts or len(frame.columns) >= LEAST_SIDE**2:  # pixels
        return None
    return next((column for column in frame.columns if _names_files(frame[column], path.parent)), None)


def _names_files(column: pd.Series[Any], folder: Path) -> bool:
    """Whether values are names of image files in a folder, or two levels below, without their suffixes."""
    values = [str(value) for value in column.head(_LOOKED_AT).tolist()]
    distinct = len(set(values)) == len(values)
    if str(column.name).startswith("Unnamed:") or not distinct or not all(map(_STEM.fullmatch, values)):
        return False
    names = [glob.escape(value.replace("\\", "/").rpartition("/")[2]) for value in values]
    levels = ("", "*/", "*/*/")
    return all(
        any(_SUFFIX.fullmatch(file.suffix) for level in levels for file in folder.glob(f"{level}{name}.*"))
        for name in names
    )


def are_pixel_texts(values: Sequence[Any]) -> bool:
    """Whether cells are texts of numbers, such as `70 80 82`."""
    return all(isinstance(value, str) and _PIXELS.fullmatch(value) for value in values[:_LOOKED_AT])


def pixel_texts(values: Sequence[str], path: Path) -> Array:
    """Return the numbers of the texts, shape (rows, numbers)."""
    rows = [np.array(re.split(r"[\s,]+", value.strip(" []\t")), np.float32) for value in values]
    sizes = sorted({len(row) for row in rows})
    if len(sizes) > 1:
        raise FixInputError(
            f"the pixels of {path} are between {sizes[0]} and {sizes[-1]} numbers", remedy="use images of one size"
        )
    return _compact(np.stack(rows))


def encoded(values: Sequence[Any], labels: Array, path: Path, parts: Sequence[PartName] | None) -> EncodedImages:
    """Return the images of the cells or of the files that they name; missing files are left out and noted."""
    files: dict[str, list[Path]] = {}
    for file in sorted(path.parent.rglob("*")):
        if _SUFFIX.fullmatch(file.suffix):
            files.setdefault(file.name, []).append(file)
            files.setdefault(file.stem, []).append(file)
    uploaded = is_uploaded(path)
    found: dict[PartName, list[ImageSample]] = {}
    missing = []
    for i, (value, label) in enumerate(zip(values, labels.tolist(), strict=True)):
        content = _content(value)
        name = str(value.get("path") if isinstance(value, dict) else value) if not content else f"row {i + 1}"
        source: ImageSource | None = ImageBytes(content) if content else _file(path.parent, name, files, uploaded)
        if source is None:
            missing.append(name)
            continue
        label = int(label) if isinstance(label, float) and label.is_integer() else label
        found.setdefault(parts[i] if parts else "train", []).append(ImageSample(name, source, label))
    if len(missing) > _MISSING * len(values):
        raise FixInputError(
            f"{len(missing):,} of {len(values):,} images that {path} names do not exist ({named(missing)})",
            remedy="upload a zip file with the images of each class in a folder"
            if uploaded
            else f"put them into {path.parent} or a folder in it",
        )
    notes = [Note(kind="left_out", text=f"{len(missing):,} missing images ({named(missing)})")] if missing else []
    return EncodedImages(str(path), found, notes=tuple(notes))


def _content(value: Any) -> bytes:
    """Return the image file in a cell, as it is or as Hugging Face stores it; empty if there is none."""
    content = value.get("bytes") if isinstance(value, dict) else value
    return content if isinstance(content, bytes) else b""


def _file(folder: Path, name: str, files: Mapping[str, Sequence[Path]], uploaded: bool) -> Path | None:
    """Return the image with a name, at that path from `folder`, or anywhere in it; an uploaded table names no paths."""
    relative = Path(name.replace("\\", "/"))
    with suppress(OSError):  # a name that is too long
        if not uploaded and (folder / relative).is_file():
            return folder / relative
    found = files.get(relative.name, ())
    if not all(filecmp.cmp(found[0], other, shallow=False) for other in found[1:]):
        raise FixInputError(
            f"image {name} is in {folder} several times ({named(str(file.relative_to(folder)) for file in found)})",
            remedy="move the table into the folder of its images, or name the folder of each image in it",
        )
    return found[0] if found else None
