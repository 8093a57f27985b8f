"""Convolutional networks for images and texts: blocks of convolution and pooling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tuner.events import Scalar
from tuner.models.layer_sizes import filter_sizes, pooled_blocks

BATCH_NORMALIZATION_MOMENTUM = 0.8
"""Momentum of the running mean and variance. Keras's 0.99 needs hundreds of batches until validation matches training,
but an epoch on little data has ten, and the scheduler compares trials after the first epoch."""


def layers(hyperparameters: Mapping[str, Scalar], size: Sequence[int]) -> list[Any]:
    """Keras layers from pixels (height, width, channels) or embedded words (length, channels) to features (units,).

    Args:
        size: Height and width of the image, or length of the text.

    A block is convolution, batch normalisation (optional), activation and pooling by 2; pooling is left out if it
    would shrink the image below 1 pixel. With batch normalisation the convolution has no bias, since the normalisation
    has an offset.
    """
    from keras import layers as keras_layers

    hp = hyperparameters
    image = len(size) == 2
    convolution = keras_layers.Conv2D if image else keras_layers.Conv1D
    pooling = keras_layers.MaxPooling2D if image else keras_layers.MaxPooling1D
    global_pooling = keras_layers.GlobalAveragePooling2D if image else keras_layers.GlobalAveragePooling1D
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
            stack.append(
                keras_layers.BatchNormalization(momentum=BATCH_NORMALIZATION_MOMENTUM, name=f"block{block}_norm")
            )
            stack.append(keras_layers.Activation(hp["activation"], name=f"block{block}_activation"))
        if block <= pooled:
            stack.append(pooling(2, name=f"block{block}_pool"))
    if hp["use_global_pooling"]:
        stack.append(global_pooling(name="global_pooling"))
    else:
        stack.append(keras_layers.Flatten(name="flatten"))
    return stack
