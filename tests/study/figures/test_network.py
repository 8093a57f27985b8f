"""What figures show of layers is what Keras's layers and NumPy compute by themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.models.samples import CLASSES, CNN, INPUTS, LSTM, NGRAM, TEXT, prepared, trial
from tuner import models
from tuner.data import PADDING, Array
from tuner.models.ngram import VECTORS, WEIGHTS
from tuner.study.figures.network import MOST_FILTERS, feature_maps, network_of, token_activity

pytestmark = pytest.mark.tensorflow

SAMPLES = 3
WIDE = {**CNN, "filters_1": 12, "filters_2": 16}


def built(architecture: str, hyperparameters: dict[str, Any], name: str) -> tuple[Any, Array]:
    """A network with weights that are no longer those of its start, and samples as it takes them."""
    one = trial(architecture, hyperparameters)
    network = models.build(one, INPUTS[name], CLASSES)
    random = np.random.default_rng(1)
    network.set_weights([value + random.uniform(0, 0.3, value.shape) for value in network.get_weights()])
    return network, prepared(one, INPUTS[name], SAMPLES, seed=2)


def called(network: Any, x: Array, until: str) -> Array:
    """The output of a layer of a network without branches, by one call of each layer after the other."""
    values: Any = x
    for layer in network.layers[1:]:
        values = layer(values)
        if layer.name == until:
            return np.asarray(values)
    raise LookupError(until)


def by_most_active(values: Array) -> Array:
    activity = np.abs(values).reshape(-1, values.shape[-1]).mean(axis=0)
    return values[..., np.argsort(-activity, kind="stable")[:MOST_FILTERS]]


def test_maps_of_the_first_convolution_are_its_products_with_each_part_of_the_image() -> None:
    network, x = built("cnn", WIDE, "8x8x1")
    maps = feature_maps(network, x)
    assert maps is not None
    assert (maps[0].layer_id, maps[0].title) == ("block1_conv", "block1_conv")
    kernel, bias = network.get_layer("block1_conv").get_weights()
    pixels = np.pad(x.astype(np.float64) / 255, [(0, 0), (1, 1), (1, 1), (0, 0)])
    parts = np.lib.stride_tricks.sliding_window_view(pixels, (3, 3), axis=(1, 2))[:, :, :, 0]
    expected = np.maximum(np.einsum("nhwij,ijf->nhwf", parts, kernel[:, :, 0]) + bias, 0)
    assert expected.shape == (SAMPLES, 8, 8, 12)
    assert maps[0].maps == pytest.approx(by_most_active(expected), abs=1e-5)


@pytest.mark.parametrize("norm", [False, True])
def test_maps_are_after_normalisation_and_activation_and_before_pooling(norm: bool) -> None:
    network, x = built("cnn", {**WIDE, "batch_normalization": norm}, "8x8x1")
    maps = feature_maps(network, x)
    assert maps is not None
    ends = ("block1_activation", "block2_activation") if norm else ("block1_conv", "block2_conv")
    assert [one.layer_id for one in maps] == ["block1_conv", "block2_conv"]
    assert [one.maps.shape for one in maps] == [(SAMPLES, 8, 8, 8), (SAMPLES, 4, 4, 8)]
    for one, end in zip(maps, ends, strict=True):
        assert one.maps == pytest.approx(by_most_active(called(network, x, end)), abs=1e-5)


def test_the_last_maps_of_a_residual_network_are_the_output_of_its_last_block() -> None:
    network, x = built("cnn", {**CNN, "block": "residual", "batch_normalization": True}, "8x8x1")
    maps = feature_maps(network, x)
    assert maps is not None
    # The block's output is what pooling makes smaller: each pooled pixel is the largest of four.
    import keras

    pooled = keras.Model(network.inputs, network.get_layer("block2_pool").output).predict(x, verbose=0)
    last = maps[1].maps
    largest = last.reshape(SAMPLES, 2, 2, 2, 2, -1).max(axis=(2, 4))
    order = np.argsort(-np.abs(last).mean(axis=(0, 1, 2)), kind="stable")
    assert np.array_equal(order, np.arange(len(order))), "the most active first"
    assert np.sort(largest, axis=-1) == pytest.approx(np.sort(pooled, axis=-1), rel=1e-5)


def test_a_network_with_one_block_has_the_same_maps_twice_and_one_without_convolutions_none() -> None:
    network, x = built("cnn", {**CNN, "conv_layers": 1}, "8x8x1")
    maps = feature_maps(network, x)
    assert maps is not None
    assert [one.title for one in maps] == ["block1_conv"] * 2
    assert np.array_equal(maps[0].maps, maps[1].maps)
    assert feature_maps(*built("lstm", LSTM, "8x8x1")) is None


def test_activity_of_words_in_a_convolution_is_the_norm_of_its_output_at_each_word() -> None:
    network, tokens = built("conv1d", {**TEXT, **CNN}, "strings")
    activity = token_activity(network, tokens, lambda token: f"word {token}")
    assert activity is not None
    assert activity.layer_id == "block1_conv"
    vectors = network.get_layer("embedding").get_weights()[0][tokens] * (tokens != PADDING)[:, :, None]
    kernel, bias = network.get_layer("block1_conv").get_weights()
    parts = np.lib.stride_tricks.sliding_window_view(np.pad(vectors, [(0, 0), (1, 1), (0, 0)]), 3, axis=1)
    norms = np.linalg.norm(np.maximum(np.einsum("nlci,icf->nlf", parts, kernel) + bias, 0), axis=-1)
    assert_activity(activity, tokens, norms)
    assert activity.tokens[0][0] == f"word {tokens[0, 0]}"


def test_activity_of_words_in_a_recurrent_network_is_that_of_its_last_layer() -> None:
    network, tokens = built("lstm", {**TEXT, **LSTM, "lstm_layers": 2}, "strings")
    activity = token_activity(network, tokens, str)
    assert activity is not None
    assert activity.layer_id == "bidirectional2"
    mask = tokens != PADDING
    values = network.get_layer("embedding")(tokens)
    for name in ("bidirectional1", "bidirectional2"):
        values = network.get_layer(name)(values, mask=mask)
    assert_activity(activity, tokens, np.linalg.norm(np.asarray(values), axis=-1))


@pytest.mark.parametrize("changed", [{"count_repeats": True}, {"count_repeats": False}, {"naive_bayes": True}])
def test_activity_of_words_of_an_n_gram_network_is_the_norm_of_their_weighted_vectors(changed: dict[str, bool]) -> None:
    network, tokens = built("ngram", {**TEXT, **NGRAM, **changed}, "strings")
    activity = token_activity(network, tokens, str)
    assert activity is not None
    (vectors,), (weights,) = (network.get_layer(name).get_weights() for name in (VECTORS, WEIGHTS))
    assert weights.any(), "words that a single text has weigh nothing"
    vectors = vectors[:, : TEXT["embedding_size"]]
    assert_activity(activity, tokens, np.linalg.norm(vectors[tokens] * weights[tokens], axis=-1))


def assert_activity(activity: Any, tokens: Array, norms: Array) -> None:
    known = tokens != PADDING
    assert len(activity.activity) == len(activity.tokens) == SAMPLES
    for shown, row, kept in zip(activity.activity, norms, known, strict=True):
        assert shown == pytest.approx(row[kept] / row[kept].max(), abs=1e-5)


def test_an_own_network_that_keeps_neither_images_nor_words_has_no_figure() -> None:
    import keras

    inputs = keras.Input((8, 8, 1))
    flat = keras.layers.Flatten()(inputs)
    network = keras.Model(inputs, keras.layers.Dense(CLASSES, activation="softmax")(flat))
    assert feature_maps(network, prepared(trial(), INPUTS["8x8x1"], SAMPLES)) is None
    tokens = keras.Input((12,), dtype="int32")
    counts = keras.layers.CategoryEncoding(32, output_mode="count")(tokens)
    network = keras.Model(tokens, keras.layers.Dense(CLASSES, activation="softmax")(counts))
    assert token_activity(network, prepared(trial("ngram", {**TEXT, **NGRAM}), INPUTS["strings"], 2), str) is None


def test_the_network_of_a_saved_model_is_the_one_that_was_trained() -> None:
    network, x = built("cnn", CNN, "8x8x1")
    model = models.with_raw_input(network, trial(), INPUTS["8x8x1"])
    found = network_of(model)
    assert found.predict(x, verbose=0) == pytest.approx(network.predict(x, verbose=0), abs=1e-6)
    assert feature_maps(found, x) is not None
    assert network_of(network) is network, "a model of an early version is the network itself"
