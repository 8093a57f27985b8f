"""A saved model in the memory of this process, and its predictions."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np

from serve_app.winner import Winner, on_this_machine
from tuner.data import Array
from tuner.errors import TunerError
from tuner.study.paths import MODEL_FILE
from tuner.study.saved_model import DamagedModelError

log = logging.getLogger("tuner.serve")

BATCH = 256
"""Samples that are classified at once."""


def loaded(winner: Winner) -> Any:
    """The Keras model of a winner.

    Raises DamagedModelError if the model cannot be used, TryAgainError if it was just replaced.
    """
    folder = on_this_machine(winner)
    from tuner.study.prediction import load_model

    try:
        return load_model(folder / MODEL_FILE, winner.metadata["spec"].get("model"), threads=1)
    except TunerError as error:  # it names places that clients must not know
        log.error("the model of study %s cannot be loaded: %s", winner.study, error)
        raise DamagedModelError(
            f"the saved model of study {winner.study!r} cannot be loaded", remedy="see the server log"
        ) from None


def classified(model: Any, samples: Array) -> Array:
    """Probabilities of shape (samples, classes).

    Not by Keras's `predict`, whose data pipeline takes longer than the network for a few samples.
    """
    batches = [model.predict_on_batch(samples[begin : begin + BATCH]) for begin in range(0, len(samples), BATCH)]
    return np.concatenate(batches)
