"""Checks raw samples and converts them to one of three forms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tuner.data import Array, Split
from tuner.data_report import Note
from tuner.datasets.array_layout import arranged
from tuner.datasets.labels import classes_of
from tuner.datasets.limits import check_rows
from tuner.datasets.raw_samples import PartName, RawSamples, key_of
from tuner.errors import FixInputError

Form = Literal["images", "strings", "word_indices"]

_GREATEST = np.iinfo(np.int32).max


@dataclass(frozen=True)
class Samples:
    """A whole data set, checked but not split.

    `x` of a part depends on the form. Images: (N, H, W, C), uint8 or finite float32. Strings: an object array (N,) of
    str that can be encoded as UTF-8. Word indices: an object array (N,) of lists of ints from 1, without padding.
    `y`: int32 from 0.
    """

    origin: str
    form: Form
    labels: tuple[str, ...]
    parts: dict[PartName, Split]
    """The samples by official part; those of "train" are split further where another part is missing."""
    notes: tuple[Note, ...] = ()
    """What was left out, changed or decided so far."""


def checked_samples(found: RawSamples) -> Samples:
    """Return the checked samples of `found`, with its notes and those on what was changed here."""
    found = arranged(found)
    form = _form(found.x, found.origin)
    x: dict[PartName, Array] = {}
    for part, (samples, labels) in found.parts.items():
        x_key, y_key = (key_of(key, part, found.parts) for key in ("x", "y"))
        if _form(samples, found.origin) != form or (form == "images" and samples.shape[1:] != found.x.shape[1:]):
            raise FixInputError(
                f"{x_key} of {found.origin} differs from x_train in shape: {_shape(samples)} and {_shape(found.x)}",
                remedy="use the same shape for both",
            )
        _same_length(samples, labels, x_key, y_key, found.origin)
        x[part] = _x(form, samples, x_key, found.origin)
    if len({samples.dtype for samples in x.values()}) > 1:  # uint8 and float
        x = {part: samples.astype(np.float32) for part, samples in x.items()}
    classes = classes_of({part: y for part, (_, y) in found.parts.items()}, found.label_names, found.origin)
    parts = {part: Split(samples, classes.parts[part]) for part, samples in x.items()}
    notes = (*found.notes, *_pixel_notes(form, found.x), *classes.notes)
    return Samples(found.origin, form, classes.labels, parts, notes)


def _pixel_notes(form: Form, x: Array) -> list[Note]:
    """The note on pixels that are not 0 to 255: their range becomes 0 to 1."""
    if form != "images" or x.dtype == np.uint8:
        return []
    values = "True and False" if x.dtype.kind == "b" else f"{x.dtype} from {x.min():g} to {x.max():g}"
    return [Note(kind="read", text=f"pixels are {values}")]


def _shape(x: Array) -> str:
    return f"{x.shape} {x.dtype}"


def _form(x: Array, origin: str) -> Form:
    if x.ndim == 0 or len(x) == 0:
        raise FixInputError(f"{origin} has no samples", remedy="use at least 2 samples per class")
    if x.ndim in (3, 4) and x.dtype.kind in "buif":
        return "images"
    if x.ndim == 1 and (x.dtype.kind in "US" or (x.dtype.kind == "O" and isinstance(x[0], str))):
        return "strings"
    if (x.ndim == 2 and x.dtype.kind in "ui") or (x.ndim == 1 and x.dtype.kind == "O"):
        return "word_indices"
    raise FixInputError(
        f"x of {origin} has shape and type {_shape(x)}",
        remedy="use images (N, H, W[, C]) of numbers, texts (N,) of strings, or word indices (N, length) of integers",
    )


def _same_length(x: Array, y: Array, x_key: str, y_key: str, origin: str) -> None:
    labels = len(y) if y.ndim else 0
    if len(x) != labels:
        raise FixInputError(
            f"{x_key} of {origin} has {len(x)} samples but {y_key} has {labels}",
            remedy="use one label per sample, in the same order",
        )


def _x(form: Form, x: Array, key: str, origin: str) -> Array:
    if form == "images":
        return _images(x, key, origin)
    return _strings(x, key, origin) if form == "strings" else _word_indices(x, key, origin)


def _images(x: Array, key: str, origin: str) -> Array:
    if 0 in x.shape:
        raise FixInputError(
            f"{key} of {origin} has shape {x.shape}, images without pixels", remedy="use images of at least 1 x 1"
        )
    pixels = x if x.ndim == 4 else x[..., np.newaxis]
    if pixels.dtype.kind == "b":
        return pixels.astype(np.uint8) * np.uint8(255)
    if pixels.dtype == np.uint8:
        return np.ascontiguousarray(pixels)
    with np.errstate(over="ignore"):  # values too large for float32 become infinite and are refused below
        numbers = np.ascontiguousarray(pixels, np.float32)
    finite = np.isfinite(numbers).all(axis=(1, 2, 3))
    if not finite.all():
        wrong = np.flatnonzero(~finite)
        raise FixInputError(
            f"{key} of {origin} has {len(wrong)} images with pixels that are not finite, first at position {wrong[0]}",
            remedy="remove or correct them",
        )
    return numbers


def _strings(x: Array, key: str, origin: str) -> Array:
    values = x.tolist()
    texts = np.empty(len(values), object)
    for i, value in enumerate(values):
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        if not isinstance(value, str):
            raise FixInputError(
                f"{key} of {origin} has a value at position {i} that is not a string: {value!r:.60}",
                remedy="use strings only",
            )
        # Half a surrogate pair is legal in JSON but not in UTF-8, which saved models need.
        texts[i] = value.encode("utf-8", "replace").decode()
    return texts


def _word_indices(x: Array, key: str, origin: str) -> Array:
    if x.ndim == 2:
        check_rows(origin, len(x), x.shape[1])  # each number becomes an object
    rows = np.empty(len(x), object)
    for i, row in enumerate(x):
        words = row.tolist() if isinstance(row, np.ndarray) else row
        if not isinstance(words, list) or not all(isinstance(word, int) and 0 <= word <= _GREATEST for word in words):
            raise FixInputError(
                f"{key} of {origin} has a value at position {i} that is not a row of word indices: {words!r:.60}",
                remedy="use whole numbers from 0 to 2147483647, 0 for padding",
            )
        rows[i] = [word for word in words if word]
    return rows
