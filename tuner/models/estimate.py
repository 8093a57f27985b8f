"""What a network will cost, from its hyperparameters alone: exact weights, estimated memory. Needs no TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from tuner.data import ImageInput, TextInput
from tuner.events import Scalar
from tuner.models.sizes import dense_sizes, filter_sizes, pooled_blocks

BYTES = 4
"""Of a float32."""

COPIES_OF_WEIGHTS = {"sgd": 4, "rmsprop": 4, "adam": 5, "adamw": 5}
"""Weights, gradients, best weights so far, and the optimizer's own: one moment (sgd, rmsprop) or two (adam, adamw)."""

COPIES_OF_ACTIVATIONS = 3
"""Kept by the forward pass, their gradients, and the workspace of a convolution."""


@dataclass(frozen=True)
class Estimate:
    """Cost of one network."""

    parameters: int
    """Number of weights, trainable or not; equals what Keras counts."""
    memory_bytes: int
    """Of training at its batch size; an upper-side estimate, without TensorFlow itself and without the data set."""


def estimate(
    architecture: str, hyperparameters: Mapping[str, Scalar], data_input: ImageInput | TextInput, classes: int
) -> Estimate:
    """Cost of a `cnn` or `lstm` with these hyperparameters on samples of this kind."""
    hp = hyperparameters
    parameters = activations = 0
    shape: tuple[int, ...]
    if isinstance(data_input, TextInput):
        shape = (int(hp["sequence_length"]), int(hp["embedding_size"]))
        parameters += int(hp["vocabulary_size"]) * shape[-1]
    elif architecture == "lstm":
        shape = (data_input.height, data_input.width * data_input.channels)
    else:
        shape = (data_input.height, data_input.width, data_input.channels)
    activations += 2 * prod(shape)
    body = _cnn(hp, shape) if architecture == "cnn" else _lstm(hp, shape)
    parameters, activations, features = parameters + body[0], activations + body[1], body[2]
    for units in [*dense_sizes(hp), classes]:
        parameters += features * units + units
        activations += 2 * units
        features = units
    weights = parameters * BYTES * COPIES_OF_WEIGHTS[str(hp["optimizer"])]
    working = activations * BYTES * COPIES_OF_ACTIVATIONS * int(hp["batch_size"])
    return Estimate(parameters, weights + working)


def _cnn(hp: Mapping[str, Scalar], shape: tuple[int, ...]) -> tuple[int, int, int]:
    """Weights, activations per sample, and features of the convolution blocks."""
    *size, channels = shape
    window, normalise = int(hp["kernel_size"]) ** len(size), bool(hp["batch_normalization"])
    pooled = pooled_blocks(hp, size)
    parameters = activations = 0
    for block, filters in enumerate(filter_sizes(hp), start=1):
        parameters += window * channels * filters + (4 * filters if normalise else filters)
        activations += prod(size) * filters * (3 if normalise else 2)
        if block <= pooled:
            size = [length // 2 for length in size]
            activations += prod(size) * filters
        channels = filters
    features = channels if hp["use_global_pooling"] else prod(size) * channels
    return parameters, activations + features, features


def _lstm(hp: Mapping[str, Scalar], shape: tuple[int, ...]) -> tuple[int, int, int]:
    """Weights, activations per sample, and features of the LSTM layers."""
    steps, features = shape
    units, directions = int(hp["lstm_units"]), 2 if hp["bidirectional"] else 1
    parameters = activations = 0
    for _ in range(int(hp["lstm_layers"])):
        parameters += directions * 4 * units * (features + units + 1)
        activations += steps * directions * 8 * units  # four gates, cell and hidden state, before and after each
        features = directions * units
    return parameters, activations, features
