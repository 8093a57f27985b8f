"""The model that is saved: plain Keras loads it, and it predicts from raw samples what the network was trained to."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.models.samples import CLASSES, CNN, INPUTS, LSTM, TEXT, raw_samples, trial
from tuner.data import PADDING, UNKNOWN, TextInput
from tuner.datasets import text
from tuner.datasets.image_size import resized_array
from tuner.models import build, clipped_tokens, with_raw_input

STRINGS = INPUTS["strings"]
INDICES = INPUTS["word_indices"]


@given(
    arrays.arrays(np.int32, (3, 12), elements=st.integers(0, 20_001)),
    st.integers(3, 20_002),
    st.integers(1, 12),
)
def test_limited_tokens_stay_below_the_vocabulary_and_within_the_length(tokens, vocabulary, length):
    limited = clipped_tokens(tokens, trial("lstm", {"vocabulary_size": vocabulary, "sequence_length": length}))
    assert limited.shape == (3, length)
    assert limited.dtype == np.int32
    assert limited.max() < vocabulary
    cut = tokens[:, :length]
    known = cut < vocabulary
    assert np.array_equal(limited[known], cut[known])
    assert np.all(limited[~known] == UNKNOWN)
    assert np.array_equal(limited == PADDING, cut == PADDING)


def saved(network, one, data_input, folder):
    """The model as a user has it: from the file, by plain Keras, of Keras's own layers."""
    import keras

    with_raw_input(network, one, data_input).save(folder / "model.keras")
    model = keras.saving.load_model(folder / "model.keras")
    kinds = {type(layer) for layer in model._flatten_layers()}
    assert all(kind.__module__.startswith("keras.") for kind in kinds), kinds
    return model


def answers(network, samples):
    return np.asarray(network(samples, training=False))


TEXT_TRIALS = {
    "lstm": trial("lstm", {**TEXT, **LSTM}),
    "lstm of few words and a short memory": trial("lstm", {**TEXT, **LSTM, "vocabulary_size": 9, "sequence_length": 4}),
    "cnn": trial("cnn", {**TEXT, **CNN, "batch_normalization": True, "use_global_pooling": True}),
    "cnn of one word": trial("cnn", {**TEXT, **CNN, "vocabulary_size": 3, "sequence_length": 1}),
}
text_trials = pytest.mark.parametrize("one", TEXT_TRIALS.values(), ids=list(TEXT_TRIALS))


@pytest.mark.tensorflow
@text_trials
def test_strings_are_predicted_as_their_tokens_were_in_training(one, tmp_path):
    random = np.random.default_rng(0)
    rows = [" ".join(random.choice(STRINGS.vocabulary, length)) for length in random.integers(1, 20, 16)]
    rows += ["", "?! ...", "never seen", "WORD1, word2;  (Word3)\tword-4\nword29", "word0 " * 40]
    network = build(one, STRINGS, CLASSES)
    tokens = text.encode([text.words(row) for row in rows], STRINGS.vocabulary, STRINGS.max_length)
    expected = network.predict(clipped_tokens(tokens, one), verbose=0)
    predicted = saved(network, one, STRINGS, tmp_path).predict(np.array(rows, object), verbose=0)
    assert np.array_equal(predicted, expected)
    assert len(np.unique(expected, axis=0)) > 1


@pytest.mark.tensorflow
@pytest.mark.parametrize("kind", ["lstm", "cnn of one word"])
def test_word_indices_are_predicted_as_their_tokens_were_in_training(kind, tmp_path):
    one = TEXT_TRIALS[kind]
    random = np.random.default_rng(0)
    known_and_unknown = (*INDICES.vocabulary, 7, 9_999)
    rows = [random.choice(known_and_unknown, length).tolist() for length in random.integers(1, 20, 16)]
    rows += [[], [7], list(INDICES.vocabulary)]
    network = build(one, INDICES, CLASSES)
    tokens = text.encode(rows, INDICES.vocabulary, INDICES.max_length)
    expected = network.predict(clipped_tokens(tokens, one), verbose=0)
    model = saved(network, one, INDICES, tmp_path)
    padded_after = text.padded(rows)
    padded_before = np.array([np.roll(row, int((row == 0).sum())) for row in padded_after])
    padded_more = np.pad(padded_after, [(0, 0), (3, 20)])
    assert np.array_equal(model.predict(padded_after.astype(np.int64), verbose=0), expected)
    for raw in (padded_after, padded_before, padded_more):
        assert answers(model, raw) == pytest.approx(expected, abs=1e-6)
    assert len(np.unique(expected, axis=0)) > 1


@pytest.mark.tensorflow
def test_a_batch_of_word_indices_shorter_than_the_networks_memory_is_predicted_too(tmp_path):
    one = TEXT_TRIALS["lstm"]
    network = build(one, INDICES, CLASSES)
    model = saved(network, one, INDICES, tmp_path)
    tokens = text.encode([[101, 102], [130]], INDICES.vocabulary, INDICES.max_length)
    raw = np.array([[101, 102], [0, 130]], np.int32)
    assert np.array_equal(answers(model, raw), answers(network, tokens))


@pytest.mark.tensorflow
def test_images_are_predicted_as_pixels_with_or_without_their_channel(tmp_path):
    one = trial()
    network = build(one, INPUTS["8x8x1"], CLASSES)
    pixels = raw_samples(INPUTS["8x8x1"], 7)
    expected = network.predict(pixels, verbose=0)
    for raw in (pixels, pixels[..., 0]):
        model = saved(network, one, INPUTS["8x8x1"], tmp_path)
        assert np.array_equal(model.predict(raw, verbose=0), expected)
    assert len(np.unique(expected, axis=0)) == 7


@pytest.mark.tensorflow
@pytest.mark.parametrize("fit", ["stretch", "pad", "crop"])
def test_images_of_any_size_are_resized_as_in_training(fit, tmp_path):
    taken = replace(INPUTS["5x7x3"], fit=fit, fill=20.0)
    one = trial()
    network = build(one, taken, CLASSES)
    model = saved(network, one, taken, tmp_path)
    random = np.random.default_rng(0)
    for sides in ((5, 7), (50, 70), (31, 90), (64, 20), (3, 4), (1, 1)):
        coarse = random.integers(0, 256, (4, 1 + sides[0] // 8, 1 + sides[1] // 8, 3), np.uint8)
        large = resized_array(coarse, sides, "stretch", 0.0)
        expected, predicted = answers(network, resized_array(large, (5, 7), fit, 20.0)), answers(model, large)
        if sides == (5, 7):
            assert np.array_equal(predicted, answers(network, large))
        assert np.abs(predicted - expected).max() < 0.02


@pytest.mark.tensorflow
def test_colour_images_are_predicted_by_an_lstm_too(tmp_path):
    one = trial("lstm", LSTM)
    network = build(one, INPUTS["5x7x3"], CLASSES)
    pixels = raw_samples(INPUTS["5x7x3"], 7)
    model = saved(network, one, INPUTS["5x7x3"], tmp_path)
    assert np.array_equal(answers(model, pixels), answers(network, pixels))


def test_the_saved_model_knows_no_more_words_than_its_network():
    few = TextInput("strings", ("a", "b", "c"), max_length=4)
    tokens = text.encode([["a", "b", "c"]], few.vocabulary, 4)
    limited = clipped_tokens(tokens, trial("lstm", {"vocabulary_size": 4, "sequence_length": 4}))
    assert limited.tolist() == [[2, 3, 1, 0]]
