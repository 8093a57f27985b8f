"""The layers that are listed without TensorFlow are those that Keras builds."""

from __future__ import annotations

import pytest

from tests.models.samples import CLASSES, CNN, INPUTS, KINDS, LSTM, NGRAM, TEXT, built, drawn
from tuner.events import Layer
from tuner.models import estimate
from tuner.models.architecture import network_architecture
from tuner.models.layer_list import network_layers

OPERATIONS = {"NotEqual", "Cast", "ExpandDims", "Multiply", "Sum", "Maximum", "TrueDivide", "GetItem", "Concatenate"}
OPERATIONS |= {"Sqrt", "Add", "Mod", "Where", "Equal", "Remainder", "Divide", "Subtract"}
"""Keras's own operations on tensors. A residual block has an Add too, and n-grams a Concatenate, with a name."""
NAMED = ("block", "with_")


def test_a_plain_network_by_hand():
    layers = network_layers("cnn", CNN, INPUTS["8x8x1"], CLASSES)
    names = ["pixels", "scaling", "block1_conv", "block1_pool", "block2_conv", "block2_pool", "flatten"]
    assert [layer.layer_id for layer in layers] == [*names, "dropout1", "dense1", "dropout2", "dense2", "classes"]
    assert layers[2] == Layer(
        layer_id="block1_conv",
        layer_type="Conv2D",
        input_shape=[8, 8, 1],
        output_shape=[8, 8, 4],
        parameters=40,
        activation="relu",
        filters=4,
        kernel_size=[3, 3],
    )
    assert layers[6].output_shape == [2 * 2 * 8]


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(("architecture", "name"), KINDS)
def test_their_weights_are_those_of_the_estimate(architecture, name, seed):
    trial = drawn(architecture, name, seed)
    layers = network_layers(architecture, trial.hyperparameters, INPUTS[name], CLASSES)
    cost = estimate(architecture, trial.hyperparameters, INPUTS[name], CLASSES)
    assert sum(layer.parameters for layer in layers) == cost.parameters
    assert layers[-1].output_shape == [CLASSES]


@pytest.mark.tensorflow
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("architecture", "name"), KINDS)
def test_keras_builds_the_same_layers(architecture, name, seed):
    trial, network = built(architecture, name, seed)
    assert_as_keras(trial, network, INPUTS[name])


@pytest.mark.tensorflow
@pytest.mark.parametrize(
    ("architecture", "name", "hyperparameters"),
    [
        ("cnn", "8x8x1", CNN | {"block": "residual", "batch_normalization": True}),
        ("cnn", "8x8x1", CNN | {"block": "residual", "filters_2": 4, "dropout": 0.0}),
        ("lstm", "strings", TEXT | LSTM),
        ("ngram", "strings", TEXT | NGRAM),
        ("ngram", "strings", TEXT | NGRAM | {"naive_bayes": True}),
        ("ngram", "strings", TEXT | NGRAM | {"naive_bayes": True, "dense_layers": 2, "dropout": 0.0}),
    ],
)
def test_keras_builds_the_same_layers_of_networks_by_hand(architecture, name, hyperparameters):
    from tests.models.samples import trial
    from tuner import models

    one = trial(architecture, hyperparameters)
    assert_as_keras(one, models.build(one, INPUTS[name], CLASSES), INPUTS[name])


def assert_as_keras(trial, network, data_input):
    listed = network_layers(trial.architecture, trial.hyperparameters, data_input, CLASSES)
    keras = [
        layer
        for layer in network_architecture(network, trial).layers
        if layer.layer_type not in OPERATIONS or layer.layer_id.startswith(NAMED)
    ]
    # Keras lists the branches of a residual block by their depth; everything else is in the same order.
    assert sorted(listed, key=lambda layer: layer.layer_id) == sorted(keras, key=lambda layer: layer.layer_id)
    plain = [layer.layer_id for layer in listed if "shortcut" not in layer.layer_id]
    assert plain == [layer.layer_id for layer in keras if "shortcut" not in layer.layer_id]
