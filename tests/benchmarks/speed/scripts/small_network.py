"""The network of most rows, as an engineer writes it in Keras."""

from __future__ import annotations

from typing import Any


def compiled_network(learning_rate: float) -> Any:
    """Two convolutions of 32 filters, each with pooling, and a dense layer of 128; compiled with Adam."""
    import keras
    from keras import layers

    network = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    network.compile(keras.optimizers.Adam(learning_rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return network
