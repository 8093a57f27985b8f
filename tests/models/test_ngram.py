"""Networks over words and sequences of words: what they count, and with which weights."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.models.samples import CLASSES, INPUTS, NGRAM, TEXT, trial
from tuner import models
from tuner.models.ngram import WEIGHTS

pytestmark = pytest.mark.tensorflow

TOKENS = np.array([[5, 6, 7, 0, 0, 0], [5, 6, 8, 5, 0, 0], [9, 5, 6, 6, 10, 11]], np.int32)
HP = {**TEXT, **NGRAM, "sequence_length": 6, "ngram_buckets": 4_096, "dropout": 0.0}


def network(tokens=TOKENS, **changed):
    one = trial("ngram", {**HP, **changed})
    built = models.build(one, INPUTS["strings"], CLASSES)
    models.fit_to_texts(built, one, tokens)
    return built


def weights(built):
    return built.get_layer(WEIGHTS).get_weights()[0][:, 0]


def test_a_word_weighs_more_the_rarer_it_is_and_nothing_if_one_text_has_it():
    found = weights(network())
    assert found[5] == pytest.approx(math.log((1 + 3) / (1 + 3)) + 1)
    assert found[6] == pytest.approx(1.0)
    assert found[7] == found[8] == found[9] == 0


def test_so_does_a_sequence_of_words():
    sequences = weights(network())[TEXT["vocabulary_size"] :]
    assert np.count_nonzero(sequences) == 1, "only the words 5, 6 follow each other in two texts"
    assert np.count_nonzero(weights(network(ngrams=3))[TEXT["vocabulary_size"] :]) == 1


def test_without_tfidf_all_that_count_weigh_the_same():
    assert set(weights(network(tfidf=False)).tolist()) == {0.0, 1.0}


def test_words_alone_need_no_buckets():
    values = {name: value for name, value in HP.items() if name != "ngram_buckets"} | {"ngrams": 1}
    built = models.build(trial("ngram", values), INPUTS["strings"], CLASSES)
    assert weights(built).shape == (TEXT["vocabulary_size"],)


def probabilities(built, *texts):
    return np.asarray(built(np.array(texts, np.int32), training=False))


def test_the_order_of_words_counts_only_through_sequences():
    words, pairs = network(np.tile(TOKENS, (2, 1)), ngrams=1), network(np.tile(TOKENS, (2, 1)))
    one, other = probabilities(words, [5, 6, 8, 0, 0, 0], [8, 5, 6, 0, 0, 0])
    np.testing.assert_allclose(one, other, rtol=1e-5)
    one, other = probabilities(pairs, [5, 6, 8, 0, 0, 0], [6, 5, 8, 0, 0, 0])
    assert np.abs(one - other).max() > 1e-6


def test_what_a_text_repeats_counts_as_often_as_it_is_there_or_once():
    texts = [5, 6, 5, 6, 5, 0], [5, 6, 6, 5, 0, 0]
    often, once = (network(ngrams=1, count_repeats=counted) for counted in (True, False))
    one, other = probabilities(often, *texts)
    assert np.abs(one - other).max() > 1e-6
    one, other = probabilities(once, *texts)
    np.testing.assert_allclose(one, other, rtol=1e-5)


def test_trials_of_earlier_versions_count_repeats():
    values = {name: value for name, value in HP.items() if name != "count_repeats"}
    earlier = models.build(trial("ngram", values), INPUTS["strings"], CLASSES)
    again = models.build(trial("ngram", HP | {"count_repeats": True}), INPUTS["strings"], CLASSES)
    assert [layer.name for layer in earlier.layers] == [layer.name for layer in again.layers]


def test_padding_and_unknown_texts_give_finite_answers():
    found = probabilities(network(), [0, 0, 0, 0, 0, 0], [31, 31, 31, 0, 0, 0])
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found[0], found[1], rtol=1e-5)


@pytest.mark.parametrize("form", ["strings", "word_indices"])
def test_the_saved_form_answers_as_the_trained_network(form, tmp_path):
    import keras

    built = network()
    one = trial("ngram", HP)
    whole = models.with_raw_input(built, one, INPUTS[form])
    whole.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    names = [INPUTS[form].vocabulary[token - 2] for token in (5, 6, 7)]
    raw = np.array([" ".join(names)], object) if form == "strings" else np.array([names], np.int32)
    np.testing.assert_allclose(
        loaded.predict(raw, verbose=0), probabilities(built, [5, 6, 7, 0, 0, 0]), rtol=1e-5, atol=1e-6
    )
