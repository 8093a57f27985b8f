"""Looking into networks: which layers have hidden units, and what they answer."""

from __future__ import annotations

import textwrap

import numpy as np
import pytest

from tests.models.samples import CLASSES, CNN, INPUTS, LSTM, TEXT, built, prepared, trial
from tuner import models

pytestmark = pytest.mark.tensorflow


def opened(one, name="8x8x1"):
    """What is found in the network of a trial: hidden layers, their answers to 5 samples, its probabilities."""
    network = models.build(one, INPUTS[name], CLASSES)
    inside, found = models.with_hidden_outputs(network)
    samples = prepared(one, INPUTS[name], 5)
    outputs = inside.predict_on_batch(samples)
    *answers, probabilities = outputs if isinstance(outputs, list) else [outputs]
    assert np.allclose(probabilities, network.predict_on_batch(samples), atol=1e-6), "it is the same network"
    return found, answers, network


def test_filters_and_dense_units_are_seen_after_their_activation():
    found, answers, _ = opened(trial(hyperparameters={**CNN, "activation": "tanh"}))
    assert [one.layer_id for one in found] == ["block1_conv", "block2_conv", "dense1", "dense2"]
    assert {one.activation for one in found} == {"tanh"}
    assert [answer.shape[-1] for answer in answers] == [4, 8, 16, 8]


def test_normalised_filters_are_seen_after_normalisation_and_activation():
    found, answers, network = opened(trial(hyperparameters={**CNN, "batch_normalization": True}))
    assert (found[0].layer_id, found[0].activation) == ("block1_conv", "relu")
    assert (answers[0] >= 0).all()
    assert network.get_layer("block1_activation").output.shape[1:] == answers[0].shape[1:]


@pytest.mark.parametrize("bidirectional", [True, False])
def test_lstm_units_are_seen_at_every_step(bidirectional):
    one = trial("lstm", {**TEXT, **LSTM, "lstm_layers": 2, "bidirectional": bidirectional})
    found, answers, _ = opened(one, "strings")
    assert [(layer.recurrent, layer.activation) for layer in found] == [(True, "tanh")] * 2 + [(False, "relu")] * 2
    assert answers[0].shape == (5, 12, 6 * (1 + bidirectional))


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        (
            """
            def build(hyperparameters, input_shape, classes):
                return keras.Sequential([
                    keras.Input(input_shape), layers.Flatten(), layers.Dense(6, name="a"),
                    layers.BatchNormalization(), layers.LeakyReLU(), layers.Dense(classes, "softmax"),
                ])
            """,
            ["a"],
        ),
        (
            """
            def build(hyperparameters, input_shape, classes):
                inputs = keras.Input(input_shape)
                left = layers.Dense(6, "relu", name="left")(layers.Flatten()(inputs))
                right = layers.Dense(6, "tanh", name="right")(layers.Flatten()(inputs))
                return keras.Model(inputs, layers.Dense(classes, "softmax")(layers.concatenate([left, right])))
            """,
            ["left", "right"],
        ),
        (
            """
            class Own(keras.Model):
                def __init__(self, classes):
                    super().__init__()
                    self.flatten, self.head = layers.Flatten(), layers.Dense(classes, "softmax")
                def call(self, x):
                    return self.head(self.flatten(x))
                def compute_output_shape(self, shape):
                    return (shape[0], self.head.units)
            def build(hyperparameters, input_shape, classes):
                return Own(classes)
            """,
            [],
        ),
    ],
    ids=["sequential", "functional", "subclass"],
)
def test_an_own_model_is_looked_into_where_keras_has_its_graph(code, seen, tmp_path, monkeypatch, request):
    name = f"own_{request.node.callspec.id}"
    (tmp_path / f"{name}.py").write_text("import keras\nfrom keras import layers\n" + textwrap.dedent(code))
    monkeypatch.syspath_prepend(str(tmp_path))
    found, answers, network = opened(trial("own", model=f"{name}:build"))
    assert [one.layer_id for one in found] == seen
    assert all(answer.shape == (5, 6) for answer in answers)
    assert models.kernel_weights(network), "its weights are seen either way"


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(("architecture", "name"), [("cnn", "28x28x1"), ("lstm", "28x28x1"), ("cnn", "strings")])
def test_any_network_of_the_space_can_be_looked_into(architecture, name, seed):
    one, network = built(architecture, name, seed)
    _, found = models.with_hidden_outputs(network)
    described = [layer for layer in models.network_architecture(network, one).layers if layer.filters or layer.units]
    assert [layer.layer_id for layer in found] == [layer.layer_id for layer in described if layer.layer_id != "classes"]
    names = [layer.layer_id for layer in models.kernel_weights(network)]
    assert names == [*(["embedding"] if name == "strings" else []), *(one.layer_id for one in found), "classes"]


def test_kernels_are_matrices_only():
    network = built("cnn", "8x8x1", 0)[1]
    for layer in models.kernel_weights(network):
        assert all(len(variable.shape) >= 2 for variable in layer.variables)
