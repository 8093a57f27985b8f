"""What a probe sees of a network: checked against what Keras and NumPy compute by themselves."""

from __future__ import annotations

import numpy as np
import pytest

from tests.models.samples import CLASSES, CNN, INPUTS, LSTM, TEXT, prepared, trial
from tuner import models
from tuner.data import PADDING
from tuner.training.probe import BATCH, Probe

pytestmark = pytest.mark.tensorflow

KINDS = {
    "cnn": (trial(hyperparameters={**CNN, "batch_normalization": True}), "8x8x1"),
    "lstm": (trial("lstm", {**TEXT, **LSTM}), "strings"),
}


def make(kind="cnn", count=BATCH, **hyperparameters):
    one, name = KINDS[kind]
    one = one.model_copy(update={"hyperparameters": one.hyperparameters | hyperparameters})
    network = models.build(one, INPUTS[name], CLASSES)
    x, y = prepared(one, INPUTS[name], count), np.arange(count, dtype=np.int32) % CLASSES
    return Probe(network, x, y, seed=3), network, x, y


def layers_of(probe, **asked):
    """What it tells, by layer. Without compiling, which takes longer and tells the same, unless `first` is False."""
    return {layer.layer_id: layer for layer in probe.measure(**{"first": True, **asked})[1]}


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_those_of_the_loss(kind):
    import keras
    import tensorflow as tf

    probe, network, x, y = make(kind)
    norm, layers = probe.measure()
    by_name = {layer.layer_id: layer.gradient for layer in layers}
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(y, network(x, training=False)))
    kernel = network.get_layer("dense1").kernel
    expected = tape.gradient(loss, kernel.value).numpy()
    assert by_name["dense1"] == pytest.approx(float(np.sqrt(np.mean(expected**2))), rel=1e-4)
    assert norm >= float(np.linalg.norm(expected))


@pytest.mark.parametrize("kind", KINDS)
def test_the_look_after_the_first_epoch_sees_the_same(kind):
    probe, *_ = make(kind)
    (norm, layers), (first_norm, first_layers) = probe.measure(), probe.measure(first=True)
    assert first_norm == pytest.approx(norm, rel=1e-4)
    for layer, first in zip(layers, first_layers, strict=True):
        assert first.gradient == pytest.approx(layer.gradient, rel=1e-4)
        assert (first.units, first.dead, first.saturated) == (layer.units, layer.dead, layer.saturated)


def test_a_killed_unit_is_seen_and_counted():
    probe, network, _, _ = make()
    weights, bias = network.get_layer("dense1").get_weights()
    network.get_layer("dense1").set_weights([weights, bias + np.where(np.arange(16) < 12, -100, 100)])
    assert layers_of(probe)["dense1"].dead == pytest.approx(12 / 16)
    assert layers_of(probe)["dense1"].units == 16
    assert layers_of(probe)["classes"].units is None, "its units are no hidden ones"


def test_what_a_step_changed_is_told_relative_to_the_weights():
    probe, network, _, _ = make()
    kernel = network.get_layer("dense1").kernel
    probe.before_step(first=True)
    kernel.assign(kernel * 1.25)
    probe.after_step()
    probe.before_step(first=False)
    kernel.assign(kernel * 1.1)
    probe.after_step()
    layers = layers_of(probe)
    assert layers["dense1"].update == pytest.approx(0.25, rel=1e-5), "the larger of both"
    assert layers["dense2"].update == 0
    probe.before_step(first=True)
    probe.after_step()
    assert layers_of(probe)["dense1"].update == 0, "the first step of an epoch begins anew"


def test_looking_changes_nothing():
    probe, network, _, _ = make(dropout=0.5)
    before = [variable.numpy() for variable in network.variables]
    probe.measure(thorough=True)
    for variable, old in zip(network.variables, before, strict=True):
        assert np.array_equal(variable.numpy(), old), variable.path


def test_padding_says_nothing_of_a_recurrent_unit():
    one, name = KINDS["lstm"]
    network = models.build(one, INPUTS[name], CLASSES)
    x = np.full((BATCH, 12), PADDING, np.int32)
    x[:, 0] = 2
    probe = Probe(network, x, np.zeros(BATCH, np.int32), seed=3)
    assert layers_of(probe)["bidirectional1"].dead == 1, "all samples are the same word, whatever follows it"


@pytest.mark.parametrize(("count", "thorough"), [(1, False), (15, True), (BATCH - 1, False), (BATCH * 3 + 1, True)])
def test_few_samples_say_little_and_never_fail(count, thorough):
    probe, _, _, _ = make(count=count)
    dense = layers_of(probe, thorough=thorough, first=False)["dense1"]
    assert (dense.dead is None) == (count < 16)
    assert dense.gradient is not None


def test_weights_that_are_no_numbers_are_told_as_none():
    probe, network, _, _ = make()
    network.get_layer("dense1").kernel.assign(np.full((32, 16), np.nan, np.float32))
    norm, layers = probe.measure(first=True)
    assert norm is None
    # Behind a relu that is no number on this processor or 0 on that one, see `_Training.epoch`; before it none.
    assert layers[0].gradient is None


def test_the_same_sample_is_looked_at_for_the_same_seed():
    one, other = make(count=300)[0], make(count=300)[0]
    assert all(np.array_equal(a[1], b[1]) for a, b in zip(one._batches, other._batches, strict=True))
