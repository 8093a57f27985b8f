"""Reads .npz files of users, or those that replace a downloadable data set's file. Never unpickles."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from tuner.data import Array
from tuner.datasets.raw_samples import RawSamples, read_errors
from tuner.errors import FixInputError

_WHAT = "an .npz file of arrays"
_KEYS = "keys x and y, or x_train, y_train and optionally x_test, y_test"


def read_npz(path: Path) -> RawSamples:
    """Return the samples of an .npz file with the keys x and y, or x_train, y_train[, x_test, y_test] as Keras has."""
    with read_errors(path, _WHAT):
        if not zipfile.is_zipfile(path):
            path.open("rb").close()  # raises if the file is missing or not readable
            raise FixInputError(f"{path} is not {_WHAT}: it is damaged or truncated", remedy="use numpy.savez")
        with np.load(path, allow_pickle=False) as archive:
            arrays = {key: _member(archive, key, path) for key in archive.files if key in _NAMES}
            return from_arrays(path, arrays, archive.files)


_NAMES = ("x", "y", "x_train", "y_train", "x_test", "y_test")


def from_arrays(path: Path, arrays: dict[str, Array], keys: list[str]) -> RawSamples:
    """Return the samples, labels and test split among `arrays`; `keys` are all names in the file, for the message."""
    prefix = "_train" if "x_train" in arrays else ""
    missing = [key for key in (f"x{prefix}", f"y{prefix}") if key not in arrays]
    if ("x_test" in arrays) != ("y_test" in arrays):
        missing.append("y_test" if "x_test" in arrays else "x_test")
    if missing:
        raise FixInputError(
            f"{path} has no {', '.join(missing)}; its keys are {', '.join(keys) or 'none'}", remedy=f"use {_KEYS}"
        )
    return RawSamples(str(path), arrays[f"x{prefix}"], arrays[f"y{prefix}"], arrays.get("x_test"), arrays.get("y_test"))


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
