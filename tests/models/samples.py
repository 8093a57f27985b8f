"""Trials over many small networks, and what goes into them."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from tests.search.samples import RandomSuggester, narrowed, space
from tuner import models
from tuner.data import FIRST_WORD, Array, ImageInput, TextInput
from tuner.data_spec import DataSpec
from tuner.models.build import clipped_tokens
from tuner.trial_spec import TrialSpec

CLASSES = 3
WORDS = tuple(f"word{rank}" for rank in range(30))
INPUTS: dict[str, ImageInput | TextInput] = {
    "8x8x1": ImageInput(8, 8, 1, 1 / 255, 0.0),
    "28x28x1": ImageInput(28, 28, 1, 1 / 255, 0.0),
    "5x7x3": ImageInput(5, 7, 3, 1 / 255, 0.0),
    "1x1x1": ImageInput(1, 1, 1, 1 / 255, 0.0),
    "strings": TextInput("strings", WORDS, max_length=12),
    "word_indices": TextInput("word_indices", tuple(range(101, 131)), max_length=12),
}
KINDS = [
    *(("cnn", name) for name in INPUTS if "x" in name),
    *(("lstm", name) for name in ("8x8x1", "5x7x3", "1x1x1", "strings")),
    ("gru", "8x8x1"),
    *((architecture, "strings") for architecture in ("gru", "conv1d", "ngram")),
]
"""Kinds of networks with an input that they read."""
SMALL = narrowed(
    conv_layers="1..8",
    kernel_size=[1, 9],
    dense_layers="0..6",
    first_dense_nodes="1..64",
    activation=["relu", "leaky_relu", "swish", "elu", "gelu", "tanh", "sigmoid"],
    initializer=["he_normal", "he_uniform", "glorot_normal", "glorot_uniform", "lecun_normal"],
    lstm_layers="1..3",
    lstm_units="1..12",
    gru_layers="1..3",
    gru_units="1..12",
    block_layers="1..3",
    ngrams="1..4",
    ngram_buckets="1..64",
    embedding_size=[1, 8],
    vocabulary_size=[3, 32],
    sequence_length=[1, 12],
    **{f"filters_{block}": "1..12" for block in range(1, 9)},
)
CNN = {
    "conv_layers": 2,
    "filters_1": 4,
    "filters_2": 8,
    "kernel_size": 3,
    "batch_normalization": False,
    "use_global_pooling": False,
    "dense_layers": 2,
    "first_dense_nodes": 16,
    "activation": "relu",
    "initializer": "he_normal",
    "dropout": 0.25,
    "optimizer": "adam",
    "learning_rate": 0.01,
    "batch_size": 10,
    "epochs": 3,
}
DENSE = {name: CNN[name] for name in list(CNN)[list(CNN).index("dense_layers") :]}
GRU = {"gru_layers": 1, "gru_units": 6, "bidirectional": True, **DENSE}
LSTM = {"lstm_layers": 1, "lstm_units": 6, "bidirectional": True, **DENSE}
NGRAM = {"ngrams": 2, "ngram_buckets": 64, "tfidf": True, "count_repeats": False, **DENSE, "dense_layers": 0}
TEXT = {"vocabulary_size": 32, "sequence_length": 12, "embedding_size": 5}


def trial(architecture: str = "cnn", hyperparameters: dict[str, Any] | None = None, **fields: Any) -> TrialSpec:
    """A TrialSpec; by default of a small CNN."""
    hp = CNN if hyperparameters is None else hyperparameters
    given = {"study": "a", "trial_number": 1, "data": DataSpec(), "objective": "val_accuracy", "epochs": 3} | fields
    return TrialSpec(architecture=architecture, hyperparameters=hp, **given)  # type: ignore[arg-type]


def drawn(architecture: str, name: str, seed: int) -> TrialSpec:
    """A trial drawn at random from a space of small networks that is wider than the one searched by default."""
    data_input = INPUTS[name]
    names = {parameter.name for parameter in space(architecture, data_input).parameters}
    small = {key: override for key, override in SMALL.items() if key in names}
    return trial(architecture, space(architecture, data_input, space=small).suggest(RandomSuggester(seed)))


@cache
def built(architecture: str, name: str, seed: int) -> tuple[TrialSpec, Any]:
    """A drawn trial with its network; built once for all that look at it."""
    one = drawn(architecture, name, seed)
    return one, models.build(one, INPUTS[name], CLASSES)


def raw_samples(data_input: ImageInput | TextInput, count: int, seed: int = 0) -> Array:
    """Prepared samples at random: pixels as they are, or tokens of any length, padded at the end."""
    random = np.random.default_rng(seed)
    if isinstance(data_input, ImageInput):
        shape = (count, data_input.height, data_input.width, data_input.channels)
        return random.integers(0, 256, shape, np.uint8)
    tokens = random.integers(1, len(data_input.vocabulary) + FIRST_WORD, (count, data_input.max_length), np.int32)
    lengths = random.integers(1, data_input.max_length + 1, count)
    return np.where(np.arange(data_input.max_length) < lengths[:, None], tokens, np.int32(0))


def prepared(one: TrialSpec, data_input: ImageInput | TextInput, count: int, seed: int = 0) -> Array:
    """What the trial's network is given of them."""
    samples = raw_samples(data_input, count, seed)
    return samples if isinstance(data_input, ImageInput) else clipped_tokens(samples, one)
