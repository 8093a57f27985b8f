"""The unchecked samples that readers return, and the translation of their errors."""

from __future__ import annotations

import io
import pickle
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from errno import ENOSPC
from pathlib import Path
from typing import IO, Literal, Protocol

from tuner.data import Array
from tuner.data_report import Note
from tuner.datasets.image_file import ImageConversion, ImageHeader
from tuner.errors import CannotWriteError, FixInputError

PartName = Literal["train", "validation", "test"]
_KEY_SUFFIXES: dict[PartName, str] = {"train": "_train", "validation": "_val", "test": "_test"}


@dataclass(frozen=True)
class RawSamples:
    """Samples and labels of one source, not checked.

    `x`: images (N, H, W) or (N, H, W, C); strings (N,); padded word indices (N, length); or an object array (N,) of
    strings or of lists of word indices. `y`: one label per sample, of any integer, float or string type.
    `x_test` and `y_test`: the official test split; `x_val` and `y_val`: the official validation split. `label_names`:
    names of the labels 0, 1, ... if the file has none. `notes`: what the reader left out, changed or decided.
    """

    origin: str
    """Name or path of the source, for messages."""
    x: Array
    y: Array
    x_test: Array | None = None
    y_test: Array | None = None
    x_val: Array | None = None
    y_val: Array | None = None
    label_names: tuple[str, ...] | None = None
    notes: tuple[Note, ...] = ()
    conversion: ImageConversion | None = None
    """How the images were read from image files; None if they were arrays."""

    @property
    def parts(self) -> dict[PartName, tuple[Array, Array]]:
        """The samples and labels of the official parts: always "train", the others where the source has them."""
        found: dict[PartName, tuple[Array, Array]] = {"train": (self.x, self.y)}
        if self.x_val is not None and self.y_val is not None:
            found["validation"] = (self.x_val, self.y_val)
        if self.x_test is not None and self.y_test is not None:
            found["test"] = (self.x_test, self.y_test)
        return found


class ImageSource(Protocol):
    """An image file: a pathlib.Path, a zipfile.Path or `ImageBytes`."""

    def open(self, mode: Literal["rb"]) -> IO[bytes]:
        """Open the file for reading."""


@dataclass(frozen=True)
class ImageBytes:
    """The content of an image file."""

    content: bytes

    def open(self, mode: Literal["rb"]) -> IO[bytes]:
        """Open the content for reading."""
        return io.BytesIO(self.content)


@dataclass(frozen=True)
class ImageSample:
    """An image file and its label; `name` is for messages, `header` is read again if it is not known."""

    name: str
    source: ImageSource
    label: str | int
    header: ImageHeader | None = None


@dataclass(frozen=True)
class EncodedImages:
    """Image files by official part, which are not read yet: `tuner.datasets.image_set` does, in the size of a spec.

    The other fields are those of RawSamples.
    """

    origin: str
    parts: Mapping[PartName, Sequence[ImageSample]]
    label_names: tuple[str, ...] | None = None
    notes: tuple[Note, ...] = ()


def key_of(key: str, part: PartName, parts: Collection[PartName]) -> str:
    """Return the name of an array in messages: `x` of a source with one part, else such as `x_test`."""
    return key if len(parts) == 1 else key + _KEY_SUFFIXES[part]


@contextmanager
def read_errors(path: Path | str, what: str) -> Iterator[None]:
    """Context manager that turns the errors of a damaged or unreadable file into a FixInputError that names `path`.

    `what` is what the file should be, such as "an .npz file with x and y".
    """
    of_python = (ValueError, TypeError, LookupError, AttributeError, EOFError, SyntaxError, OverflowError)
    of_formats = (pickle.PickleError, struct.error, tarfile.TarError, zipfile.BadZipFile, zlib.error)
    try:
        yield
    except PermissionError as error:
        raise FixInputError(
            f"no permission to read {path}", remedy="change its access rights or choose another file"
        ) from error
    except FileNotFoundError as error:
        raise FixInputError(f"{error.filename or path} does not exist", remedy="check the path") from error
    except MemoryError as error:
        raise FixInputError(f"{path} does not fit into memory", remedy="use a smaller file") from error
    except OSError as error:
        if error.errno == ENOSPC:
            raise CannotWriteError(f"the disk is full while reading {path}", remedy="free disk space") from error
        raise FixInputError(f"cannot read {path} as {what}: {_line(error)}", remedy="replace the file") from error
    except (*of_python, *of_formats) as error:
        raise FixInputError(f"{path} is not {what}: {_line(error)}", remedy="replace the file") from error


def _line(error: Exception) -> str:
    """Return the first line of an error's message, at most 120 characters."""
    lines = str(error).strip().splitlines()
    return lines[0][:120] if lines else type(error).__name__
