"""Networks as Keras builds them, over many hyperparameters, and their description."""

import numpy as np
import pytest

from tests.models.samples import CLASSES, CNN, INPUTS, KINDS, LSTM, TEXT, built, prepared, raw_samples, trial
from tuner.data import ImageInput
from tuner.models import build, network_architecture
from tuner.models.estimate import dense_sizes, filter_sizes

pytestmark = pytest.mark.tensorflow

every_kind = pytest.mark.parametrize(("architecture", "name"), KINDS)
seeds = pytest.mark.parametrize("seed", range(2))


@every_kind
@seeds
def test_any_network_predicts_probabilities_of_all_classes_and_no_layer_is_empty(architecture, name, seed):
    one, network = built(architecture, name, seed)
    for layer in network_architecture(network, one).layers:
        assert all(length is not None and length >= 1 for length in (*layer.input_shape, *layer.output_shape)), layer
    samples = prepared(one, INPUTS[name], 4)
    probabilities = np.asarray(network(samples, training=False))
    assert probabilities.shape == (4, CLASSES)
    assert np.all(probabilities >= 0)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


@every_kind
@seeds
def test_a_description_lists_the_layers_that_were_built(architecture, name, seed):
    one, network = built(architecture, name, seed)
    hp = one.hyperparameters
    found = network_architecture(network, one)
    assert found.type == architecture
    assert found.total_parameters == network.count_params() == sum(layer.parameters for layer in found.layers)
    assert len({layer.layer_id for layer in found.layers}) == len(found.layers)

    dense = [layer for layer in found.layers if layer.layer_type == "Dense"]
    assert [layer.units for layer in dense] == [*dense_sizes(hp), CLASSES]
    assert [layer.activation for layer in dense] == [_keras_name(hp["activation"])] * (len(dense) - 1) + ["softmax"]
    assert found.dense_layers == hp["dense_layers"] == len(dense) - 1
    assert found.first_dense_nodes == (dense[0].units if len(dense) > 1 else None)

    convolutions = [layer for layer in found.layers if layer.layer_type in ("Conv1D", "Conv2D")]
    of_blocks = [layer for layer in convolutions if "shortcut" not in layer.layer_id]
    each = 2 if hp.get("block") == "residual" else hp.get("block_layers", 1)
    filters = filter_sizes(hp) if architecture in ("cnn", "conv1d") else []
    assert [layer.filters for layer in of_blocks] == [count for count in filters for _ in range(each)]
    recurrent = [layer for layer in found.layers if layer.layer_type in ("LSTM", "GRU", "Bidirectional")]
    assert [layer.units for layer in recurrent] == [hp.get(f"{architecture}_units")] * hp.get(
        f"{architecture}_layers", 0
    )
    if filters:
        axes = 2 if isinstance(INPUTS[name], ImageInput) else 1
        assert all(layer.kernel_size == [hp["kernel_size"]] * axes for layer in of_blocks)
        assert (found.conv_layers, found.filters_per_layer) == (len(filters), filters)
        assert found.batch_normalization == any(layer.layer_type == "BatchNormalization" for layer in found.layers)
        assert found.use_global_pooling == any("Global" in layer.layer_type for layer in found.layers)
    assert (found.lstm_units, found.gru_units) == (hp.get("lstm_units"), hp.get("gru_units"))


def _keras_name(activation):
    return {"swish": "silu"}.get(activation, activation)


def test_a_description_gives_shapes_without_the_batch():
    one = trial(hyperparameters={**CNN, "conv_layers": 1, "dense_layers": 1})
    layers = network_architecture(build(one, INPUTS["8x8x1"], CLASSES), one).layers
    assert [(layer.layer_id, layer.layer_type, layer.input_shape, layer.output_shape) for layer in layers] == [
        ("pixels", "InputLayer", [8, 8, 1], [8, 8, 1]),
        ("scaling", "Rescaling", [8, 8, 1], [8, 8, 1]),
        ("block1_conv", "Conv2D", [8, 8, 1], [8, 8, 4]),
        ("block1_pool", "MaxPooling2D", [8, 8, 4], [4, 4, 4]),
        ("flatten", "Flatten", [4, 4, 4], [64]),
        ("dropout1", "Dropout", [64], [64]),
        ("dense1", "Dense", [64], [16]),
        ("classes", "Dense", [16], [3]),
    ]


def test_dropout_goes_before_every_dense_layer_and_is_left_out_where_it_is_0():
    def dropouts(share):
        network = build(trial(hyperparameters={**CNN, "dropout": share}), INPUTS["8x8x1"], CLASSES)
        return [layer.rate for layer in network.layers if type(layer).__name__ == "Dropout"]

    assert dropouts(0.25) == [0.25, 0.25]
    assert dropouts(0.0) == []


@pytest.mark.parametrize("normalise", [True, False])
def test_batch_normalisation_comes_between_convolution_and_activation(normalise):
    one = trial(hyperparameters={**CNN, "batch_normalization": normalise, "conv_layers": 1})
    layers = build(one, INPUTS["8x8x1"], CLASSES).layers
    names = [layer.name for layer in layers if layer.name.startswith("block1")]
    if normalise:
        assert names == ["block1_conv", "block1_norm", "block1_activation", "block1_pool"]
    else:
        assert names == ["block1_conv", "block1_pool"]
    convolution = layers[2]
    assert convolution.activation.__name__ == ("linear" if normalise else "relu")
    assert convolution.use_bias is not normalise


@pytest.mark.parametrize("initializer", ["he_normal", "glorot_uniform"])
def test_the_initializer_is_that_of_convolutions_and_dense_layers(initializer):
    network = build(trial(hyperparameters={**CNN, "initializer": initializer}), INPUTS["8x8x1"], CLASSES)
    used = {type(layer.kernel_initializer).__name__ for layer in network.layers[1:-1] if hasattr(layer, "kernel")}
    assert used == {"HeNormal" if initializer == "he_normal" else "GlorotUniform"}


def test_a_network_sees_pixels_between_0_and_1():
    import keras

    pixels = ImageInput(2, 2, 1, scale=0.25, offset=-0.5)
    network = build(trial(), pixels, CLASSES)
    seen = keras.Model(network.inputs[0], network.get_layer("scaling").output)
    raw = np.array([2.0, 3.0, 5.0, 6.0], np.float32).reshape(1, 2, 2, 1)
    np.testing.assert_allclose(np.asarray(seen(raw)).ravel(), [0, 0.25, 0.75, 1])


def test_an_lstm_reads_an_image_row_by_row():
    network = build(trial("lstm", {**LSTM, "bidirectional": False}), INPUTS["5x7x3"], CLASSES)
    assert network.get_layer("lstm1").input.shape == (None, 5, 21)


LARGER = {
    "cnn of images": (
        "cnn",
        "8x8x1",
        CNN,
        {
            "conv_layers": 1,
            "filters_1": 5,
            "filters_2": 9,
            "kernel_size": 5,
            "batch_normalization": True,
            "use_global_pooling": True,
            "dense_layers": 1,
            "first_dense_nodes": 20,
            "activation": "tanh",
            "initializer": "glorot_uniform",
        },
    ),
    "lstm of texts": (
        "lstm",
        "strings",
        {**TEXT, **LSTM},
        {
            "vocabulary_size": 20,
            "sequence_length": 6,
            "embedding_size": 7,
            "lstm_layers": 2,
            "lstm_units": 8,
            "bidirectional": False,
            "activation": "tanh",
        },
    ),
}


@pytest.mark.parametrize("kind", LARGER)
def test_every_hyperparameter_of_a_network_has_an_effect(kind):
    import keras

    architecture, input_name, hp, larger = LARGER[kind]

    def predicted(hyperparameters):
        keras.utils.set_random_seed(1)
        one = trial(architecture, hyperparameters)
        return np.asarray(build(one, INPUTS[input_name], CLASSES)(prepared(one, INPUTS[input_name], 8)))

    before = predicted(hp)
    assert np.array_equal(before, predicted(hp))
    without_effect = [name for name in larger if np.array_equal(before, predicted({**hp, name: larger[name]}))]
    assert without_effect == []


# --- padding ---


def longer(architecture, hp, extra):
    """The same network for texts of `extra` more words, with the same weights."""
    text = INPUTS["strings"]
    network = build(trial(architecture, hp), text, CLASSES)
    wide = build(trial(architecture, {**hp, "sequence_length": hp["sequence_length"] + extra}), text, CLASSES)
    wide.set_weights(network.get_weights())
    return network, wide


@pytest.mark.parametrize(("layers", "bidirectional"), [(1, False), (1, True), (2, False), (2, True)])
def test_more_padding_does_not_change_what_an_lstm_predicts(layers, bidirectional):
    hp = {**TEXT, **LSTM, "lstm_layers": layers, "bidirectional": bidirectional}
    network, wide = longer("lstm", hp, extra=9)
    tokens = raw_samples(INPUTS["strings"], 8)
    padded = np.pad(tokens, [(0, 0), (0, 9)])
    expected = np.asarray(network(tokens))
    np.testing.assert_allclose(np.asarray(wide(padded)), expected, atol=1e-6)
    shifted = np.asarray(wide(np.where(padded, padded, 1)))
    assert not np.allclose(shifted, expected, atol=1e-4), "words in place of padding do change it"


@pytest.mark.parametrize("architecture", ["lstm", "cnn"])
def test_what_the_embedding_makes_of_padding_has_no_say(architecture):
    network = build(trial(architecture, {**TEXT, **LSTM, **CNN}), INPUTS["strings"], CLASSES)
    tokens = raw_samples(INPUTS["strings"], 8)
    before = np.asarray(network(tokens))
    for token, has_a_say in ((0, False), (5, True)):
        vectors = network.get_layer("embedding").get_weights()[0]
        vectors[token] += 3
        network.get_layer("embedding").set_weights([vectors])
        assert np.array_equal(np.asarray(network(tokens)), before) is not has_a_say
