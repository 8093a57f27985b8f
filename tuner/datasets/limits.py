"""Limits for reading a data set that is not trusted, checked before anything of that size is made in memory.

Users' own files have none. `limited_to` sets them where an upload is read, in a process of its own that also has a
limit on memory and time (`tuner.datasets.inspection`).
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from tuner.errors import FixInputError


class ReadLimits(BaseModel):
    """What a data set may consist of at most."""

    model_config = ConfigDict(frozen=True)

    decoded_bytes: int = Field(description="Bytes of a file after its decompression.")
    columns: int = Field(default=50_000, description="Columns of a table: as many as 128 x 128 pixels in colour have.")
    rows: int = Field(default=2_000_000, description="Rows of a table, or samples in arrays.")
    cells: int = Field(default=100_000_000, description="Rows times columns of a table; each takes 8 bytes or more.")
    classes: int = Field(default=10_000, description="Classes: each answer on a data set or a prediction names all.")
    label_length: int = Field(default=200, description="Characters of the name of a class.")


_limits: ContextVar[ReadLimits | None] = ContextVar("limits", default=None)


@contextmanager
def limited_to(limits: ReadLimits | None) -> Iterator[None]:
    """Context manager in which data sets are read within these limits; None: without any."""
    token = _limits.set(limits)
    try:
        yield
    finally:
        _limits.reset(token)


def limits() -> ReadLimits | None:
    """The limits of what is being read; None: there are none."""
    return _limits.get()


def check_decoded(path: Path, size_bytes: int) -> None:
    """Raise FixInputError if a file is too large once it is decompressed."""
    most = limits()
    if most is not None and size_bytes > most.decoded_bytes:
        raise FixInputError(
            f"{path} has more than {most.decoded_bytes:,} bytes when it is decompressed",
            remedy="use fewer or smaller samples, or ask the operator for a larger TUNER_UPLOAD_LIMIT",
        )


def gunzipped(path: Path, content: bytes) -> bytes:
    """The decompressed content of a .gz file."""
    most = limits()
    if most is None:
        return gzip.decompress(content)
    with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
        found = file.read(most.decoded_bytes + 1)
    check_decoded(path, len(found))
    return found


def most_rows(columns: int) -> int | None:
    """The most rows of a table with that many columns; None: any number."""
    most = limits()
    return None if most is None else min(most.rows, most.cells // max(1, columns))


def check_columns(path: Path, columns: int) -> None:
    """Raise FixInputError if a table has too many columns."""
    most = limits()
    if most is not None and columns > most.columns:
        raise FixInputError(f"{path} has {columns:,} columns", remedy=f"use at most {most.columns:,}")


def check_rows(path: Path | str, rows: int, columns: int = 1) -> None:
    """Raise FixInputError if a table or an array has too many rows, or too many cells."""
    allowed = most_rows(columns)
    if allowed is not None and rows > allowed:
        of_columns = "" if columns == 1 else f" of {columns:,} columns"
        raise FixInputError(f"{path} has more than {allowed:,} rows{of_columns}", remedy=f"use at most {allowed:,}")


def check_classes(origin: str, labels: Iterable[object]) -> None:
    """Raise FixInputError if there are too many classes, or the name of one is too long."""
    most = limits()
    if most is None:
        return
    names = list(map(str, labels))
    if len(names) > most.classes:
        raise FixInputError(f"{origin} has {len(names):,} classes", remedy=f"use at most {most.classes:,}")
    longest = max(map(len, names), default=0)
    if longest > most.label_length:
        raise FixInputError(
            f"{origin} has a label of {longest:,} characters",
            remedy=f"use names of classes with at most {most.label_length} characters",
        )
