"""The networks of the tuner's peers: KerasTuner's documented space, and what a good engineer writes first.

Both get pixels as they are, or tokens of the first `LENGTH` words among the `WORDS` most frequent ones.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

from tuner.data import FIRST_WORD, UNKNOWN, Array, ImageInput, Split, TextInput

WORDS, LENGTH = 10_000, 200


def network_input(split: Split, data_input: ImageInput | TextInput) -> Array:
    """Samples in the form that both networks take."""
    if isinstance(data_input, ImageInput):
        return split.x
    cut = split.x[:, :LENGTH]
    return np.where(cut < WORDS, cut, np.int32(UNKNOWN))


def engineers_network(data_input: ImageInput | TextInput, classes: int) -> Any:
    """For images two blocks of two 3 x 3 convolutions, for texts a bidirectional LSTM; compiled with Adam, 1e-3."""
    inputs, features = _inputs(data_input)
    if isinstance(data_input, ImageInput):
        for filters in (32, 64):
            for _ in range(2):
                features = layers.Conv2D(filters, 3, padding="same", use_bias=False)(features)
                features = layers.Activation("relu")(layers.BatchNormalization()(features))
            features = layers.MaxPooling2D()(features)
        features = layers.Dense(128, activation="relu")(layers.Flatten()(features))
    else:
        features = layers.Bidirectional(layers.LSTM(64))(_embedded(inputs, data_input, 64))
    outputs = layers.Dense(classes, activation="softmax")(layers.Dropout(0.3)(features))
    return _compiled(keras.Model(inputs, outputs), keras.optimizers.Adam(1e-3))


def kerastuners_network(hp: Any, data_input: ImageInput | TextInput, classes: int) -> Any:
    """The space of KerasTuner's guide "Visualize the hyperparameter tuning process": dense layers or a network for the
    kind of data, dropout, Adam; with the learning rate of its "Getting started".

    Differences: "same" padding, since the guide's network does not fit images of 8 x 8 pixels. The guides have no
    space for texts: an embedding comes first, and the second model type is a bidirectional LSTM.
    """
    inputs, features = _inputs(data_input)
    image = isinstance(data_input, ImageInput)
    model_type = hp.Choice("model_type", ["mlp", "cnn" if image else "lstm"])
    if isinstance(data_input, TextInput):
        features = _embedded(inputs, data_input, hp.Int("embedding", 32, 128, step=32))
    if model_type == "mlp":
        features = (layers.Flatten() if image else layers.GlobalAveragePooling1D())(features)
        for index in range(hp.Int("mlp_layers", 1, 3)):
            features = layers.Dense(hp.Int(f"units_{index}", 32, 128, step=32), activation="relu")(features)
    elif image:
        for index in range(hp.Int("cnn_layers", 1, 3)):
            filters = hp.Int(f"filters_{index}", 32, 128, step=32)
            features = layers.Conv2D(filters, 3, padding="same", activation="relu")(features)
            features = layers.MaxPooling2D(2, padding="same")(features)
        features = layers.Flatten()(features)
    else:
        features = layers.Bidirectional(layers.LSTM(hp.Int("lstm_units", 32, 128, step=32)))(features)
    if hp.Boolean("dropout"):
        features = layers.Dropout(0.5)(features)
    outputs = layers.Dense(classes, activation="softmax")(features)
    rate = hp.Float("lr", min_value=1e-4, max_value=1e-2, sampling="log")
    return _compiled(keras.Model(inputs, outputs), keras.optimizers.Adam(rate))


def _inputs(data_input: ImageInput | TextInput) -> tuple[Any, Any]:
    if isinstance(data_input, ImageInput):
        inputs = keras.Input((data_input.height, data_input.width, data_input.channels))
        return inputs, layers.Rescaling(data_input.scale, data_input.offset)(inputs)
    inputs = keras.Input((min(LENGTH, data_input.max_length),), dtype="int32")
    return inputs, inputs


def _embedded(inputs: Any, data_input: TextInput, size: int) -> Any:
    return layers.Embedding(min(WORDS, len(data_input.vocabulary) + FIRST_WORD), size, mask_zero=True)(inputs)


def _compiled(model: Any, optimizer: Any) -> Any:
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
