"""Reads .npz files of users, or those that replace a downloadable data set's file. Never unpickles."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from math import prod
from pathlib import Path
from typing import IO

import numpy as np

from tuner.data import Array
from tuner.data_report import Note
from tuner.datasets.array_names import CLASS_NAMES, FoundNames, found_names
from tuner.datasets.limits import check_decoded, check_rows, limits
from tuner.datasets.raw_samples import PartName, RawSamples, read_errors
from tuner.datasets.report import named
from tuner.errors import FixInputError

_WHAT = "an .npz file of arrays"
_KEYS = "keys x and y, or x_train, y_train and optionally x_val, y_val, x_test, y_test"
_USUAL = {"x", "y", *(f"{role}_{part}" for role in "xy" for part in ("train", "val", "test"))}
_LABEL_LIMIT = 1_000


def read_npz(path: Path) -> RawSamples:
    """Return the samples of an .npz file with the keys x and y, or x_train, y_train[, x_val, ...] as Keras has.

    Other usual names, such as `train_images` or `X` and `labels`, are recognised and noted.
    """
    with read_errors(path, _WHAT):
        if not zipfile.is_zipfile(path):
            path.open("rb").close()  # raises if the file is missing or not readable
            raise FixInputError(f"{path} is not {_WHAT}: it is damaged or truncated", remedy="use numpy.savez")
        if limits() is not None:
            _check_size(path)
        with np.load(path, allow_pickle=False) as archive:
            return from_arrays(path, archive.files, lambda key: _member(archive, key, path))


def _check_size(path: Path) -> None:
    """Check the size of all arrays, which NumPy reserves by what their headers say, before it reads the first one."""
    with zipfile.ZipFile(path) as archive:
        check_decoded(path, sum(member.file_size for member in archive.infolist()))
        for member in archive.infolist():
            with archive.open(member) as file, suppress(ValueError):  # NumPy says what is wrong with it
                check_decoded(path, _promised_bytes(file))


def _promised_bytes(file: IO[bytes]) -> int:
    """The size of an array by the header of its .npy file."""
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(file)
    return prod(shape) * dtype.itemsize


def from_arrays(path: Path, keys: Sequence[str], array: Callable[[str], Array]) -> RawSamples:
    """Return the samples, labels and official parts among the arrays that `array` returns for `keys`."""
    found = found_names(keys)
    if found.missing and len(keys) == 2 and not found.names_train:
        found = _pair(keys, array) or found
    if found.missing:
        raise FixInputError(
            f"{path} has no {', '.join(found.missing)}; its keys are {named(keys) or 'none'}", remedy=f"use {_KEYS}"
        )
    arrays = {part: (array(roles["x"]), array(roles["y"])) for part, roles in found.parts.items()}
    for samples, _ in arrays.values():
        check_rows(path, len(samples) if samples.ndim else 1)
    names = next((name for name in found.others if name.lower() in CLASS_NAMES), None)
    label_names = None if names is None else _label_names(array, names)
    unused = [name for name in found.others if name != names or label_names is None]
    nothing: tuple[None, None] = (None, None)
    (x_val, y_val), (x_test, y_test) = (
        arrays.get("validation", nothing),
        arrays.get("test", nothing),
    )
    return RawSamples(
        str(path), *arrays["train"], x_test, y_test, x_val, y_val, label_names=label_names, notes=_notes(found, unused)
    )


def _pair(keys: Sequence[str], array: Callable[[str], Array]) -> FoundNames | None:
    """Return the two arrays as samples and labels, if their shapes say which is which."""
    shapes = {key: array(key).shape for key in keys}
    if len({shape[:1] for shape in shapes.values()}) > 1:
        return None
    several = [key for key, shape in shapes.items() if len(shape) > 1 and shape[1:] != (1,)]
    if len(several) == 1:
        x = several[0]
    elif list(keys) == ["arr_0", "arr_1"]:  # numpy's names of arrays without names, in their order
        x = "arr_0"
    else:
        return None
    return FoundNames({"train": {"x": x, "y": next(key for key in keys if key != x)}})


def _label_names(array: Callable[[str], Array], key: str) -> tuple[str, ...] | None:
    try:
        names = array(key)
    except FixInputError:  # pickled
        return None
    if names.ndim != 1 or names.dtype.kind not in "US" or len(names) > _LABEL_LIMIT:
        return None
    return tuple(name.decode("utf-8", "replace") if isinstance(name, bytes) else name for name in names.tolist())


def _notes(found: FoundNames, unused: Sequence[str]) -> tuple[Note, ...]:
    notes = []
    words: dict[PartName, str] = {"train": "training", "validation": "validation", "test": "test"}
    if any(name not in _USUAL for roles in found.parts.values() for name in roles.values()):
        read = [f"{roles['x']} and {roles['y']} as {words[part]} data" for part, roles in found.parts.items()]
        notes.append(Note(kind="read", text=", ".join(read)))
    if unused:
        noun = "array" if len(unused) == 1 else "arrays"
        notes.append(Note(kind="left_out", text=f"{len(unused)} {noun} ({named(unused)})"))
    return tuple(notes)


def _member(archive: np.lib.npyio.NpzFile, key: str, path: Path) -> Array:
    try:
        return np.asarray(archive[key])
    except ValueError as error:
        if "allow_pickle" not in str(error):
            raise
        known = path.stem if path.stem in ("imdb", "reuters") else None
        remedy = "save strings with dtype str and word indices as a 2-D integer array padded with 0"
        if known:
            remedy = f"for Keras's file use dataset={known} and data_dir=FOLDER"
        raise FixInputError(f"{key} in {path} is pickled, and pickles are never read", remedy=remedy) from None
