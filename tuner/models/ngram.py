"""Networks over the words of a text and its short sequences of words, without regard to where they stand.

Each word and each sequence has a vector; the features of a text are their weighted mean (Joulin et al., Bag of Tricks
for Efficient Text Classification, 2017). Sequences share the vectors of a table by their hashes. With `naive_bayes`
each has a score for each class, too, which begins at what naive Bayes says of it: with few texts that is hard to beat,
and the training goes on from there (as Wang and Manning, Baselines and Bigrams, 2012, with a linear model).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from tuner.data import PADDING, Array
from tuner.events import Scalar
from tuner.models.estimate import ngram_table_size, score_count

WEIGHTS = "ngram_weights"
"""Name of the layer with one weight for each word and sequence, which is computed, not trained."""

VECTORS, MEAN = "ngram_vectors", "ngram_mean"
"""Names of the layer with the vectors, each followed by its scores, and of the one whose output is the vectors' mean:
the hidden units of the network."""

WITH_SCORES = "with_naive_bayes"
"""Name of the layer that puts the scores of naive Bayes after the other features."""

FEWEST_TEXTS = 2
"""Training texts in which a word or sequence must occur for a vector: one that is seen once is learned by heart."""

SMOOTHING = 0.3
"""What naive Bayes adds to each weight of a word in a class."""

CHUNK = 1_000
"""Texts that are counted together."""

_MULTIPLIER, _MODULUS = 31_321, 65_521
"""Of the hash: products of numbers below the modulus fit into 31 bits, as int32 needs them everywhere."""


def ngram_features(tokens: Any, hp: Mapping[str, Scalar], classes: int) -> tuple[Any, Any]:
    """Return features of shape (samples, embedding_size) of tokens (samples, sequence_length), and with `naive_bayes`
    the texts' scores of shape (samples, classes), else None.

    With `count_repeats=false` what a text repeats counts once: better for long reviews, worse for short news.
    """
    from keras import layers, ops

    size, numbers = ngram_table_size(hp), _counted(tokens, hp, ops)
    known = ops.expand_dims(ops.not_equal(numbers, PADDING), -1)
    weights = layers.Embedding(size, 1, embeddings_initializer="ones", trainable=False, name=WEIGHTS)(numbers)
    weights = weights * ops.cast(known, weights.dtype)
    length, scores = int(hp["embedding_size"]), score_count(hp, classes)
    table = layers.Embedding(size, length + scores, name=VECTORS)(numbers)
    vectors = table[..., :length] if scores else table
    # A text without a single known word has weights of 0.
    mean = ops.sum(vectors * weights, axis=1) / ops.maximum(ops.sum(weights, axis=1), 1e-3)
    mean = layers.Identity(name=MEAN)(mean)
    if not scores:
        return mean, None
    known = ops.cast(known, table.dtype)
    return mean, ops.sum(table[..., length:] * known, axis=1) / ops.sqrt(ops.maximum(ops.sum(known, axis=1), 1.0))


def with_scores(features: Any, scores: Any) -> Any:
    """Return the features of a network's last layer, with the scores after them, if there are any."""
    from keras import layers

    return features if scores is None else layers.Concatenate(name=WITH_SCORES)([features, scores])


def set_ngram_weights(network: Any, tokens: Array, labels: Array, hp: Mapping[str, Scalar]) -> None:
    """Compute what the network takes from the training texts without being trained.

    A word or sequence has the weight 1 or, with `tfidf`, ln((1 + n) / (1 + d)) + 1 where d of n texts have it (as
    scikit-learn); 0 if fewer than `FEWEST_TEXTS` have it.

    Args:
        tokens: Of shape (samples, sequence_length).
        labels: Numbers of their classes, shape (samples,).
    """
    texts = np.zeros(ngram_table_size(hp))
    for start in range(0, len(tokens), CHUNK):
        distinct = _without_repeats(_numbers(tokens[start : start + CHUNK], hp, np), np)
        texts += np.bincount(distinct[distinct != PADDING], minlength=len(texts))
    weights = np.log((1 + len(tokens)) / (1 + texts)) + 1 if hp["tfidf"] else np.ones(len(texts))
    of_vectors = np.where(texts < FEWEST_TEXTS, 0.0, weights)
    network.get_layer(WEIGHTS).set_weights([of_vectors[:, None].astype(np.float32)])
    classes = network.output_shape[-1]
    if not score_count(hp, classes):
        return
    vectors = network.get_layer(VECTORS).get_weights()[0]
    vectors[:, -classes:] = _class_scores(tokens, labels, weights, classes, hp)
    network.get_layer(VECTORS).set_weights([vectors])
    kernel, bias = network.layers[-1].get_weights()
    kernel[-classes:] = np.eye(classes)  # each class begins at its own score
    network.layers[-1].set_weights([kernel, bias])


def _class_scores(tokens: Array, labels: Array, weights: Array, classes: int, hp: Mapping[str, Scalar]) -> Array:
    """Return the score of each word or sequence for each class, shape (table size, classes), with mean 0.

    Complement naive Bayes (Rennie et al., Tackling the Poor Assumptions of Naive Bayes Text Classifiers, 2003): the
    less of all other classes' weight a word has, the more it speaks for this class. Each text counts by its words'
    weights divided by the square root of their number.
    """
    size, squares, count = len(weights), 0.0, 0
    found = np.zeros(classes * size)
    for start in range(0, len(tokens), CHUNK):
        numbers = _counted(tokens[start : start + CHUNK], hp, np)
        known = numbers != PADDING
        of_words = weights[numbers] * known
        squares, count = squares + float((of_words**2).sum()), count + int(known.sum())
        share = of_words / np.sqrt(np.maximum(known.sum(axis=1, keepdims=True), 1))
        of_class = labels[start : start + CHUNK, None] * size + numbers
        found += np.bincount(of_class[known], weights=share[known], minlength=classes * size)
    usual = math.sqrt(squares / max(count, 1)) or 1.0  # root mean square of a word's weight
    of_classes = found.reshape(classes, size) / usual
    others = SMOOTHING + of_classes.sum(axis=0) - of_classes
    scores = -np.log(others / others.sum(axis=1, keepdims=True))
    relative: Array = ((scores - scores.mean(axis=0)) * weights / usual).T
    return relative


def _counted(tokens: Any, hp: Mapping[str, Scalar], ops: Any) -> Any:
    """Return the numbers of all words and sequences that count, shape (samples, count), PADDING in place of others."""
    numbers = _numbers(tokens, hp, ops)
    # Trials of earlier versions do not name it.
    return numbers if hp.get("count_repeats", True) else _without_repeats(numbers, ops)


def _without_repeats(numbers: Any, ops: Any) -> Any:
    """Return numbers (samples, count) in ascending order, with PADDING in place of each that stood before."""
    ordered = ops.sort(numbers, axis=1)
    repeated = ops.equal(ordered[:, 1:], ordered[:, :-1])
    return ops.concatenate([ordered[:, :1], ops.where(repeated, PADDING, ordered[:, 1:])], axis=1)


def _numbers(tokens: Any, hp: Mapping[str, Scalar], ops: Any) -> Any:
    """Return the numbers of all words and sequences in the tables, shape (samples, count), with PADDING where a text
    has ended. `ops` is NumPy or keras.ops."""
    words = int(hp["vocabulary_size"])
    found = [tokens]
    for length in range(2, min(int(hp["ngrams"]), int(tokens.shape[1])) + 1):
        places = int(tokens.shape[1]) - length + 1
        last = tokens[:, length - 1 :]
        number = (tokens[:, :places] + length) % _MODULUS
        for place in range(1, length):
            number = (number * _MULTIPLIER + tokens[:, place : place + places]) % _MODULUS
        complete = ops.not_equal(last, PADDING)  # padding is at the end of a text
        found.append(ops.where(complete, words + number % int(hp["ngram_buckets"]), PADDING))
    return ops.concatenate(found, axis=1)
