"""The hidden dense layers at the end of CNN and LSTM networks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tuner.events import Scalar
from tuner.models.layer_sizes import dense_sizes


def layers(hyperparameters: Mapping[str, Scalar]) -> list[Any]:
    """Hidden dense layers, each half as wide as the one before, with dropout before each of them."""
    from keras import layers as keras_layers

    stack: list[Any] = []
    for index, units in enumerate(dense_sizes(hyperparameters), start=1):
        if hyperparameters["dropout"]:
            stack.append(keras_layers.Dropout(hyperparameters["dropout"], name=f"dropout{index}"))
        stack.append(
            keras_layers.Dense(
                units,
                activation=hyperparameters["activation"],
                kernel_initializer=hyperparameters["initializer"],
                name=f"dense{index}",
            )
        )
    return stack
