"""Recurrent networks: LSTM layers over the words of a text or the rows of an image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tuner.events import Scalar


def layers(hyperparameters: Mapping[str, Scalar]) -> list[Any]:
    """Keras layers from a sequence (steps, channels) to features (units,). Masked steps are ignored.

    The features are the mean of the last layer's outputs over all steps: the last output alone would need several times
    the epochs, since it must remember what was read hundreds of steps before.
    """
    from keras import layers as keras_layers

    hp = hyperparameters
    stack: list[Any] = []
    for index in range(1, int(hp["lstm_layers"]) + 1):
        layer: Any = keras_layers.LSTM(int(hp["lstm_units"]), return_sequences=True, name=f"lstm{index}")
        if hp["bidirectional"]:
            layer = keras_layers.Bidirectional(layer, name=f"bidirectional{index}")
        stack.append(layer)
    return [*stack, keras_layers.GlobalAveragePooling1D(name="average")]
