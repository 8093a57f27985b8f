"""The Keras layers of convolutional, recurrent and dense networks, applied to the features before them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tuner.events import Scalar
from tuner.models.estimate import convolutions_per_block, dense_sizes, filter_sizes, is_residual, pooled_blocks

BATCH_NORMALIZATION_MOMENTUM = 0.8
"""Momentum of the running mean and variance. Keras's 0.99 needs hundreds of batches until validation matches training,
but an epoch on little data has ten, and the scheduler compares trials after the first epoch."""


def convolutions(features: Any, hp: Mapping[str, Scalar], size: Sequence[int]) -> Any:
    """Return features of shape (samples, units) of pixels (samples, height, width, channels) or words (samples, length,
    channels).

    A plain block is one convolution or several, each with batch normalisation (optional) and activation, and pooling by
    2; pooling is left out if it would shrink the image below 1 pixel. A residual block has two convolutions and a
    shortcut, which is added before the second activation (He et al., Deep Residual Learning for Image Recognition,
    2016); where the number of filters changes, the shortcut is a convolution of 1 x 1. With batch normalisation a
    convolution has no bias, since the normalisation has an offset. `size` is the height and width of the image, or the
    length of the text.
    """
    from keras import layers

    image = len(size) == 2
    convolution = layers.Conv2D if image else layers.Conv1D
    pooling = layers.MaxPooling2D if image else layers.MaxPooling1D
    # One word can decide about a text (Kim, Convolutional Neural Networks for Sentence Classification, 2014).
    global_pooling = layers.GlobalAveragePooling2D if image else layers.GlobalMaxPooling1D
    normalise, residual = bool(hp["batch_normalization"]), is_residual(hp, size)
    count, pooled = convolutions_per_block(hp, size), pooled_blocks(hp, size)

    def convolved(x: Any, filters: int, kernel: int, name: str, suffix: str = "", *, activate: bool = True) -> Any:
        x = convolution(
            filters,
            kernel,
            padding="same",
            use_bias=not normalise,
            activation=hp["activation"] if activate and not normalise else None,
            kernel_initializer=hp["initializer"],
            name=f"{name}{suffix}",
        )(x)
        if normalise:
            block = name.removesuffix("_conv")
            x = layers.BatchNormalization(momentum=BATCH_NORMALIZATION_MOMENTUM, name=f"{block}_norm{suffix}")(x)
            x = layers.Activation(hp["activation"], name=f"{block}_activation{suffix}")(x) if activate else x
        return x

    for block, filters in enumerate(filter_sizes(hp), start=1):
        shortcut, kernel = features, int(hp["kernel_size"])
        for number in range(1, count + 1):
            suffix = "" if number == 1 else str(number)
            activate = not (residual and number == count)
            features = convolved(features, filters, kernel, f"block{block}_conv", suffix, activate=activate)
        if residual:
            if shortcut.shape[-1] != filters:
                shortcut = convolved(shortcut, filters, 1, f"block{block}_shortcut", activate=False)
            features = layers.Add(name=f"block{block}_add")([features, shortcut])
            features = layers.Activation(hp["activation"], name=f"block{block}_output")(features)
        if block <= pooled:
            features = pooling(2, name=f"block{block}_pool")(features)
    flat = global_pooling(name="global_pooling") if hp["use_global_pooling"] else layers.Flatten(name="flatten")
    return flat(features)


def recurrent(features: Any, hp: Mapping[str, Scalar], kind: str) -> Any:
    """Return features of shape (samples, units) of a sequence (samples, steps, channels), read by layers of the `kind`
    "lstm" or "gru". Masked steps are ignored.

    The features are the mean of the last layer's outputs over all steps: the last output alone would need several times
    the epochs, since it must remember what was read hundreds of steps before.
    """
    from keras import layers

    make = layers.LSTM if kind == "lstm" else layers.GRU
    for index in range(1, int(hp[f"{kind}_layers"]) + 1):
        layer: Any = make(int(hp[f"{kind}_units"]), return_sequences=True, name=f"{kind}{index}")
        if hp["bidirectional"]:
            layer = layers.Bidirectional(layer, name=f"bidirectional{index}")
        features = layer(features)
    return layers.GlobalAveragePooling1D(name="average")(features)


def dense(features: Any, hp: Mapping[str, Scalar]) -> Any:
    """Return the features after the hidden dense layers, each half as wide as the one before, with dropout before each
    of them; without any, after dropout alone."""
    from keras import layers

    activation, initializer = hp["activation"], hp["initializer"]
    sizes = dense_sizes(hp)
    for index, units in enumerate(sizes or [0], start=1):
        if hp["dropout"]:
            features = layers.Dropout(hp["dropout"], name=f"dropout{index}")(features)
        if units:
            layer = layers.Dense(units, activation=activation, kernel_initializer=initializer, name=f"dense{index}")
            features = layer(features)
    return features
