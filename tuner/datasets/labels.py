"""Converts users' labels to classes 0 to n-1 with names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tuner.data import Array
from tuner.data_report import Note
from tuner.datasets.limits import check_classes
from tuner.datasets.raw_samples import PartName, key_of
from tuner.errors import FixInputError

_WHOLE = re.compile(r"[+-]?\d+")


@dataclass(frozen=True)
class Classes:
    """The class of each sample of each part, int32 from 0, and the names of the classes."""

    parts: dict[PartName, npt.NDArray[np.int32]]
    labels: tuple[str, ...]
    notes: tuple[Note, ...] = ()


def classes_of(parts: Mapping[PartName, Array], names: tuple[str, ...] | None, origin: str) -> Classes:
    """Return the classes 0, 1, ... of the sorted distinct labels of all parts; the part "train" is always there.

    `names` are the names of the labels 0 to len(names) - 1; they are ignored if there are other labels. Strings of
    digits are sorted as numbers. Shape (N, 1) is accepted as (N,), and one-hot rows as the position of their 1.
    Fractions, missing labels, nearly as many labels as samples, and a single class are refused.
    """
    notes = []
    if all(_is_one_hot(y) for y in parts.values()):
        shape = parts["train"].shape
        notes.append(Note(kind="read", text=f"one-hot labels of shape {shape} as classes 0 to {shape[1] - 1}"))
        parts = {part: y.argmax(axis=1) for part, y in parts.items()}
    flat = {part: _flat(y, key_of("y", part, parts), origin) for part, y in parts.items()}
    for part, y in flat.items():
        if (y.dtype.kind == "O") != (flat["train"].dtype.kind == "O"):
            keys = [key_of("y", name, parts) for name in ("train", part)]
            what = f"{keys[0]} of {origin} is {flat['train'].dtype} but {keys[1]} is {y.dtype}"
            raise FixInputError(what, remedy="use the same type")
    distinct, positions = np.unique(np.concatenate(list(flat.values())), return_inverse=True)
    if distinct.dtype.kind == "O" and all(_WHOLE.fullmatch(label) for label in distinct):
        order = sorted(range(len(distinct)), key=lambda i: (int(distinct[i]), str(distinct[i])))
        rank = np.empty(len(order), np.intp)
        rank[order] = np.arange(len(order))
        distinct, positions = distinct[order], rank[positions]
    _check_classes(distinct, len(flat["train"]), origin)
    check_classes(origin, distinct)

    classes = np.ascontiguousarray(positions, np.int32)
    labels = tuple(str(label) for label in distinct)
    if names is not None and distinct.dtype.kind in "iu" and distinct[0] >= 0 and distinct[-1] < len(names):
        labels = tuple(names[int(label)] for label in distinct)
    ends = np.cumsum([len(y) for y in flat.values()])
    return Classes(dict(zip(flat, np.split(classes, ends[:-1]), strict=True)), labels, tuple(notes))


def _check_classes(distinct: Array, samples: int, origin: str) -> None:
    if len(distinct) < 2:
        raise FixInputError(
            f"{origin} has only the class {str(distinct[0])!r}", remedy="use samples of at least 2 classes"
        )
    if len(distinct) * 2 > samples:
        raise FixInputError(
            f"{origin} has {len(distinct)} classes but only {samples} training samples",
            remedy="use at least 2 samples per class; measurements cannot be used as labels",
        )


def _is_one_hot(y: Array) -> bool:
    if y.ndim != 2 or y.shape[1] < 2 or y.dtype.kind not in "biuf":
        return False
    return bool(np.all((y == 0) | (y == 1)) and np.all(y.sum(axis=1) == 1))


def _flat(y: Array, key: str, origin: str) -> Array:
    """Return labels of shape (N,) as int64, bool or objects; fixed-width strings would use N times the longest size."""
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim != 1:
        raise FixInputError(
            f"{key} of {origin} has shape {y.shape}", remedy="use one class per sample, shape (N,) or one-hot rows"
        )
    if y.dtype.kind == "f":
        numbers = y.astype(np.float64)
        wrong = np.flatnonzero(~np.isfinite(numbers) | (numbers != np.floor(numbers)))
        if len(wrong):
            raise FixInputError(
                f"{key} of {origin} has a value at position {wrong[0]} that is not a class: {numbers[wrong[0]]:g}",
                remedy="use whole numbers or strings; measurements cannot be used as labels",
            )
        return numbers.astype(np.int64)
    if y.dtype.kind == "O":
        return _object_labels(y, key, origin)
    if y.dtype.kind == "S":
        return np.char.decode(y.astype(np.bytes_), "utf-8", "replace").astype(object)
    if y.dtype.kind in "iu":
        return y.astype(np.int64)
    if y.dtype.kind not in "bU":
        raise FixInputError(f"{key} of {origin} has type {y.dtype}", remedy="use whole numbers or strings")
    return y if y.dtype.kind == "b" else y.astype(object)


def _object_labels(y: Array, key: str, origin: str) -> Array:
    values = y.tolist()
    for i, value in enumerate(values):
        if not isinstance(value, (str, int)):
            raise FixInputError(
                f"{key} of {origin} has a value at position {i} that is not a class: {value!r:.60}",
                remedy="use whole numbers or strings",
            )
    if all(isinstance(value, int) for value in values):
        return np.array(values, np.int64)
    return np.array([str(value) for value in values], object)
