"""What figures of samples are drawn from: predictions, images, texts, and what layers answer to them.

Values only: who loads the model and the data makes them. All arrays are numpy arrays; nothing here changes them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from tuner.data import Array
from tuner.plots.style import Caption, shorten

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Predictions:
    """What a model predicts for N samples of C classes."""

    split: Literal["validation", "test"]
    y: Array
    """True classes, integers in [0, C), shape (N,)."""
    probabilities: Array
    """Probability of each class, floats in [0, 1], shape (N, C)."""
    labels: tuple[str, ...]
    """Names of the C classes."""

    def __len__(self) -> int:
        return len(self.y)

    @cached_property
    def true(self) -> Integers:
        """`y` as int64."""
        true: Integers = np.asarray(self.y, np.int64)
        return true

    @cached_property
    def predicted(self) -> Integers:
        """The most probable class of each sample, shape (N,)."""
        predicted: Integers = np.asarray(self.probabilities).argmax(axis=1).astype(np.int64)
        return predicted

    @cached_property
    def confidence(self) -> Floats:
        """The probability of the predicted class of each sample, shape (N,)."""
        confidence: Floats = np.asarray(self.probabilities).max(axis=1, initial=0).astype(np.float64)
        return confidence

    @cached_property
    def right(self) -> Booleans:
        """Whether each sample is predicted correctly, shape (N,)."""
        right: Booleans = self.predicted == self.true
        return right

    @cached_property
    def confusion(self) -> Integers:
        """Numbers of samples by true and predicted class, shape (C, C), true classes first."""
        classes = len(self.labels)
        counts = np.bincount(self.true * classes + self.predicted, minlength=classes**2)
        return counts.reshape(classes, classes).astype(np.int64)

    @property
    def accuracy(self) -> float:
        """Share of right predictions in [0, 1]; NaN without samples."""
        return float(self.right.mean()) if len(self) else float("nan")

    @property
    def missing(self) -> str | None:
        """Why no figure can be drawn, in a sentence; None: it can."""
        if not len(self):
            return f"The {self.split} split has no samples."
        if not np.isfinite(self.probabilities).all():
            return "The model's outputs are not finite numbers: its training diverged."
        return None

    def captioned(self, caption: Caption) -> Caption:
        """`caption` with the split and the number of these samples."""
        return replace(caption, split=self.split, samples=len(self))


@dataclass(frozen=True)
class Images:
    """Images to show, one per sample."""

    pixels: Array
    """Floats in [0, 1], shape (samples, height, width, channels)."""


Shown = Images | tuple[str, ...]
"""What samples look like: images or texts, one per sample."""


@dataclass(frozen=True)
class FeatureMaps:
    """What filters of a convolution answer to a few samples."""

    layer_id: str
    title: str
    """Name of the layer for people."""
    maps: Array
    """Activations, shape (samples, height, width, filters): at most 8 filters, the most active first."""


@dataclass(frozen=True)
class TokenActivity:
    """How strongly a layer answers to each token of a few texts."""

    layer_id: str
    title: str
    """Name of the layer for people."""
    tokens: tuple[tuple[str, ...], ...]
    """The tokens of each text, without padding."""
    activity: tuple[Array, ...]
    """Per text the norm over the layer's units at each token, divided by the largest: in [0, 1], shape (tokens,)."""


def class_names(labels: Sequence[str], width: int) -> list[str]:
    """Return the labels for a figure, cut to `width` characters.

    A label that would look like another one, or whose letters no font has, starts with the number of its class.
    """
    short = [shorten(label, width) for label in labels]
    times = Counter(short)
    return [
        name if times[name] == 1 and name.strip("□ ") else shorten(f"{number}: {label}", width)
        for number, (name, label) in enumerate(zip(short, labels, strict=True))
    ]


def percent(share: float, digits: int = 1) -> str:
    """A share in [0, 1] such as `97.4 %`, with a space that never breaks a line."""
    return f"{100 * share:.{digits}f}\u00a0%"
