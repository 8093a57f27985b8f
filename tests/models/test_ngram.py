"""Networks over words and sequences of words: what they count, and with which weights."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.models.samples import CLASSES, INPUTS, NGRAM, TEXT, trial
from tuner import models
from tuner.models.ngram import SMOOTHING, VECTORS, WEIGHTS, WITH_SCORES, _counted

pytestmark = pytest.mark.tensorflow

TOKENS = np.array([[5, 6, 7, 0, 0, 0], [5, 6, 8, 5, 0, 0], [9, 5, 6, 6, 10, 11]], np.int32)
HP = {**TEXT, **NGRAM, "sequence_length": 6, "ngram_buckets": 4_096, "dropout": 0.0}


LABELS = np.array([0, 1, 1])


def network(tokens=TOKENS, labels=None, **changed):
    one = trial("ngram", {**HP, **changed})
    built = models.build(one, INPUTS["strings"], CLASSES)
    models.fit_to_texts(built, one, tokens, np.resize(LABELS, len(tokens)) if labels is None else labels)
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


@pytest.mark.parametrize("ngrams", [1, 2])
@pytest.mark.parametrize("count_repeats", [True, False])
@pytest.mark.parametrize("tfidf", [True, False])
def test_it_begins_at_the_answers_of_complement_naive_bayes(ngrams, count_repeats, tfidf):
    from sklearn.naive_bayes import ComplementNB

    drawn = np.random.default_rng(0)
    lengths, labels = drawn.integers(1, 7, 60), drawn.integers(0, CLASSES, 60)
    tokens = np.where(np.arange(6) < lengths[:, None], drawn.integers(2, 12, (60, 6)) + 3 * labels[:, None], 0)
    tokens = tokens.astype(np.int32)
    settings = {"ngrams": ngrams, "count_repeats": count_repeats, "tfidf": tfidf, "naive_bayes": True}
    built = network(tokens, labels, **settings)
    numbers, size = _counted(tokens, {**HP, **settings}, np), built.get_layer(VECTORS).input_dim
    counts = np.stack([np.bincount(row[row != 0], minlength=size) for row in numbers])
    texts = np.stack([np.bincount(np.unique(row), minlength=size) for row in numbers]).sum(axis=0)
    rarity = np.log(61 / (1 + texts)) + 1 if tfidf else np.ones(size)
    usual = np.sqrt((counts @ rarity**2).sum() / counts.sum())
    x = counts * rarity / usual / np.sqrt(counts.sum(axis=1, keepdims=True))
    bayes = ComplementNB(alpha=SMOOTHING).fit(x, labels)
    expected = x @ (bayes.feature_log_prob_ - bayes.feature_log_prob_.mean(axis=0)).T
    found = keras_scores(built, tokens)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    kernel, _ = built.layers[-1].get_weights()
    np.testing.assert_array_equal(kernel[-CLASSES:], np.eye(CLASSES))


def keras_scores(built, tokens):
    import keras

    inner = keras.Model(built.inputs[0], built.get_layer(WITH_SCORES).output)
    return np.asarray(inner(tokens, training=False))[:, -CLASSES:]


def test_trials_of_earlier_versions_have_no_scores():
    earlier = models.build(trial("ngram", HP), INPUTS["strings"], CLASSES)
    assert earlier.get_layer(VECTORS).output_dim == HP["embedding_size"]


@pytest.mark.parametrize("naive_bayes", [True, False])
@pytest.mark.parametrize("form", ["strings", "word_indices"])
def test_the_saved_form_answers_as_the_trained_network(form, naive_bayes, tmp_path):
    import keras

    built = network(naive_bayes=naive_bayes)
    one = trial("ngram", HP | {"naive_bayes": naive_bayes})
    whole = models.with_raw_input(built, one, INPUTS[form])
    whole.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    names = [INPUTS[form].vocabulary[token - 2] for token in (5, 6, 7)]
    raw = np.array([" ".join(names)], object) if form == "strings" else np.array([names], np.int32)
    np.testing.assert_allclose(
        loaded.predict(raw, verbose=0), probabilities(built, [5, 6, 7, 0, 0, 0]), rtol=1e-5, atol=1e-6
    )
