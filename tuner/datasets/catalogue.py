"""The named data sets, and the choice of a reader by name or path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from tuner.data_report import Note
from tuner.datasets import builtin
from tuner.datasets.archives import idx_files, read_idx
from tuner.datasets.downloadable import DOWNLOADABLE, read_downloadable
from tuner.datasets.folder import read_folder
from tuner.datasets.image_file import image_suffixes
from tuner.datasets.npz import read_npz
from tuner.datasets.raw_samples import EncodedImages, RawSamples, read_errors
from tuner.datasets.table import read_table
from tuner.errors import FixInputError, nearest

BUILT_IN: dict[str, Callable[[], RawSamples]] = {"digits": builtin.digits, "stdlib_docs": builtin.stdlib_docs}
_TABLES = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".json", ".parquet")
FILES: dict[str, Callable[[Path], RawSamples | EncodedImages]] = {
    ".npz": read_npz,
    **dict.fromkeys(_TABLES, read_table),
}
_REMEDIES = {
    ".npy": "save images and labels in one file: numpy.savez('data.npz', x=x, y=y)",
    ".xlsx": "save it as .csv (UTF-8)",
    ".xls": "save it as .csv (UTF-8)",
    **dict.fromkeys((".pkl", ".pickle"), "pickles are never read; use numpy.savez with x and y, or a .csv of texts"),
    **dict.fromkeys((".h5", ".hdf5", ".mat"), "save its arrays with numpy.savez('data.npz', x=x, y=y)"),
    **dict.fromkeys((".zip", ".tar", ".tgz", ".7z", ".rar", ".bz2", ".xz"), "unpack it and give the file or folder"),
    **dict.fromkeys((".feather", ".orc", ".dta", ".sav", ".xml", ".html", ".ods"), "save it as .parquet or .csv"),
    ".tab": "rename it to .tsv",
    ".pq": "rename it to .parquet",
}
_OTHER_CONTENTS = (
    (b"version https://git-lfs", "a pointer of Git LFS, not the file", "download the file, such as by git lfs pull"),
    (b"<!doctype html", "a web page, not the file", "download the file itself"),
    (b"<html", "a web page, not the file", "download the file itself"),
    (b"\x93numpy", "a .npy file", _REMEDIES[".npy"]),
    *((b"\x80" + bytes([protocol]), "a pickle", _REMEDIES[".pkl"]) for protocol in range(2, 6)),
)
"""The first bytes of files, in lower case, that often have the suffix of a data set; what they are; and the remedy."""


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
    built_in: dict[str, Literal["image", "text"]] = {"digits": "image", "stdlib_docs": "text"}
    return built_in.get(dataset)


def image_shape_of(dataset: str) -> tuple[int, int, int] | None:
    """Return height, width and channels of a named data set's images, without reading it; None if not known."""
    if dataset == "digits":
        return (8, 8, 1)
    return DOWNLOADABLE[dataset].shape if dataset in DOWNLOADABLE else None


def read_dataset(dataset: str, data_dir: Path | None) -> RawSamples | EncodedImages:
    """Return the samples of a data set given by name or path; image files are not decoded yet.

    A name takes precedence: write ./digits for a folder.
    """
    if dataset in BUILT_IN:
        return BUILT_IN[dataset]()
    if dataset in DOWNLOADABLE:
        return read_downloadable(dataset, data_dir)
    check_exists(dataset)
    path = Path(dataset)
    with read_errors(path, "a file or folder"):
        _refuse_others(path)
        if path.is_dir():
            if files := idx_files(path):
                note = Note(kind="read", text="train is the training part, t10k is the test part")
                return replace(read_idx(files), notes=(note,))
            return read_folder(path)
    suffix = Path(path.name.lower().removesuffix(".gz")).suffix
    if suffix in FILES:
        return FILES[suffix](path)
    remedy = _REMEDIES.get(suffix, f"use {', '.join(FILES)} or a folder of images or texts by class")
    if path.name.removesuffix(".gz").endswith("-ubyte"):
        remedy = "give the folder of the four IDX files, train-images-idx3-ubyte and so on"
    elif suffix in image_suffixes():
        remedy = "give a folder with the images of each class in a subfolder of its name"
    raise FixInputError(f"{path} is not a supported file type", remedy=remedy)


def check_exists(dataset: str) -> None:
    """Raise FixInputError unless this is the name of a data set, or a path that exists; reads nothing."""
    path = Path(dataset)
    with read_errors(path, "a file or folder"):
        if dataset in BUILT_IN or dataset in DOWNLOADABLE or path.exists():
            return
    if path.suffix or len(path.parts) > 1:
        raise FixInputError(f"{path} does not exist", remedy="check the path")
    raise FixInputError(f"unknown data set {dataset!r}", remedy=nearest(dataset.lower(), dataset_names()))


def _refuse_others(path: Path) -> None:
    """Raise FixInputError for a named data set's own files, and for files whose content belies their suffix."""
    for name, known in DOWNLOADABLE.items():
        if (path.name,) in (known.file_names, *known.local) and path.suffix != ".npz":
            remedy = f"use dataset={name}, with the folder that holds it as data_dir"
            raise FixInputError(f"{path} holds the data set {name}", remedy=remedy)
    if not path.is_file():
        return
    with path.open("rb") as file:
        start = file.read(100).lstrip().lower()
    for content, what, remedy in _OTHER_CONTENTS:
        if start.startswith(content):
            raise FixInputError(f"{path} is {what}", remedy=remedy)
