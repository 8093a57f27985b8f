"""The shape that every data set has once it is loaded: arrays that Ray's object store shares without copying."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.generic]

PADDING, UNKNOWN, FIRST_WORD = 0, 1, 2


@dataclass(frozen=True)
class ImageInput:
    """What a network for images is given: float or uint8 pixels of shape (samples, height, width, channels).

    Multiplying a raw pixel by `scale` and adding `offset` puts it into [0, 1].
    """

    kind = "image"
    height: int
    width: int
    channels: int
    scale: float
    offset: float


@dataclass(frozen=True)
class TextInput:
    """What a network for texts is given: int32 tokens of shape (samples, max_length), padded with 0 at the end.

    Token 0 is padding, 1 any word outside the vocabulary, 2 and up are `vocabulary[0]`, `vocabulary[1]`, ...: the words
    of the training texts, the most frequent first. `form` says what a raw text is: a string (lowered, stripped of
    punctuation, split at white space, as Keras's TextVectorization does it) or a row of positive word indices.
    """

    kind = "text"
    form: Literal["strings", "word_indices"]
    vocabulary: tuple[str, ...] | tuple[int, ...]
    max_length: int


@dataclass(frozen=True)
class Split:
    """Samples `x` (first axis) and their classes `y`, int32 from 0."""

    x: Array
    y: Array

    def __len__(self) -> int:
        return len(self.y)


@dataclass(frozen=True)
class Data:
    """A data set, split. Trials read `train` and `validation`; `test` is read once, for the winner."""

    name: str
    input: ImageInput | TextInput
    labels: tuple[str, ...]
    train: Split
    validation: Split
    fingerprint: str
    """Hash of all samples, classes and of the split: two studies with the same one compare like with like."""

    @property
    def classes(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class RawTest:
    """The test samples as a user would give them to the saved model: pixels, strings, or padded word indices."""

    x: Array
    y: Array
