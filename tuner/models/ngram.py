"""Networks over the words of a text and its short sequences of words, without regard to where they stand.

Each word and each sequence has a vector; the features of a text are their weighted mean (Joulin et al., Bag of Tricks
for Efficient Text Classification, 2017). Sequences share the vectors of a table by their hashes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tuner.data import PADDING, Array
from tuner.events import Scalar
from tuner.models.estimate import ngram_table_size

WEIGHTS = "ngram_weights"
"""Name of the layer with one weight for each word and sequence, which is computed, not trained."""

VECTORS, MEAN = "ngram_vectors", "ngram_mean"
"""Names of the layer with the vectors, and of the one whose output is their mean: the hidden units of the network."""

FEWEST_TEXTS = 2
"""Training texts in which a word or sequence must occur: what is seen once says nothing, and is learned by heart."""

_MULTIPLIER, _MODULUS = 31_321, 65_521
"""Of the hash: products of numbers below the modulus fit into 31 bits, as int32 needs them everywhere."""


def ngram_features(tokens: Any, hp: Mapping[str, Scalar]) -> Any:
    """Return features of shape (samples, embedding_size) of tokens (samples, sequence_length).

    With `count_repeats=false` what a text repeats counts once: better for long reviews, worse for short news.
    """
    from keras import layers, ops

    size = ngram_table_size(hp)
    numbers = _numbers(tokens, hp, ops)
    if not hp.get("count_repeats", True):  # trials of earlier versions do not name it
        numbers = _without_repeats(numbers, ops)
    weights = layers.Embedding(size, 1, embeddings_initializer="ones", trainable=False, name=WEIGHTS)(numbers)
    weights = weights * ops.expand_dims(ops.cast(ops.not_equal(numbers, PADDING), weights.dtype), -1)
    vectors = layers.Embedding(size, int(hp["embedding_size"]), name=VECTORS)(numbers)
    # A text without a single known word has weights of 0.
    mean = ops.sum(vectors * weights, axis=1) / ops.maximum(ops.sum(weights, axis=1), 1e-3)
    return layers.Identity(name=MEAN)(mean)


def set_ngram_weights(network: Any, tokens: Array, hp: Mapping[str, Scalar]) -> None:
    """Compute the weights from the training texts' tokens of shape (samples, sequence_length).

    A word or sequence has the weight 1 or, with `tfidf`, ln((1 + n) / (1 + d)) + 1 where d of n texts have it (as
    scikit-learn); 0 if fewer than `FEWEST_TEXTS` have it.
    """
    texts = np.zeros(ngram_table_size(hp))
    for start in range(0, len(tokens), 1_000):
        numbers = np.sort(_numbers(tokens[start : start + 1_000], hp, np), axis=1)
        first = np.ones(numbers.shape, bool)
        first[:, 1:] = numbers[:, 1:] != numbers[:, :-1]
        texts += np.bincount(numbers[first], minlength=len(texts))
    weights = np.log((1 + len(tokens)) / (1 + texts)) + 1 if hp["tfidf"] else np.ones(len(texts))
    weights[texts < FEWEST_TEXTS] = 0.0
    network.get_layer(WEIGHTS).set_weights([weights[:, None].astype(np.float32)])


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
