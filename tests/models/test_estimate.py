"""The estimated cost of a network equals what Keras builds."""

import pytest

from tests.models.samples import CLASSES, CNN, GRU, INPUTS, KINDS, LSTM, NGRAM, TEXT, built, drawn
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


def test_parameters_of_a_residual_block_by_hand():
    hp = {**CNN, "block": "residual", "conv_layers": 1, "dense_layers": 0, "use_global_pooling": True}
    # 3*3*1*4+4, then 3*3*4*4+4; the shortcut goes from 1 channel to 4; 4 means into 3 classes
    assert estimate("cnn", hp, INPUTS["8x8x1"], CLASSES).parameters == 40 + 148 + (4 + 4) + (4 * 3 + 3)


def test_a_gru_has_three_gates_with_two_biases_each():
    hp = {**TEXT, **GRU, "dense_layers": 0}
    cost = estimate("gru", hp, INPUTS["strings"], CLASSES)
    assert cost.parameters == 32 * 5 + 2 * 3 * 6 * (5 + 6 + 2) + (12 * 3 + 3)


def test_an_ngram_network_has_a_vector_and_a_weight_per_word_and_bucket():
    cost = estimate("ngram", {**TEXT, **NGRAM}, INPUTS["strings"], CLASSES)
    assert cost.parameters == (32 + 64) * (5 + 1) + (5 * 3 + 3)


def test_a_study_of_several_kinds_costs_what_each_trial_names():
    hp = {**TEXT, **NGRAM, "architecture": "ngram"}
    assert estimate("auto", hp, INPUTS["strings"], CLASSES) == estimate("ngram", hp, INPUTS["strings"], CLASSES)


CASES = [
    ("cnn", "28x28x1", CNN),
    ("lstm", "28x28x1", LSTM),
    ("lstm", "strings", TEXT | LSTM),
    ("gru", "strings", TEXT | GRU),
    ("ngram", "strings", TEXT | NGRAM),
]


@pytest.mark.parametrize(("architecture", "name", "hp"), [*CASES, ("conv1d", "strings", TEXT | CNN)])
def test_memory_grows_with_the_batch(architecture, name, hp):
    costs = [estimate(architecture, {**hp, "batch_size": size}, INPUTS[name], 3).memory_bytes for size in (1, 32, 256)]
    assert costs == sorted(set(costs))


@pytest.mark.parametrize(
    ("architecture", "name", "hp", "parameter"),
    [
        ("cnn", "28x28x1", CNN, "filters_1"),
        ("cnn", "28x28x1", CNN, "filters_2"),
        ("cnn", "28x28x1", CNN, "first_dense_nodes"),
        ("cnn", "28x28x1", CNN, "block_layers"),
        ("conv1d", "strings", TEXT | CNN, "filters_1"),
        ("gru", "strings", TEXT | GRU, "gru_units"),
        ("ngram", "strings", TEXT | NGRAM, "ngram_buckets"),
        ("ngram", "strings", TEXT | NGRAM, "embedding_size"),
        ("lstm", "28x28x1", LSTM, "lstm_units"),
        ("lstm", "strings", TEXT | LSTM, "lstm_layers"),
        ("lstm", "strings", TEXT | LSTM, "embedding_size"),
        ("lstm", "strings", TEXT | LSTM, "vocabulary_size"),
        ("lstm", "strings", TEXT | LSTM, "sequence_length"),
    ],
)
def test_memory_grows_with_every_size(architecture, name, hp, parameter):
    costs = [
        estimate(architecture, {**hp, parameter: int(hp.get(parameter, 1)) * factor}, INPUTS[name], 3).memory_bytes
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
    KINDS,
)
def test_the_estimated_parameters_are_those_that_keras_counts(architecture, name, seed):
    trial, network = built(architecture, name, seed)
    assert trial == drawn(architecture, name, seed)
    cost = estimate(architecture, trial.hyperparameters, INPUTS[name], CLASSES)
    assert cost.parameters == network.count_params()
