"""The Keras layers of CNN and LSTM networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tuner.events import Scalar
from tuner.models.estimate import dense_sizes, filter_sizes, pooled_blocks

BATCH_NORMALIZATION_MOMENTUM = 0.8
"""Momentum of the running mean and variance. Keras's 0.99 needs hundreds of batches until validation matches training,
but an epoch on little data has ten, and the scheduler compares trials after the first epoch."""


def cnn_layers(hp: Mapping[str, Scalar], size: Sequence[int]) -> list[Any]:
    """Return the layers from pixels (height, width, channels) or words (length, channels) to features (units,).

    A block is convolution, batch normalisation (optional), activation and pooling by 2; pooling is left out if it
    would shrink the image below 1 pixel. With batch normalisation the convolution has no bias, since the normalisation
    has an offset. `size` is the height and width of the image, or the length of the text.
    """
    from keras import layers

    image = len(size) == 2
    convolution = layers.Conv2D if image else layers.Conv1D
    pooling = layers.MaxPooling2D if image else layers.MaxPooling1D
    global_pooling = layers.GlobalAveragePooling2D if image else layers.GlobalAveragePooling1D
    normalise = bool(hp["batch_normalization"])
    pooled = pooled_blocks(hp, size)
    stack: list[Any] = []
    for block, filters in enumerate(filter_sizes(hp), start=1):
        stack.append(
            convolution(
                filters,
                int(hp["kernel_size"]),
                padding="same",
                use_bias=not normalise,
                activation=None if normalise else hp["activation"],
                kernel_initializer=hp["initializer"],
                name=f"block{block}_conv",
            )
        )
        if normalise:
            stack.append(layers.BatchNormalization(momentum=BATCH_NORMALIZATION_MOMENTUM, name=f"block{block}_norm"))
            stack.append(layers.Activation(hp["activation"], name=f"block{block}_activation"))
        if block <= pooled:
            stack.append(pooling(2, name=f"block{block}_pool"))
    flat = global_pooling(name="global_pooling") if hp["use_global_pooling"] else layers.Flatten(name="flatten")
    return [*stack, flat]


def lstm_layers(hp: Mapping[str, Scalar]) -> list[Any]:
    """Return the layers from a sequence (steps, channels) to features (units,). Masked steps are ignored.

    The features are the mean of the last layer's outputs over all steps: the last output alone would need several times
    the epochs, since it must remember what was read hundreds of steps before.
    """
    from keras import layers

    stack: list[Any] = []
    for index in range(1, int(hp["lstm_layers"]) + 1):
        layer: Any = layers.LSTM(int(hp["lstm_units"]), return_sequences=True, name=f"lstm{index}")
        if hp["bidirectional"]:
            layer = layers.Bidirectional(layer, name=f"bidirectional{index}")
        stack.append(layer)
    return [*stack, layers.GlobalAveragePooling1D(name="average")]


def dense_layers(hp: Mapping[str, Scalar]) -> list[Any]:
    """Return the hidden dense layers, each half as wide as the one before, with dropout before each of them."""
    from keras import layers

    stack: list[Any] = []
    activation, initializer = hp["activation"], hp["initializer"]
    for index, units in enumerate(dense_sizes(hp), start=1):
        if hp["dropout"]:
            stack.append(layers.Dropout(hp["dropout"], name=f"dropout{index}"))
        stack.append(layers.Dense(units, activation=activation, kernel_initializer=initializer, name=f"dense{index}"))
    return stack
