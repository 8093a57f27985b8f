"""The named data sets, and the choice of a reader by name or path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tuner.datasets import builtin
from tuner.datasets.downloadable import DOWNLOADABLE, read_downloadable
from tuner.datasets.folder import read_folder
from tuner.datasets.npz import read_npz
from tuner.datasets.raw_samples import EncodedImages, RawSamples, read_errors
from tuner.datasets.table import read_table
from tuner.errors import FixInputError, nearest

BUILT_IN: dict[str, Callable[[], RawSamples]] = {"digits": builtin.digits, "stdlib_docs": builtin.stdlib_docs}
_FILES: dict[str, Callable[[Path], RawSamples]] = {
    ".npz": read_npz,
    ".csv": read_table,
    ".jsonl": read_table,
    ".parquet": read_table,
}


@dataclass(frozen=True)
class DatasetInfo:
    """A data set as `tuner datasets` shows it."""

    name: str
    kind: Literal["image", "text"]
    samples: int
    """Number of training, validation and test samples together."""
    classes: int
    source: str
    """One line: "built in", or the host it is downloaded from."""
    file: str | None
    """File name in data_dir (the first of several); None if it needs no file."""


def catalogue() -> list[DatasetInfo]:
    """Return all named data sets, built-in ones first. Takes about a second to count the docstrings."""
    docstrings = builtin.stdlib_texts()
    packages = len({package for _, package in docstrings})
    infos = [
        DatasetInfo("digits", "image", 1_797, 10, "built in", None),
        DatasetInfo("stdlib_docs", "text", len(docstrings), packages, "built in", None),
    ]
    for name, entry in DOWNLOADABLE.items():
        host = entry.remote[0].url.split("/")[2]
        source, file = f"download from {host}", entry.file_names[0]
        infos.append(DatasetInfo(name, entry.kind, entry.samples, entry.classes, source, file))
    return infos


def dataset_names() -> tuple[str, ...]:
    """Return the names of all data sets."""
    return (*BUILT_IN, *DOWNLOADABLE)


def kind_of(dataset: str) -> Literal["image", "text"] | None:
    """Return what kind of samples a data set has, without reading it; None if its name or path does not say."""
    if dataset in DOWNLOADABLE:
        return DOWNLOADABLE[dataset].kind
    known: dict[str, Literal["image", "text"]] = {"digits": "image", "stdlib_docs": "text"}
    return "image" if dataset not in known and Path(dataset).is_dir() else known.get(dataset)


def read_dataset(dataset: str, data_dir: Path | None) -> RawSamples | EncodedImages:
    """Return the samples of a data set given by name or path; image files are not decoded yet.

    A name takes precedence: write ./digits for a folder.
    """
    if dataset in BUILT_IN:
        return BUILT_IN[dataset]()
    if dataset in DOWNLOADABLE:
        return read_downloadable(dataset, data_dir)
    path = Path(dataset)
    with read_errors(path, "a file or folder"):
        if path.is_dir():
            return read_folder(path)
        exists = path.exists()
    if exists and path.suffix.lower() in _FILES:
        return _FILES[path.suffix.lower()](path)
    if exists:
        raise FixInputError(
            f"{path} is not a supported file type", remedy=f"use {', '.join(_FILES)} or a folder of images by class"
        )
    if path.suffix or len(path.parts) > 1:
        raise FixInputError(f"{path} does not exist", remedy="check the path")
    raise FixInputError(f"unknown data set {dataset!r}", remedy=nearest(dataset.lower(), dataset_names()))
