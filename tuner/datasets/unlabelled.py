"""Reads samples to classify, without labels: an image, a folder of images, texts, a table or arrays.

What a model takes decides how a file is read; files are opened in the same ways as the data sets of studies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from tuner.data import Array
from tuner.data_report import Note
from tuner.datasets import column_names, flat_images, table_images
from tuner.datasets.array_layout import arranged
from tuner.datasets.array_names import found_names
from tuner.datasets.image_file import image_suffixes
from tuner.datasets.model_input import image_file_input, image_input, image_shape, text_input, word_indices_input
from tuner.datasets.raw_samples import ImageSource, RawSamples, read_errors
from tuner.datasets.report import named
from tuner.datasets.sample_tree import scan, tree_notes
from tuner.datasets.table_files import SUFFIXES, decoded_text, read_frame
from tuner.datasets.text import padded
from tuner.errors import FixInputError

if TYPE_CHECKING:
    import pandas as pd

_ARCHIVES = (".zip", ".tar", ".tgz", ".7z", ".rar")


@dataclass(frozen=True)
class ModelTakes:
    """What a saved model takes, from its metadata.json."""

    study: str
    preprocessing: dict[str, Any]
    labels: Sequence[str]

    @property
    def images(self) -> bool:
        """Whether it classifies images."""
        return bool(self.preprocessing["input"] == "pixels")

    @property
    def texts(self) -> bool:
        """Whether it classifies strings; else, word indices or images."""
        return bool(self.preprocessing["input"] == "strings")

    def __str__(self) -> str:
        kind = "images" if self.images else "texts" if self.texts else "rows of word indices"
        return f"the model of study {self.study!r} classifies {kind}"


@dataclass(frozen=True)
class Unlabelled:
    """Samples to classify."""

    names: Sequence[str]
    """What each sample is called: a file, a row, or the text itself."""
    inputs: Callable[[slice], Array]
    """Some of the samples, as the saved model takes them. Raises FixInputError that names a wrong one."""
    notes: Sequence[Note] = ()
    """What was left out, and how the file was read."""


def read_unlabelled(path: Path, takes: ModelTakes) -> Unlabelled:
    """Return the samples in a file or folder.

    Images: an image file, a folder of them at any depth, a table with image files, their names or pixels, .npy or .npz.
    Texts: a .txt file with a text in each line, a folder of .txt files with a text each, a table, .npy or .npz.

    Raises:
        FixInputError: it holds nothing that this model takes, with the reason and the remedy.
    """
    if not path.exists():
        remedy = "check the path" + ("; for one text: echo TEXT | tuner predict NAME -" if takes.texts else "")
        raise FixInputError(f"{path} does not exist", remedy=remedy)
    found = _read(path, takes)
    if not found.names:
        raise FixInputError(f"{path} holds no samples, and {takes}", remedy="check the path")
    return found


def read_lines(stream: BinaryIO, takes: ModelTakes) -> Unlabelled:
    """Return the texts in the lines of a stream in UTF-8. Raises FixInputError if the model does not take texts."""
    if not takes.texts:
        raise FixInputError(f"{takes}, and - means texts from the standard input", remedy="give a file or a folder")
    return _lines(stream.read().decode("utf-8", "replace"))


def _read(path: Path, takes: ModelTakes) -> Unlabelled:
    if path.is_dir():
        return _image_folder(path, takes) if takes.images else _text_folder(path, takes)
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    suffix = suffixes[-1] if suffixes else ""
    if suffix in _ARCHIVES:
        raise FixInputError(f"{path} is an archive", remedy="unpack it and give the folder")
    if suffix in (".npz", ".npy"):
        return _arrays(path, takes)
    if suffix in SUFFIXES:
        return _table(path, takes)
    if takes.images and (suffix != ".txt"):
        return _images([path], [str(path)], takes)
    if suffix in image_suffixes():
        raise FixInputError(f"{path} is an image, and {takes}", remedy="give a .txt file or a table")
    if not takes.texts:
        raise FixInputError(f"{path} holds text, and {takes}", remedy=_formats(takes))
    with read_errors(path, "a text file"):
        return _lines(decoded_text(path.read_bytes(), path)[0])


def _formats(takes: ModelTakes) -> str:
    if takes.images:
        return "give an image file, a folder of them, a table, .npy or .npz"
    return "give a .txt file, a table, .npy or .npz" if takes.texts else "give .npy or .npz with word indices"


def _image_folder(path: Path, takes: ModelTakes) -> Unlabelled:
    with read_errors(path, "a folder of images"):
        tree = scan(path)
    files = [image.path for folder in tree.every() for image in folder.samples]
    return _images(files, [str(file.relative_to(path)) for file in files], takes, tree_notes(tree))


def _images(
    files: Sequence[ImageSource], names: Sequence[str], takes: ModelTakes, notes: Sequence[Note] = ()
) -> Unlabelled:
    def inputs(some: slice) -> Array:
        made = []
        for source, name in zip(files[some], names[some], strict=True):
            with read_errors(name, "an image"), source.open("rb") as file:
                content = file.read()
            made.append(image_file_input(content, name, takes.preprocessing))
        return np.stack(made)

    return Unlabelled(names, inputs, notes)


def _text_folder(path: Path, takes: ModelTakes) -> Unlabelled:
    if not takes.texts:
        raise FixInputError(f"{path} is a folder, and {takes}", remedy=_formats(takes))
    with read_errors(path, "a folder of .txt files"):
        every = sorted(file for file in path.rglob("*") if file.is_file())
        files = [file for file in every if file.suffix.lower() == ".txt" and not file.name.startswith(".")]
        texts = [decoded_text(file.read_bytes(), file)[0].strip() for file in files]
    others = len(every) - len(files)
    notes = [Note(kind="left_out", text=f"{others:,} {'file' if others == 1 else 'files'}, not .txt")] if others else []
    return _texts(texts, [str(file.relative_to(path)) for file in files], notes)


def _lines(text: str) -> Unlabelled:
    lines = [line.strip() for line in text.splitlines()]
    texts = [line for line in lines if line]
    return _texts(texts, texts)


def _texts(texts: Sequence[Any], names: Sequence[str], notes: Sequence[Note] = ()) -> Unlabelled:
    def inputs(rows: slice) -> Array:
        some = texts[rows]
        made = np.empty(len(some), object)
        for i, (value, name) in enumerate(zip(some, names[rows], strict=True)):
            made[i] = text_input(value, name)
        return made

    return Unlabelled(names, inputs, notes)


def _table(path: Path, takes: ModelTakes) -> Unlabelled:
    with read_errors(path, "a table"):
        frame, notes = read_frame(path)
    if takes.images:
        return _table_of_images(path, frame, takes, notes)
    if not takes.texts:
        raise FixInputError(f"{path} is a table, and {takes}", remedy=_formats(takes))
    ranks = {c: rank for c in frame.columns if (rank := column_names.rank(c, column_names.TEXTS)) is not None}
    others = [column for column in frame.columns if not _is_label(frame, column, takes)]
    if not ranks and len(others) != 1:
        raise FixInputError(
            f"the columns of {path} are {named(map(str, frame.columns))}", remedy="name the column of the texts text"
        )
    text = min(ranks, key=lambda c: ranks[c]) if ranks else others[0]
    texts = ["" if value is None or value != value else str(value) for value in frame[text].tolist()]
    return _texts(texts, texts, [*notes, *_left_out(frame, [text])])


def _is_label(frame: pd.DataFrame, column: Any, takes: ModelTakes) -> bool:
    """Whether a column numbers the rows, or holds this model's labels only."""
    if len(frame.columns) == 1:
        return False
    return column_names.is_index(column) or set(frame[column].astype(str).str.strip()) <= set(takes.labels)


def _table_of_images(path: Path, frame: pd.DataFrame, takes: ModelTakes, notes: list[Note]) -> Unlabelled:
    pixels = list(frame.columns)
    if flat_images.image_shape(len(pixels)) is None or any(frame[column].dtype.kind not in "iuf" for column in pixels):
        pixels = table_images.pixel_columns(frame)
    if pixels:
        return _pixels(table_images.numbers(frame[pixels]), path, takes, [*notes, *_left_out(frame, pixels)])
    image = table_images.image_column(frame, path)
    if image is None:
        raise FixInputError(
            f"the columns of {path} are {named(map(str, frame.columns))}, and {takes}",
            remedy="give a column of image files or their names, or one column for each pixel",
        )
    values = frame[image].tolist()
    notes = [*notes, *_left_out(frame, [image])]
    if table_images.are_pixel_texts(values):
        return _pixels(table_images.pixel_texts(values, path), path, takes, notes)
    found = table_images.encoded(values, np.zeros(len(values), np.int64), path, None)
    samples = found.parts.get("train", [])
    return _images([sample.source for sample in samples], [sample.name for sample in samples], takes, notes)


def _left_out(frame: pd.DataFrame, used: Sequence[Any]) -> list[Note]:
    others = [str(column) for column in frame.columns if column not in set(used)]
    noun = "column" if len(others) == 1 else "columns"
    return [Note(kind="left_out", text=f"{noun} {named(others)}")] if others else []


def _arrays(path: Path, takes: ModelTakes) -> Unlabelled:
    notes = []
    with read_errors(path, "a file of arrays"):
        found = np.load(path, allow_pickle=False)
        if isinstance(found, np.ndarray):
            x = found
        else:
            key = _key_of_samples(found.files, path)
            x = found[key]
            notes = (
                [Note(kind="left_out", text=f"{'array' if len(others) == 1 else 'arrays'} {named(sorted(others))}")]
                if (others := set(found.files) - {key})
                else []
            )
    if takes.images:
        return _pixels(x, path, takes, notes)
    if takes.texts and x.dtype.kind not in "US":
        raise FixInputError(f"{path} holds numbers, and {takes}", remedy="save the texts with dtype str")
    rows = [str(value) for value in x.ravel()] if takes.texts else x.tolist()
    if takes.texts:
        return _texts(rows, rows, notes)
    if x.ndim != 2 or x.dtype.kind not in "iu":
        raise FixInputError(
            f"{path} has shape {x.shape} and type {x.dtype}", remedy="give integers of shape (N, length)"
        )
    names = _rows(len(rows))

    def inputs(some: slice) -> Array:
        return padded([word_indices_input(row, name) for row, name in zip(rows[some], names[some], strict=True)])

    return Unlabelled(names, inputs, notes)


def _key_of_samples(keys: Sequence[str], path: Path) -> str:
    """The array to classify: the only one, else the samples of the test part, else the only samples."""
    parts = {part: roles["x"] for part, roles in found_names(keys).parts.items() if "x" in roles}
    if len(keys) == 1:
        return keys[0]
    if "test" in parts:
        return parts["test"]
    if len(parts) != 1:
        raise FixInputError(f"{path} has the arrays {named(keys)}", remedy="name the one to classify x")
    return next(iter(parts.values()))


def _pixels(x: Array, path: Path, takes: ModelTakes, notes: Sequence[Note]) -> Unlabelled:
    """Images of shape (N, H, W[, C]), flat rows, or one image (H, W[, C])."""
    channels = image_shape(takes.preprocessing)[2]
    one = (x.ndim == 2 and flat_images.image_shape(x.shape[1]) is None) or (x.ndim == 3 and x.shape[2] == channels > 1)
    if one:
        x = x[np.newaxis]
    made = arranged(RawSamples(str(path), x, np.zeros(len(x), np.int64)))
    names = _rows(len(made.x))

    def inputs(some: slice) -> Array:
        images = zip(made.x[some], names[some], strict=True)
        return np.stack([image_input(image, name, takes.preprocessing) for image, name in images])

    return Unlabelled(names, inputs, [*notes, *made.notes, *_range_notes(made.x, takes)])


def _range_notes(x: Array, takes: ModelTakes) -> list[Note]:
    """A warning if pixels are of another scale than those of the training."""
    low, high = takes.preprocessing["raw_range"]
    if not x.size or x.dtype.kind not in "iuf" or high <= low:
        return []
    reached = float(x.max())
    if 0.1 < (reached - low) / (high - low) < 2:
        return []
    text = f"the pixels reach {reached:g}, those of the training were from {low:g} to {high:g}: give the same scale"
    return [Note(kind="warning", text=text)]


def _rows(count: int) -> list[str]:
    return [f"row {number}" for number in range(1, count + 1)]
