"""Reads single samples from a folder that `serve_app.samples.reading` wrote, without reading the whole files."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from serve_app.samples.reading import ABOUT, WORDS, SamplesAbout, SampleSplit
from tuner.data import Array
from tuner.datasets.text import padded
from tuner.errors import TryAgainError

LONGEST_SHOWN = 1_000
"""Characters of a text that a list of samples shows."""
MOST_WORDS_SHOWN = 300
"""Word indices of a text that are written as words."""


class SampleFiles:
    """The samples in one folder.

    Its creation raises OSError, and its methods TryAgainError, if the folder was removed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.about = SamplesAbout.model_validate_json((folder / ABOUT).read_text())

    @property
    def version(self) -> str:
        """Differs between data sets, between their splits, and after changes of their files."""
        return self._folder.name

    def find(self, split: SampleSplit, label: str | None, offset: int, limit: int) -> tuple[int, list[int]]:
        """The number of samples of a class, and the indices of `limit` of them after the first `offset` ones.

        Args:
            label: Name of the class; None: all classes.
        """
        if label is None:
            total = self.about.sizes[split]
            return total, list(range(offset, min(total, offset + limit)))
        (indices,) = np.nonzero(self._array(split, "classes") == self.about.labels.index(label))
        return len(indices), indices[offset : offset + limit].tolist()

    def no_such(self, split: SampleSplit, index: int) -> str:
        """What is wrong with an index that the split does not have."""
        return f"there is no sample {index:,}: the {split} split has {self.about.sizes[split]:,}, numbered from 0"

    def label(self, split: SampleSplit, index: int) -> str:
        """The true class of a sample."""
        return self.about.labels[int(self._array(split, "classes")[index])]

    @property
    def has_images(self) -> bool:
        return self.about.form == "images"

    def text(self, split: SampleSplit, index: int) -> str | None:
        """A sample in words, at most LONGEST_SHOWN characters; None: an image that its picture shows as it is."""
        match self.about.form:
            case "strings":
                return _shortened(self._string(split, index))
            case "word_indices":
                row = self._row(split, "words", index)
                words = " ".join(self._words.get(word, f"#{word}") for word in row[:MOST_WORDS_SHOWN].tolist())
                return _shortened(f"{words} …" if len(row) > MOST_WORDS_SHOWN else words)
            case "images":
                _, height, width, channels = self._array(split, "pixels").shape
                if channels in (1, 3):
                    return None
                return f"{width} x {height} pixels, {channels} channels: the picture shows their mean"

    def picture(self, split: SampleSplit, index: int) -> bytes:
        """An image as PNG, one pixel of the file for each of the sample. Only for images."""
        from PIL import Image

        raw = self._array(split, "pixels")[index].astype(np.float32)
        pixels = np.rint(np.clip(raw * self.about.scale + self.about.offset, 0, 1) * 255).astype(np.uint8)
        if pixels.shape[2] not in (1, 3):
            pixels = pixels.mean(axis=2, keepdims=True).astype(np.uint8)
        file = io.BytesIO()
        Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels).save(file, "PNG")
        return file.getvalue()

    def inputs(self, split: SampleSplit, indices: Sequence[int]) -> Array:
        """Samples as a saved model takes them: float32 pixels, strings, or padded word indices."""
        match self.about.form:
            case "images":
                return self._array(split, "pixels")[np.asarray(indices, np.intp)].astype(np.float32)
            case "strings":
                texts = np.empty(len(indices), object)
                texts[:] = [self._string(split, index) for index in indices]
                return texts
            case "word_indices":
                return padded([self._row(split, "words", index).tolist() for index in indices])

    def _array(self, split: SampleSplit, what: str) -> Array:
        try:
            found: Array = np.load(self._folder / f"{split}.{what}.npy", mmap_mode="r", allow_pickle=False)
        except FileNotFoundError:
            raise TryAgainError("the samples were just removed from the cache", remedy="try again") from None
        return found

    def _row(self, split: SampleSplit, what: str, index: int) -> Array:
        ends = self._array(split, "ends")
        return self._array(split, what)[int(ends[index - 1]) if index else 0 : int(ends[index])]

    def _string(self, split: SampleSplit, index: int) -> str:
        return self._row(split, "texts", index).tobytes().decode("utf-8", "replace")

    @cached_property
    def _words(self) -> dict[int, str]:
        known: dict[str, Any] = json.loads((self._folder / WORDS).read_text())
        return {int(index): word for index, word in known.items()}


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"
