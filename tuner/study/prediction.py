"""Classifies samples with a saved model, in this process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tuner.data import Array
from tuner.datasets.unlabelled import Unlabelled
from tuner.errors import FixInputError, TunerError, in_one_line, shortened
from tuner.models import own
from tuner.training import devices

BATCH = 256
"""Samples that are read and classified at once."""


def classify(samples: Unlabelled, model: Path, own_model: str | None, threads: int) -> Iterator[Array]:
    """Yield the probabilities of BATCH samples after BATCH samples, float32 of shape (samples, classes).

    TensorFlow writes banners to stderr until the first ones are there.

    Args:
        own_model: The study's `model`, whose module may register layers that the saved model holds.

    Raises:
        FixInputError: the model cannot be loaded, or a sample cannot be read.
    """
    network = load_model(model, own_model, threads)
    for begin in range(0, len(samples.names), BATCH):
        yield network.predict_on_batch(samples.inputs(slice(begin, begin + BATCH)))


def load_model(model: Path, own_model: str | None, threads: int) -> Any:
    """Return the Keras model in a file, after the import of the user's module that may have registered its layers.

    Raises FixInputError if it cannot be loaded.
    """
    devices.configure(threads)
    import keras

    missing = None
    if own_model is not None:
        try:
            own.load(own_model)
        except TunerError as error:  # most networks consist of Keras's own layers, and need no module
            missing = error
    try:
        return keras.saving.load_model(model)
    except Exception as error:  # a damaged file, or a layer of the user's module
        if missing is not None:
            raise missing from None
        raise FixInputError(
            f"cannot load {model}: {shortened(in_one_line(error), 200)}", remedy="resume or repeat the study"
        ) from error
