"""Small trainings that are sick on purpose, each in one way, or well: generated, the same for the same seed.

All learn the digits: as images, row by row, or as texts of the places of their bright pixels. A way is a change of a
training that is well: of its network, its learning rate or its data.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, get_args

import numpy as np

from tests.models.samples import trial
from tuner import datasets
from tuner.data import FIRST_WORD, PADDING, Data, Split, TextInput
from tuner.data_spec import DataSpec
from tuner.events import Scalar
from tuner.models.ngram import ngram_features
from tuner.spec_parts import HealthSpec, HealthWeights
from tuner.trial_spec import TrialSpec

Way = Literal["well", "killed units", "sigmoid stack", "saturated", "rate too high", "shuffled labels", "few", "huge"]
WAYS: tuple[Way, ...] = get_args(Way)

SHOWS: Mapping[Way, frozenset[str]] = {
    "killed units": frozenset({"dying_units"}),
    "sigmoid stack": frozenset({"vanishing_gradients"}),
    "saturated": frozenset({"saturation"}),
    "rate too high": frozenset({"exploding_gradients", "divergence", "oscillating_loss"}),
    "shuffled labels": frozenset({"no_learning", "overfitting"}),
    "few": frozenset({"overfitting"}),
}
"""The findings of which one has to come up. A network that is too large shows in parameter_efficiency alone."""

RATES = {"adam": 1e-3, "rmsprop": 1e-3, "sgd": 1e-2}
"""The learning rates that Keras chooses by itself."""
TOO_HIGH = 100.0
EPOCHS = 8
WORDS = tuple(range(64))
"""The places of the pixels."""
TEXT = {"vocabulary_size": FIRST_WORD + len(WORDS), "sequence_length": len(WORDS), "embedding_size": 16}
TEXT |= {"ngrams": 2, "ngram_buckets": 256, "count_repeats": True}


def sick(way: Way, seed: int, **fixed: Scalar) -> tuple[TrialSpec, Data]:
    """A training that is sick in this way; `fixed` hyperparameters are not drawn.

    The families conv1d and ngram are never drawn, so that the seeds of `bench_diagnosis.py` draw what they always drew.
    """
    random = np.random.default_rng([WAYS.index(way), seed])
    hp: dict[str, Scalar] = {
        "family": str(random.choice(["dense", "cnn", "residual", "lstm", "gru"])),
        "depth": int(random.integers(1, 4)),
        "width": int(random.choice([16, 24, 32, 48, 64])),
        "activation": str(random.choice(["relu", "leaky_relu", "swish", "elu", "gelu", "tanh"])),
        "batch_normalization": bool(random.integers(2)),
        "optimizer": str(random.choice(list(RATES))),
        "batch_size": int(random.choice([16, 32, 64])),
        "factor": float(random.uniform(0.5, 1.5)),
        "momentum": 0.9,
        "kill": 0.0,
        "spread": 1.0,
    }
    if fixed.get("family") == "ngram":
        hp |= TEXT
    epochs, data = EPOCHS, _texts() if fixed.get("family") == "ngram" else _digits()
    match way:
        case "killed units":
            # What is a bound of tanh is no death but a saturation, and a leaky unit far below zero still answers.
            hp["activation"] = str(random.choice(["relu", "swish", "elu", "gelu"]))
            hp["kill"] = float(random.uniform(0.5, 1.0))
        case "sigmoid stack":
            hp |= {"family": "dense", "depth": int(random.integers(10, 15)), "activation": "sigmoid"}
            hp["batch_normalization"] = False
        case "saturated":
            hp |= {"family": str(random.choice(["dense", "cnn"])), "depth": int(random.integers(2, 4))}
            hp |= {"activation": str(random.choice(["tanh", "sigmoid"])), "spread": float(random.uniform(50, 100))}
            hp["batch_normalization"] = False
        case "rate too high":
            hp["factor"] = TOO_HIGH * float(hp["factor"])
        case "shuffled labels":
            data = dataclasses.replace(
                data, train=_shuffled(data.train, random), validation=_shuffled(data.validation, random)
            )
        case "few":
            epochs = 30
            hp |= {"width": 64, "batch_size": 8, "factor": float(random.uniform(3.0, 6.0))}
            few = random.permutation(len(data.train))[:30]
            data = dataclasses.replace(data, train=Split(data.train.x[few], data.train.y[few]))
        case "huge":
            hp |= {"family": "dense", "depth": 2, "width": 2_100, "batch_normalization": False, "batch_size": 64}
            epochs = 3
    hp |= fixed
    hp["learning_rate"] = RATES[str(hp["optimizer"])] * float(hp["factor"])
    return trial(
        "own",
        hp,
        model=f"{__name__}:build",
        epochs=epochs,
        trial_number=1 + seed,
        data=DataSpec(dataset="digits"),
        objective="total_score",
        health=HealthSpec(accuracy_weight=0.7, weights=HealthWeights(), stop=False),
    ), data


@cache
def _digits() -> Data:
    return datasets.load(DataSpec(dataset="digits"))[0]


@cache
def _texts() -> Data:
    data = _digits()
    text = TextInput("word_indices", WORDS, max_length=len(WORDS))
    return dataclasses.replace(data, input=text, train=_as_texts(data.train), validation=_as_texts(data.validation))


def _as_texts(split: Split) -> Split:
    """Each digit as the places of its bright pixels in order, padded at the end."""
    bright = split.x.reshape(len(split), -1) > 8
    places = np.argsort(~bright, axis=1, kind="stable").astype(np.int32)
    return Split(np.where(np.take_along_axis(bright, places, axis=1), FIRST_WORD + places, PADDING), split.y)


def _shuffled(split: Split, random: np.random.Generator) -> Split:
    return Split(split.x, random.permutation(split.y))


def build(hyperparameters: Mapping[str, Scalar], input_shape: tuple[int, ...], classes: int) -> Any:
    """The network; called by its name, as a user's own model is."""
    import keras
    from keras import layers

    hp = hyperparameters
    width, activation = int(hp["width"]), str(hp["activation"])
    if hp["family"] == "residual":
        return _residual(hp, input_shape, classes)
    if hp["family"] == "ngram":
        return _ngram(hp, input_shape, classes)
    start = keras.initializers.VarianceScaling(float(hp["spread"]) ** 2, seed=1)
    stack: list[Any] = [keras.Input(input_shape)]
    hidden: list[Any] = [layers.Dense(width, activation, name="last_hidden")]
    match hp["family"]:
        case "cnn":
            for _ in range(int(hp["depth"])):
                stack += _unit(layers.Conv2D(width, 3, padding="same", kernel_initializer=start), hp)
            stack += [layers.MaxPooling2D(2), layers.Flatten()]
        case "lstm" | "gru":
            recurrent = layers.LSTM if hp["family"] == "lstm" else layers.GRU
            stack += [layers.Reshape(input_shape[:2]), recurrent(width)]
        case "conv1d":
            stack.append(layers.Reshape(input_shape[:2]))
            for _ in range(int(hp["depth"]) - 1):
                stack += _unit(layers.Conv1D(width, 3, padding="same", kernel_initializer=start), hp)
            hidden = [layers.Conv1D(width, 3, padding="same", activation=activation, name="last_hidden")]
            hidden.append(layers.GlobalMaxPooling1D())
        case _:
            stack.append(layers.Flatten())
            for _ in range(int(hp["depth"]) - 1):
                stack += _unit(layers.Dense(width, kernel_initializer=start), hp)
    model = keras.Sequential([*stack, *hidden, layers.Dense(classes, "softmax")])
    return _with_killed_units(model, hp)


def _residual(hp: Mapping[str, Scalar], input_shape: tuple[int, ...], classes: int) -> Any:
    import keras
    from keras import layers

    width, activation = int(hp["width"]), layers.Activation(str(hp["activation"]))
    filters = max(8, width // 4)
    inputs = keras.Input(input_shape)
    features = layers.Conv2D(filters, 1)(inputs)
    for _ in range(int(hp["depth"])):
        inner = features
        for _ in range(2):
            for layer in _unit(layers.Conv2D(filters, 3, padding="same", kernel_initializer="he_normal"), hp)[:-1]:
                inner = layer(inner)
            inner = activation(inner)
        features = activation(layers.Add()([features, inner]))
    hidden = layers.Dense(width, str(hp["activation"]), name="last_hidden")(layers.GlobalAveragePooling2D()(features))
    return _with_killed_units(keras.Model(inputs, layers.Dense(classes, "softmax")(hidden)), hp)


def _ngram(hp: Mapping[str, Scalar], input_shape: tuple[int, ...], classes: int) -> Any:
    import keras
    from keras import layers

    inputs = keras.Input(input_shape, dtype="int32")
    last = layers.Dense(int(hp["width"]), str(hp["activation"]), name="last_hidden")
    hidden = last(ngram_features(inputs, hp, classes)[0])
    return _with_killed_units(keras.Model(inputs, layers.Dense(classes, "softmax")(hidden)), hp)


def _with_killed_units(model: Any, hp: Mapping[str, Scalar]) -> Any:
    last = model.get_layer("last_hidden")
    weights, bias = last.get_weights()
    bias[: round(float(hp["kill"]) * int(hp["width"]))] = -50.0
    last.set_weights([weights, bias])
    return model


def _unit(layer: Any, hp: Mapping[str, Scalar]) -> list[Any]:
    from keras import layers

    activation = layers.Activation(str(hp["activation"]))
    return (
        [layer, layers.BatchNormalization(momentum=0.8), activation]
        if hp["batch_normalization"]
        else [layer, activation]
    )
