"""Names of data sets, and the way from a name or a path to its reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tuner.datasets import builtin
from tuner.datasets.downloadable import KNOWN, read_known
from tuner.datasets.folder import read_folder
from tuner.datasets.npz import read_npz
from tuner.datasets.raw_samples import RawSamples, reading
from tuner.datasets.table import read_table
from tuner.errors import FixInputError, nearest

_BUILT_IN: dict[str, Callable[[], RawSamples]] = {"digits": builtin.digits, "stdlib_docs": builtin.stdlib_docs}
_FILES: dict[str, Callable[[Path], RawSamples]] = {
    ".npz": read_npz,
    ".csv": read_table,
    ".jsonl": read_table,
    ".parquet": read_table,
}


@dataclass(frozen=True)
class DatasetInfo:
    """What `tuner datasets` shows of a data set."""

    name: str
    kind: Literal["image", "text"]
    samples: int
    """Of training, validation and test together."""
    classes: int
    source: str
    """One line: "built in" or where it is downloaded from."""
    file: str | None
    """Name that is searched for in data_dir, the first where there are several; None: needs no file."""


def catalogue() -> list[DatasetInfo]:
    """All data sets with a name: those that need no network first. Takes about a second, to count the docstrings."""
    docstrings = builtin.stdlib_texts()
    packages = len({package for _, package in docstrings})
    infos = [
        DatasetInfo("digits", "image", 1_797, 10, "built in", None),
        DatasetInfo("stdlib_docs", "text", len(docstrings), packages, "built in", None),
    ]
    for name, known in KNOWN.items():
        host = known.remote[0].url.split("/")[2]
        infos.append(
            DatasetInfo(name, known.kind, known.samples, known.classes, f"download from {host}", known.file_names[0])
        )
    return infos


def names() -> tuple[str, ...]:
    """The names of all data sets, at once."""
    return (*_BUILT_IN, *KNOWN)


def kind_of(dataset: str) -> Literal["image", "text"] | None:
    """Return what kind of samples a data set has, without reading it; None if its name or path does not say."""
    if dataset in KNOWN:
        return KNOWN[dataset].kind
    known: dict[str, Literal["image", "text"]] = {"digits": "image", "stdlib_docs": "text"}
    return "image" if dataset not in known and Path(dataset).is_dir() else known.get(dataset)


def read(dataset: str, data_dir: Path | None) -> RawSamples:
    """Reads a data set by its name or path. A name of the catalogue wins over a path: write ./digits for a folder.

    Raises:
        FixInputError: neither a known name nor a path that exists, or a damaged file.
        FetchDataError: a download failed.
    """
    if dataset in _BUILT_IN:
        return _BUILT_IN[dataset]()
    if dataset in KNOWN:
        return read_known(dataset, data_dir)
    path = Path(dataset)
    with reading(path, "a file or folder"):
        if path.is_dir():
            return read_folder(path)
        exists = path.exists()
    if exists and path.suffix.lower() in _FILES:
        return _FILES[path.suffix.lower()](path)
    if exists:
        raise FixInputError(
            f"{path} is of no known kind", remedy=f"give {', '.join(_FILES)} or a folder of images by class"
        )
    if path.suffix or len(path.parts) > 1:
        raise FixInputError(f"{path} does not exist", remedy="check the path")
    raise FixInputError(f"unknown data set {dataset!r}", remedy=nearest(dataset.lower(), names()))
