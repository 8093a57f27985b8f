"""The sizes of a network's layers, and its weights, memory and operations, without TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import prod

from tuner.data import ImageInput, TextInput
from tuner.devices.epoch_cost import TrialLoad
from tuner.events import Scalar
from tuner.trial_spec import SearchedArchitecture, architecture_of

RECURRENT = ("lstm", "gru")
GATES_AND_BIASES = {"lstm": (4, 1), "gru": (3, 2)}
"""Gates of each unit, and biases of each gate, as Keras builds them."""
SMALLEST_DENSE = 8
BYTES_PER_FLOAT = 4

COPIES_OF_WEIGHTS = {"sgd": 4, "rmsprop": 4, "adam": 5, "adamw": 5}
"""Weights, gradients, best weights, and one moment (sgd, rmsprop) or two moments (adam, adamw) of the optimizer."""

COPIES_OF_ACTIVATIONS = 3
"""Activations of the forward pass, their gradients, and the workspace of a convolution."""


@dataclass(frozen=True)
class Estimate:
    """Cost of one network."""

    parameters: int
    """Number of weights, trainable or not; equals what Keras counts."""
    memory_bytes: int
    """Memory of training with its batch size, rather over- than underestimated; without TensorFlow and the data set."""
    flops: int
    """Floating-point operations of a forward pass, per sample; training takes three times that."""
    steps: int
    """Sequential steps per batch, one per word that an LSTM layer reads; 0 without LSTM layers."""


@dataclass(frozen=True)
class _Part:
    """Cost per sample of some layers, and the number of features that they output."""

    parameters: int
    activations: int
    flops: int
    features: int
    steps: int = 0


def estimate(
    architecture: SearchedArchitecture,
    hyperparameters: Mapping[str, Scalar],
    data_input: ImageInput | TextInput,
    classes: int,
) -> Estimate:
    """Return the cost of a network with these hyperparameters and this input; it must not be an own one."""
    hp = hyperparameters
    kind = architecture_of(architecture, hp)
    embedding = 0
    shape: tuple[int, ...]
    if isinstance(data_input, TextInput):
        shape = (int(hp["sequence_length"]), int(hp["embedding_size"]))
        embedding = int(hp["vocabulary_size"]) * shape[-1]
    elif kind in RECURRENT:
        shape = (data_input.height, data_input.width * data_input.channels)
    else:
        shape = (data_input.height, data_input.width, data_input.channels)
    if kind == "ngram":
        embedding, body = 0, _ngram(hp, shape, classes)
    else:
        body = _recurrent(hp, shape, kind) if kind in RECURRENT else _cnn(hp, shape)
    head = _dense([*dense_sizes(hp), classes], body.features)
    parameters = embedding + body.parameters + head.parameters
    activations = 2 * prod(shape) + body.activations + head.activations
    weights = parameters * BYTES_PER_FLOAT * COPIES_OF_WEIGHTS[str(hp["optimizer"])]
    working = activations * BYTES_PER_FLOAT * COPIES_OF_ACTIVATIONS * int(hp["batch_size"])
    return Estimate(parameters, weights + working, body.flops + head.flops, body.steps)


def training_load(
    architecture: SearchedArchitecture,
    hyperparameters: Mapping[str, Scalar],
    data_input: ImageInput | TextInput,
    classes: int,
    samples: int,
    validation_samples: int = 0,
) -> TrialLoad | None:
    """Return the load of a training on this many samples; None for an own model, whose network is not built yet."""
    if architecture == "own":
        return None
    cost = estimate(architecture, hyperparameters, data_input, classes)
    return TrialLoad(
        **asdict(cost),
        batch_size=int(hyperparameters["batch_size"]),
        samples=samples,
        epochs=int(hyperparameters["epochs"]),
        validation_samples=validation_samples,
    )


def _dense(sizes: Sequence[int], features: int) -> _Part:
    parameters = activations = flops = 0
    for units in sizes:
        parameters += features * units + units
        activations += 2 * units
        flops += 2 * features * units
        features = units
    return _Part(parameters, activations, flops, features)


def _cnn(hp: Mapping[str, Scalar], shape: tuple[int, ...]) -> _Part:
    *size, channels = shape
    kernel, normalise = int(hp["kernel_size"]) ** len(size), bool(hp["batch_normalization"])
    layers, residual = convolutions_per_block(hp, size), is_residual(hp, size)
    pooled = pooled_blocks(hp, size)
    parameters = activations = flops = 0
    for block, filters in enumerate(filter_sizes(hp), start=1):
        windows = [(kernel, channels), *[(kernel, filters)] * (layers - 1)]
        if residual and channels != filters:
            windows.append((1, channels))  # the projection of the shortcut
        for window, inputs in windows:
            parameters += window * inputs * filters + (4 * filters if normalise else filters)
            activations += prod(size) * filters * (3 if normalise else 2)
            flops += 2 * prod(size) * window * inputs * filters
        activations += prod(size) * filters * residual
        if block <= pooled:
            size = [length // 2 for length in size]
            activations += prod(size) * filters
        channels = filters
    features = channels if hp["use_global_pooling"] else prod(size) * channels
    return _Part(parameters, activations + features, flops, features)


def _recurrent(hp: Mapping[str, Scalar], shape: tuple[int, ...], kind: str) -> _Part:
    steps, features = shape
    units, layers = int(hp[f"{kind}_units"]), int(hp[f"{kind}_layers"])
    directions, (gates, biases) = 2 if hp["bidirectional"] else 1, GATES_AND_BIASES[kind]
    parameters = activations = flops = 0
    for _ in range(layers):
        parameters += directions * gates * units * (features + units + biases)
        activations += steps * directions * 8 * units  # gates, cell and hidden state, before and after each
        flops += steps * directions * 2 * gates * units * (features + units)
        features = directions * units
    return _Part(parameters, activations, flops, features, steps * directions * layers)


def _ngram(hp: Mapping[str, Scalar], shape: tuple[int, ...], classes: int) -> _Part:
    length, size = shape
    sequences = sum(max(0, length - words) for words in range(int(hp["ngrams"])))
    table, scores = ngram_table_size(hp), score_count(hp, classes)
    # One vector for each word and sequence of words, and one fixed weight. The scores go to the last layer.
    return _Part(
        table * (size + 1) + scores * (table + classes),
        sequences * (2 * (size + scores) + 3),
        2 * sequences * (size + scores),
        size,
    )


def ngram_table_size(hyperparameters: Mapping[str, Scalar]) -> int:
    """Return the number of words and hashed sequences of words that an n-gram network tells apart, with padding."""
    hp = hyperparameters
    return int(hp["vocabulary_size"]) + (int(hp["ngram_buckets"]) if int(hp["ngrams"]) > 1 else 0)


def score_count(hyperparameters: Mapping[str, Scalar], classes: int) -> int:
    """Return the number of scores of each word of an n-gram network: one for each class, or none."""
    return classes if hyperparameters.get("naive_bayes", False) else 0  # earlier trials do not name it


def is_residual(hyperparameters: Mapping[str, Scalar], size: Sequence[int]) -> bool:
    """Return whether blocks have a shortcut; only those over images, of `size` height and width, can."""
    return len(size) == 2 and hyperparameters.get("block", "plain") == "residual"


def convolutions_per_block(hyperparameters: Mapping[str, Scalar], size: Sequence[int]) -> int:
    """Return the number of convolutions of a block: 2 in a residual one, 1 over texts."""
    if is_residual(hyperparameters, size):
        return 2
    return int(hyperparameters.get("block_layers", 1)) if len(size) == 2 else 1


def filter_sizes(hyperparameters: Mapping[str, Scalar]) -> list[int]:
    """Return the number of filters of each convolution block."""
    return [int(hyperparameters[f"filters_{block}"]) for block in range(1, int(hyperparameters["conv_layers"]) + 1)]


def pooled_blocks(hyperparameters: Mapping[str, Scalar], size: Sequence[int]) -> int:
    """Return the number of blocks, from the first, after which the output can be halved and keeps at least 1 pixel.

    `size` is the height and width of an image, or the length of a text.
    """
    return min(int(hyperparameters["conv_layers"]), min(size).bit_length() - 1)


def dense_sizes(hyperparameters: Mapping[str, Scalar]) -> list[int]:
    """Return the units of each hidden dense layer: each has half of the one before, but at least 8."""
    if not int(hyperparameters["dense_layers"]):
        return []
    first = int(hyperparameters["first_dense_nodes"])
    return [first] + [max(SMALLEST_DENSE, first >> i) for i in range(1, int(hyperparameters["dense_layers"]))]
