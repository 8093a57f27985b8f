"""A restricted unpickler for Keras's imdb and reuters files and CIFAR's batches.

A pickle can run code. This unpickler only rebuilds numpy arrays, their dtypes, and bytes of old pickles, besides
containers, numbers and strings. It refuses every other name before importing it, so a manipulated file cannot run code.
"""

from __future__ import annotations

import io
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np

from tuner.data import Array


def _dtype(spec: str, align: object = False, copy: object = False) -> np.dtype[Any]:
    # Pickles of old numpy pass 0 and 1 for align and copy, which numpy 2.4 warns about.
    return np.dtype(spec, bool(align), bool(copy))


def _latin1(text: str, encoding: str) -> bytes:
    """Replaces `_codecs.encode`, with which Python 3 writes bytes into pickles of protocol 2."""
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"refused to encode with {encoding!r}")
    return text.encode("latin1")


# The rebuilding function has no public name; arrays return it.
_REBUILD: Any = np.empty(0).__reduce__()[0]
_ALLOWED: dict[tuple[str, str], Callable[..., Any]] = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): _dtype,
    ("numpy.core.multiarray", "_reconstruct"): _REBUILD,
    ("numpy._core.multiarray", "_reconstruct"): _REBUILD,
    ("_codecs", "encode"): _latin1,
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"its pickle needs {module}.{name}, which is not allowed") from None


def unpickle(file: IO[bytes]) -> Any:
    """Return the object pickled in `file`; strings written by Python 2 are bytes. Other types are refused."""
    return _Unpickler(file, encoding="bytes").load()


def read_npz(path: Path) -> dict[str, Array]:
    """Return the arrays of an .npz file, with object arrays read by the restricted unpickler."""
    arrays = {}
    with zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            if member.endswith(".npy"):
                arrays[member.removesuffix(".npy")] = _read_npy(io.BytesIO(archive.read(member)))
    return arrays


def _read_npy(file: IO[bytes]) -> Array:
    version = np.lib.format.read_magic(file)
    read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    _, _, dtype = read_header(file)
    if dtype.hasobject:
        array = unpickle(file)
        if not isinstance(array, np.ndarray):
            raise pickle.UnpicklingError(f"its pickle contains a {type(array).__name__} instead of an array")
        return array
    file.seek(0)
    return np.asarray(np.lib.format.read_array(file, allow_pickle=False))
