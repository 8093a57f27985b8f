"""A loaded data set: numpy arrays that Ray's object store shares between processes without copying."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from tuner.data_report import DataRecord, DataReport
from tuner.spec_parts import ImageFit

Array = npt.NDArray[np.generic]

PADDING, UNKNOWN, FIRST_WORD = 0, 1, 2
TextSplit = Literal["words", "characters"]
Background = Literal["white", "black"]


@dataclass(frozen=True)
class ImageInput:
    """Float or uint8 pixels of shape (samples, height, width, channels); pixel * scale + offset is in [0, 1].

    The other fields say how images of other sizes, and image files, become such pixels: in training and in the saved
    model alike.
    """

    kind = "image"
    height: int
    width: int
    channels: int
    scale: float
    offset: float
    fit: ImageFit = "stretch"
    fill: float = 0.0
    """Pixel value around an image that is resized with fit="pad"."""
    background: Background | None = None
    """What is behind transparent pixels of image files; None if no image of the data set had any."""
    white: float | None = None
    """Value of white in image files with more than 8 bits per pixel; None if the data set had no such file."""


@dataclass(frozen=True)
class TextInput:
    """Texts as network input: int32 tokens of shape (samples, max_length), padded with 0 at the end.

    Token 0 is padding, 1 any word outside the vocabulary, and 2, 3, ... are `vocabulary[0]`, `vocabulary[1]`, ...: the
    words of the training texts, the most frequent first. `form` is the form of a raw text: a string (lower-cased,
    without punctuation, as by Keras's TextVectorization) or a row of positive word indices. `split` says what a token
    of a string is: a word between white space or, for texts without spaces, a character.
    """

    kind = "text"
    form: Literal["strings", "word_indices"]
    vocabulary: tuple[str, ...] | tuple[int, ...]
    max_length: int
    split: TextSplit = "words"


@dataclass(frozen=True)
class Split:
    """Samples `x` along the first axis, and their classes `y` of shape (N,), int32 from 0."""

    x: Array
    y: Array

    def __len__(self) -> int:
        return len(self.y)


@dataclass(frozen=True)
class Data:
    """A data set split into training and validation samples, which all trials use."""

    name: str
    input: ImageInput | TextInput
    labels: tuple[str, ...]
    train: Split
    validation: Split
    fingerprint: str
    """Hash of all samples, classes and the split: results of studies with equal fingerprints are comparable."""
    report: DataReport

    @property
    def record(self) -> DataRecord:
        """What a study keeps of its data."""
        return DataRecord(fingerprint=self.fingerprint, report=self.report)

    @property
    def whole(self) -> Data:
        """These data with the validation samples among the training samples too, after them."""
        both = (self.train, self.validation)
        train = Split(np.concatenate([part.x for part in both]), np.concatenate([part.y for part in both]))
        return replace(self, train=train)

    @property
    def classes(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class RawTest:
    """The test samples in the form that the saved model takes: pixels, strings, or padded word indices."""

    x: Array
    y: Array
