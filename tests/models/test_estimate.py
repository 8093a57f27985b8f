"""The estimated cost of a network equals what Keras builds."""

import pytest

from tests.models.samples import CLASSES, CNN, INPUTS, LSTM, TEXT, built, drawn
from tests.search.samples import IMAGES
from tuner.models import estimate

MIB = 2**20


def test_parameters_by_hand():
    # 3*3*1*4+4, 3*3*4*8+8, then 2*2 pixels of 8 filters into 16, 8 and 3 units
    cost = estimate("cnn", CNN, INPUTS["8x8x1"], CLASSES)
    assert cost.parameters == 40 + 296 + (32 * 16 + 16) + (16 * 8 + 8) + (8 * 3 + 3)


def test_parameters_of_an_lstm_by_hand():
    hp = {**TEXT, **LSTM, "dense_layers": 0}
    cost = estimate("lstm", hp, INPUTS["strings"], CLASSES)
    assert cost.parameters == 32 * 5 + 2 * 4 * 6 * (5 + 6 + 1) + (12 * 3 + 3)


def test_memory_is_at_least_that_of_the_weights_and_one_batch_of_activations():
    cost = estimate("cnn", {**CNN, "batch_size": 1_000}, IMAGES, 10)
    first_convolution = 1_000 * 28 * 28 * 4 * 4  # samples, pixels, filters, bytes
    assert cost.memory_bytes > 4 * 4 * cost.parameters + 2 * first_convolution


CASES = [("cnn", "28x28x1", CNN), ("lstm", "28x28x1", LSTM), ("lstm", "strings", TEXT | LSTM)]


@pytest.mark.parametrize(("architecture", "name", "hp"), [*CASES, ("cnn", "strings", TEXT | CNN)])
def test_memory_grows_with_the_batch(architecture, name, hp):
    costs = [estimate(architecture, {**hp, "batch_size": size}, INPUTS[name], 3).memory_bytes for size in (1, 32, 256)]
    assert costs == sorted(set(costs))


@pytest.mark.parametrize(
    ("architecture", "name", "hp", "parameter"),
    [
        ("cnn", "28x28x1", CNN, "filters_1"),
        ("cnn", "28x28x1", CNN, "filters_2"),
        ("cnn", "28x28x1", CNN, "first_dense_nodes"),
        ("cnn", "strings", TEXT | CNN, "filters_1"),
        ("lstm", "28x28x1", LSTM, "lstm_units"),
        ("lstm", "strings", TEXT | LSTM, "lstm_layers"),
        ("lstm", "strings", TEXT | LSTM, "embedding_size"),
        ("lstm", "strings", TEXT | LSTM, "vocabulary_size"),
        ("lstm", "strings", TEXT | LSTM, "sequence_length"),
    ],
)
def test_memory_grows_with_every_size(architecture, name, hp, parameter):
    costs = [
        estimate(architecture, {**hp, parameter: int(hp[parameter]) * factor}, INPUTS[name], 3).memory_bytes
        for factor in (1, 2, 5, 17)
    ]
    assert costs == sorted(set(costs))


@pytest.mark.parametrize(("more", "less"), [("adam", "sgd"), ("adamw", "rmsprop")])
def test_an_optimizer_of_two_moments_takes_one_copy_of_the_weights_more(more, less):
    costs = [estimate("cnn", {**CNN, "optimizer": name}, IMAGES, 10) for name in (more, less)]
    assert costs[0].memory_bytes - costs[1].memory_bytes == 4 * costs[0].parameters


def test_a_flattened_image_into_a_wide_layer_needs_gigabytes():
    hp = {**CNN, "conv_layers": 1, "filters_1": 256, "dense_layers": 1, "first_dense_nodes": 1024, "batch_size": 256}
    large = estimate("cnn", hp, IMAGES, 10)
    assert large.parameters > 50_000_000
    assert large.memory_bytes > 1_000 * MIB
    assert estimate("cnn", {**hp, "use_global_pooling": True}, IMAGES, 10).parameters < 300_000


@pytest.mark.tensorflow
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("architecture", "name"),
    [(architecture, name) for architecture in ("cnn", "lstm") for name in INPUTS if name != "word_indices"],
)
def test_the_estimated_parameters_are_those_that_keras_counts(architecture, name, seed):
    trial, network = built(architecture, name, seed)
    assert trial == drawn(architecture, name, seed)
    cost = estimate(architecture, trial.hyperparameters, INPUTS[name], CLASSES)
    assert cost.parameters == network.count_params()
