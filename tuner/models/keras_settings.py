"""Keras as this package needs it, whatever the environment and Keras's own settings file say. Every process that builds
or loads a network calls `import_keras` first.

`KERAS_BACKEND`, `TF_USE_LEGACY_KERAS` and `~/.keras/keras.json` may belong to another project of the user.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
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


def import_keras() -> Any:
    """Import Keras on TensorFlow, with the settings that Keras has by default; return the module."""
    prepare_environment()
    with without_banners():
        import keras

    config = keras.config
    config.set_floatx("float32")
    config.set_dtype_policy("float32")
    config.set_epsilon(1e-7)
    config.set_image_data_format("channels_last")
    config.set_max_epochs(None)
    config.set_max_steps_per_epoch(None)
    return keras
