"""Keras as this package needs it, whatever the environment and Keras's own settings file say. Every process that builds
or loads a network calls `import_keras` first.

`KERAS_BACKEND`, `TF_USE_LEGACY_KERAS` and `~/.keras/keras.json` may belong to another project of the user.
"""

from __future__ import annotations

import gc
import importlib.abc
import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_ENVIRONMENT = {"KERAS_BACKEND": "tensorflow", "TF_USE_LEGACY_KERAS": "0"}
"""Keras and TensorFlow read these when they are imported."""


def prepare_environment() -> None:
    """Set the environment that the import of Keras and TensorFlow reads; without effect after that import."""
    os.environ.update(_ENVIRONMENT)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


_BANNER = re.compile(
    rb"absl::InitializeLog|^[IWE]\d{4} .*\.cc:\d+\]|^\d{4}-\d\d-\d\d .*\.cc:\d+[\]:]"
    rb"|^To enable the following instructions|^INFO: Created TensorFlow Lite"
)
"""What TensorFlow writes to stderr when it is imported, whatever its log level is."""


@contextmanager
def without_banners() -> Iterator[None]:
    """Context manager that imports TensorFlow: its banners are dropped, all else that is written to stderr comes after.

    TensorFlow writes them past Python, to the file descriptor.
    """
    try:
        real = os.dup(2)
    except OSError:  # stderr is closed
        yield
        return
    with tempfile.TemporaryFile() as written:
        _flush()
        os.dup2(written.fileno(), 2)
        try:
            yield
        finally:
            _flush()
            os.dup2(real, 2)
            os.close(real)
            written.seek(0)
            for line in written:
                if not _BANNER.search(line):
                    os.write(2, line)


def _flush() -> None:
    if sys.stderr is not None:
        sys.stderr.flush()


_NOT_NEEDED = ("matplotlib", "pandas", "sklearn")
"""Keras imports these if it finds them, for its galleries, its data frames and its wrappers, which we do not use."""


class _Absent(importlib.abc.MetaPathFinder):
    """Says to this thread that the packages in `_NOT_NEEDED` are not installed."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()

    def find_spec(self, name: str, path: Any, target: Any = None) -> None:
        if name in _NOT_NEEDED and threading.get_ident() == self._thread:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


@contextmanager
def _fast_import() -> Iterator[None]:
    """Context manager that imports TensorFlow in about half of the time that it takes otherwise.

    Half of what is saved are packages that Keras can do without; the rest is Python's search for garbage, again and
    again, among a million new objects which all stay.
    """
    absent, collects = _Absent(), gc.isenabled()
    sys.meta_path.insert(0, absent)
    gc.disable()
    try:
        yield
    finally:
        sys.meta_path.remove(absent)
        if collects:
            gc.enable()


def import_keras() -> Any:
    """Import Keras on TensorFlow, with the settings that Keras has by default; return the module."""
    prepare_environment()
    with without_banners(), _fast_import():
        import keras

    config = keras.config
    config.set_floatx("float32")
    config.set_dtype_policy("float32")
    config.set_epsilon(1e-7)
    config.set_image_data_format("channels_last")
    config.set_max_epochs(None)
    config.set_max_steps_per_epoch(None)
    return keras
