"""Keeps what a saved model predicts for the samples of one split, in an .npz file beside it.

Figures are drawn from these files long after the one test of the best model, without the data and without TensorFlow.
Probabilities take two bytes each: 10,000 samples of 10 classes fill 200 kB at most.
"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import numpy as np

from tuner.data import Array


def save_predictions(file: Path, y: Array, probabilities: Array) -> None:
    """Write true classes y, shape (N,), and the probability of each class, shape (N, C), to `file`."""
    predicted = probabilities.argmax(axis=1).astype(np.int32)
    rounded = probabilities.astype(np.float16)
    np.savez_compressed(file, y=y.astype(np.int32), probabilities=rounded, predicted=predicted)


def load_predictions(file: Path) -> tuple[Array, Array] | None:
    """Return y int32 and probabilities float32 of a file; None if it is missing, damaged or of another program.

    The most probable class is the one that the model predicted, also where rounding made two classes equal.
    """
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as parts:
            y, predicted = parts["y"], parts["predicted"].astype(np.intp)
            probabilities = parts["probabilities"].astype(np.float32)
    except (OSError, EOFError, KeyError, ValueError, TypeError, AttributeError, zipfile.BadZipFile, zlib.error):
        return None
    if probabilities.ndim != 2 or not y.shape == predicted.shape == probabilities.shape[:1]:
        return None
    rows = np.flatnonzero(probabilities.argmax(axis=1) != predicted) if len(y) else np.zeros(0, np.intp)
    most = probabilities[rows].max(axis=1, initial=0.0)
    probabilities[rows, predicted[rows]] = np.nextafter(most, np.float32(2))
    return y, probabilities
