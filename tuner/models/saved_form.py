"""Tries before a search what it does at its end: saves a network, loads it with plain Keras and predicts once."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from tuner.data import Array, ImageInput, TextInput
from tuner.errors import FixInputError, in_one_line, shortened
from tuner.models.build import with_raw_input
from tuner.models.own_network import INSTEAD_OF_LAMBDA, LAMBDA, NOT_FOUND, REGISTER
from tuner.trial_spec import TrialSpec

TOLERANCE = 0.05
"""How far a sum of probabilities may be from 1: with 16 bits it is not exact."""
_NOT_FOUND = re.compile(r"Could not (?:locate|deserialize) (?:class|function) '([^']+)'")


def check_saved_form(network: Any, trial: TrialSpec, data_input: ImageInput | TextInput, samples: Array) -> str | None:
    """Check that a built network of the user's predicts probabilities, also once it is saved and loaded.

    Args:
        samples: Some raw samples, at least one.

    Returns:
        What a person must know to load the saved model; None: nothing.

    Raises:
        FixInputError: it does not, with the reason and the remedy.
    """
    model, name = with_raw_input(network, trial, data_input), f"model={trial.model}"
    predicted = model.predict(samples, verbose=0)
    _check_probabilities(name, predicted)
    repeated = model.predict(samples, verbose=0)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.keras"
        try:
            model.save(file)
        except Exception as error:  # whatever a layer of the user raises
            raise FixInputError(
                f"{name} cannot be saved: {shortened(in_one_line(error), 200)}",
                remedy="each of its layers needs a get_config that returns the arguments of its __init__",
            ) from error
        loaded, hint = _loaded(name, file)
        again = loaded.predict(samples, verbose=0)
    # A network that is random by intent predicts anew each time.
    if np.allclose(predicted, repeated, atol=1e-3) and not np.allclose(predicted, again, atol=1e-2):
        raise FixInputError(
            f"{name} predicts other values once it is saved and loaded",
            remedy="create all weights in the build method of a layer, and return all arguments from its get_config",
        )
    return hint


@contextmanager
def only_keras() -> Iterator[None]:
    """Context manager in which Keras knows no class or function that a user has registered, as in a new process."""
    import keras

    registered = keras.saving.get_custom_objects()
    kept = dict(registered)
    registered.clear()
    try:
        yield
    finally:
        registered.update(kept)


def _loaded(name: str, file: Path) -> tuple[Any, str | None]:
    import keras

    try:
        with only_keras():
            return keras.saving.load_model(file, safe_mode=True), None
    except Exception as bare:  # noqa: BLE001 - the user's layers raise anything
        try:
            loaded = keras.saving.load_model(file, safe_mode=True)
        except Exception as error:
            raise _cannot_load(name, error) from error
        module = name.removeprefix("model=").split(":")[0]
        what = _NOT_FOUND.search(str(bare))
        shown = f"the registered {what[1].split('>')[-1]!r}" if what else "registered objects"
        return loaded, f"the saved model holds {shown}: write `import {module}` before keras.saving.load_model"


def _cannot_load(name: str, error: Exception) -> FixInputError:
    text = str(error)
    if (missing := _NOT_FOUND.search(text)) is not None:
        return FixInputError(f"{name} uses {missing[1]!r}, {NOT_FOUND}", remedy=REGISTER)
    if "Lambda" in text:
        return FixInputError(f"{name} has a Lambda layer, {LAMBDA}", remedy=INSTEAD_OF_LAMBDA)
    return FixInputError(
        f"{name} can be saved but not loaded: {shortened(in_one_line(error), 200)}",
        remedy="give its layers a get_config and from_config that fit, or use Keras's own layers",
    )


def _check_probabilities(name: str, predicted: Array) -> None:
    """Raise FixInputError unless each row is a probability distribution: finite, not negative, with sum 1."""
    if not np.isfinite(predicted).all():
        raise FixInputError(f"{name} predicts values that are not finite", remedy="correct its layers")
    sums = predicted.astype(np.float64).sum(axis=1)
    if predicted.min() >= -TOLERANCE / 10 and np.abs(sums - 1).max() <= TOLERANCE:
        return
    worst = sums[np.argmax(np.abs(sums - 1))]
    raise FixInputError(
        f"{name} must predict probabilities; a row sums to {worst:.3g}, its least value is {predicted.min():.3g}",
        remedy="its last layer has no softmax: write Dense(classes, activation='softmax')",
    )
