"""What plain methods of scikit-learn reach on the data of a study: the least that a network must beat.

The majority class, and logistic regression over pixels or over TF-IDF weights of words. They learn from the training
samples, with the weights of classes that networks learn with, and are compared on the validation samples, as networks
are.
"""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tuner.class_counts import ClassCounts
from tuner.data import PADDING, Array, Data, ImageInput, RawTest, Split, TextInput, TextSplit
from tuner.datasets.loading import prepared_test
from tuner.events import Baseline
from tuner.objectives import CLASS_SCORES, Monitored
from tuner.trial_spec import ClassWeight

MOST_IMAGES = 10_000
MOST_TEXTS = 50_000
"""Training samples that the logistic regression learns from at most: it takes seconds then."""
LONGEST_SIDE = 32
"""Longer side in pixels to which larger images are averaged."""
LEAST_PIXELS = 8
STRENGTHS_OF_PIXELS, STRENGTHS_OF_TEXTS = (0.01, 1.0), (1.0, 10.0)
"""Inverse strengths of the regularisation that are tried; the better one on the validation samples counts."""
ITERATIONS = 100
CHARACTERS_AT_ONCE = (1, 2, 3)
"""Lengths of the sequences of characters that are counted in texts without words."""
_FACTOR, _PRIME = 1_000_003, 2**31 - 1
"""Numbers of sequences are their hashes."""


def fit_baseline(
    data: Data, test: RawTest, seed: int, objective: Monitored = "val_accuracy", class_weight: ClassWeight = "none"
) -> Baseline:
    """Fit the majority class and logistic regressions, and return the one that is best on the validation samples.

    Args:
        test: Chooses nothing.
        seed: Draws the training samples of a large data set.
        objective: Compares them; those that predictions do not decide count as val_accuracy.
    """
    began = time.monotonic()
    y = data.validation.y
    majority = np.bincount(data.train.y).argmax()
    found = [_Fitted("majority class", len(data.train), np.full_like(y, majority), np.full_like(test.y, majority))]
    if len(np.unique(data.train.y)) > 1:
        most = MOST_IMAGES if isinstance(data.input, ImageInput) else MOST_TEXTS
        chosen = _chosen(data.train, most, seed)
        found += _regressions(data.input, chosen, data.validation, prepared_test(data.input, test), class_weight)
    scores = [_scores(y, one.validation, data.classes) for one in found]
    compared = objective if objective in CLASS_SCORES else "val_accuracy"
    best = max(range(len(found)), key=lambda index: scores[index][compared])
    return Baseline(
        name=found[best].name,
        **scores[best],
        test_accuracy=float((found[best].test == test.y).mean()),
        majority_val_accuracy=scores[0]["val_accuracy"],
        training_samples=found[best].training_samples,
        seconds=time.monotonic() - began,
    )


@dataclass(frozen=True)
class _Fitted:
    """A method with the classes that it predicts for the validation and test samples."""

    name: str
    training_samples: int
    validation: Array
    test: Array


def _scores(y: Array, predicted: Array, classes: int) -> dict[Monitored, float]:
    """The objectives that predictions decide, each in [0, 1]."""
    right, all_predicted, samples = (np.bincount(part, minlength=classes) for part in (y[predicted == y], predicted, y))
    counts = ClassCounts(right, all_predicted, samples)
    assert counts.balanced_accuracy is not None
    assert counts.macro_f1 is not None
    return {
        "val_accuracy": float((predicted == y).mean()),
        "val_balanced_accuracy": counts.balanced_accuracy,
        "val_macro_f1": counts.macro_f1,
    }


def _chosen(train: Split, most: int, seed: int) -> Split:
    """The training samples to learn from: all, or `most` of them drawn by the seed."""
    if len(train) <= most:
        return train
    drawn = np.sort(np.random.default_rng(seed).choice(len(train), most, replace=False))
    return Split(train.x[drawn], train.y[drawn])


def _regressions(
    network_input: ImageInput | TextInput, train: Split, validation: Split, test: Split, class_weight: ClassWeight
) -> list[_Fitted]:
    """Regressions of every strength."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    if isinstance(network_input, ImageInput):
        height, width = _averaged_size(network_input)
        name = f"logistic regression over {height} x {width} pixels"
        strengths = STRENGTHS_OF_PIXELS
        parts = _scaled([_pixels(part.x, network_input) for part in (train, validation, test)])
    else:
        name = f"TF-IDF + logistic regression over {network_input.split}"
        strengths = STRENGTHS_OF_TEXTS
        parts = _weighted([_sequences(part.x, network_input.split) for part in (train, validation, test)])
    weights = "balanced" if class_weight == "auto" else None
    found = []
    for strength in strengths:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            fitted = LogisticRegression(C=strength, max_iter=ITERATIONS, class_weight=weights).fit(parts[0], train.y)
        found.append(_Fitted(name, len(train), fitted.predict(parts[1]), fitted.predict(parts[2])))
    return found


def _scaled(parts: list[Any]) -> list[Any]:
    """Pixels minus their mean, in units of the standard deviation of all of them."""
    mean, deviation = parts[0].mean(axis=0), float(parts[0].std()) or 1.0
    return [(part - mean) / deviation for part in parts]


def _averaged_size(image: ImageInput) -> tuple[int, int]:
    """Height and width in pixels after the averaging of larger images."""
    factor = _factor(image)
    return image.height // factor, image.width // factor


def _factor(image: ImageInput) -> int:
    factor = -(-max(image.height, image.width) // LONGEST_SIDE)
    return max(1, min(factor, min(image.height, image.width) // LEAST_PIXELS))


def _pixels(x: Array, image: ImageInput) -> npt.NDArray[np.float32]:
    """Flat pixels in [0, 1]; those of larger images are means of squares."""
    height, width = _averaged_size(image)
    factor = _factor(image)
    rows = np.empty((len(x), height * width * image.channels), np.float32)
    for target, sample in zip(rows, x, strict=True):  # one after the other: all at once would need floats of all
        cut = sample[: height * factor, : width * factor].astype(np.float32) * image.scale + image.offset
        target[:] = cut.reshape(height, factor, width, factor, image.channels).mean(axis=(1, 3)).ravel()
    return rows


_Sequences = tuple[npt.NDArray[np.intp], npt.NDArray[np.int64], int]


def _sequences(tokens: Array, split: TextSplit) -> _Sequences:
    """Row and number of every word, or of every short sequence of characters, in the texts; and how many texts."""
    rows, numbers = [], []
    for length in CHARACTERS_AT_ONCE if split == "characters" else (1,):
        for begin in range(tokens.shape[1] - length + 1):
            part = tokens[:, begin : begin + length].astype(np.int64)
            complete = np.flatnonzero((part != PADDING).all(axis=1))
            number = np.full(len(complete), length)
            for column in part[complete].T:
                number = (number * _FACTOR + column) % _PRIME
            rows.append(complete)
            numbers.append(number)
    return np.concatenate(rows), np.concatenate(numbers), len(tokens)


def _weighted(parts: list[_Sequences]) -> list[Any]:
    """Sparse matrices of the TF-IDF weights of the sequences that training texts have."""
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfTransformer

    known = np.unique(parts[0][1])
    counts = []
    for row, number, texts in parts:
        column = np.minimum(np.searchsorted(known, number), len(known) - 1)
        seen = known[column] == number
        entries = np.ones(int(seen.sum()))
        counts.append(csr_matrix((entries, (row[seen], column[seen])), shape=(texts, len(known))))
    transformer = TfidfTransformer().fit(counts[0])
    return [transformer.transform(part) for part in counts]
