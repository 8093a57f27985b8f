"""Predictions for tests of figures: random ones with a known seed, and what a figure's texts say."""

from __future__ import annotations

import numpy as np

from tuner.plots.samples import Predictions

ODD_LABELS = ("cost in $", "$x^2$ and $", "кошка", "猫", "two\nlines", "a\x00b", "", "long " * 30)
"""Names of classes that a figure must survive: formulas, other alphabets, white space, nothing, too much."""


def random_predictions(classes: int, samples: int = 400, seed: int = 0, labels: tuple[str, ...] = ()) -> Predictions:
    """Predictions that are right more often than not; the more classes, the more often wrong."""
    numbers = np.random.default_rng(seed)
    y = numbers.integers(0, classes, samples).astype(np.int32)
    answers = numbers.normal(size=(samples, classes)) + 2.5 * np.eye(classes)[y]
    powers = np.exp(answers)
    probabilities = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    return Predictions("validation", y, probabilities, labels or tuple(f"class {number}" for number in range(classes)))


def certain(y: list[int], predicted: list[int], labels: tuple[str, ...]) -> Predictions:
    """Predictions of which every one has the probability 1."""
    return Predictions("test", np.array(y), np.eye(len(labels), dtype=np.float32)[np.array(predicted, int)], labels)


def without_samples(classes: int = 3) -> Predictions:
    return Predictions(
        "validation", np.zeros(0, np.int32), np.zeros((0, classes), np.float32), tuple("abcdefgh"[:classes])
    )


def diverged(classes: int = 3) -> Predictions:
    """A model that answers NaN."""
    return Predictions(
        "validation", np.zeros(2, np.int32), np.full((2, classes), np.nan, np.float32), tuple("abcdefgh"[:classes])
    )


def texts(figure) -> list[str]:
    """All texts of a figure that are not empty."""
    from matplotlib.text import Text

    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]
