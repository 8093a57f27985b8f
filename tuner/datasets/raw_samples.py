"""What a reader hands on: samples as they stand in a file or folder, not yet checked."""

from __future__ import annotations

import pickle
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from errno import ENOSPC
from pathlib import Path

from tuner.data import Array
from tuner.errors import FixInputError


@dataclass(frozen=True)
class RawSamples:
    """Samples and labels of one source.

    `x`: images (N, H, W) or (N, H, W, C); strings (N,); padded word indices (N, length); or an object array (N,) of
    strings or of lists of word indices. `y`: one label a sample, of any integer, float or string type.
    `x_test` and `y_test` are an official test split. `label_names` names the labels 0, 1, ... where the file does not.
    """

    origin: str
    """Name or path of the source, for messages."""
    x: Array
    y: Array
    x_test: Array | None = None
    y_test: Array | None = None
    label_names: tuple[str, ...] | None = None


@contextmanager
def reading(path: Path | str, what: str) -> Iterator[None]:
    """Turns whatever a damaged or unreadable file raises into one FixInputError that names `path`.

    `what` says what the file should be, such as "an .npz file with x and y".
    """
    damaged = (
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        EOFError,
        SyntaxError,
        OverflowError,
        pickle.PickleError,
    )
    try:
        yield
    except PermissionError as error:
        raise FixInputError(
            f"no permission to read {path}", remedy="change its access rights or choose another"
        ) from error
    except FileNotFoundError as error:
        raise FixInputError(f"{error.filename or path} does not exist", remedy="check the path") from error
    except MemoryError as error:
        raise FixInputError(f"{path} does not fit into memory", remedy="use a smaller file") from error
    except OSError as error:
        if error.errno == ENOSPC:
            raise FixInputError(f"the disk is full while reading {path}", remedy="free some space") from error
        raise FixInputError(f"cannot read {path} as {what}: {_line(error)}", remedy="replace the file") from error
    except (*damaged, struct.error, tarfile.TarError, zipfile.BadZipFile, zlib.error) as error:
        raise FixInputError(f"{path} is not {what}: {_line(error)}", remedy="replace the file") from error


def _line(error: Exception) -> str:
    """The first line of what an error says, at most 200 characters."""
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
