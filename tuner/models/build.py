"""Builds the Keras model that a trial trains, and from it the model that is saved."""

from __future__ import annotations

from typing import Any

import numpy as np

from tuner.data import FIRST_WORD, PADDING, UNKNOWN, ImageInput, TextInput
from tuner.models.estimate import RECURRENT
from tuner.models.layers import convolutions, dense, recurrent
from tuner.models.ngram import ngram_features, set_ngram_weights, with_scores
from tuner.models.own_network import own_output
from tuner.trial_spec import TrialSpec


def build(trial: TrialSpec, data_input: ImageInput | TextInput, classes: int) -> Any:
    """Build a trial's network, not compiled, from prepared samples to probabilities of shape (samples, classes).

    Image input is raw pixels; the first layer scales them. Text input is tokens of shape (samples, sequence_length)
    below the vocabulary size; `with_raw_input` adds the layers that convert raw texts to tokens. An
    own network that fails to build, or whose output has the wrong shape, is a CannotBuildError.
    """
    import keras

    inputs, features, shape = _inputs(trial, data_input)
    hp, kind = trial.hyperparameters, trial.architecture
    if kind == "own":
        assert trial.model is not None
        return keras.Model(inputs, own_output(trial.model, features, hp, classes), name="own")
    if kind == "ngram":
        mean, scores = ngram_features(features, hp, classes)
        features = with_scores(dense(mean, hp), scores)
    else:
        features = recurrent(features, hp, kind) if kind in RECURRENT else convolutions(features, hp, shape[:-1])
        features = dense(features, hp)
    # Probabilities and pixel scaling are float32 in mixed precision too, for an exact loss and input.
    head = keras.layers.Dense(classes, activation="softmax", dtype="float32", name="classes")
    return keras.Model(inputs, head(features), name=kind)


def fit_to_texts(network: Any, trial: TrialSpec, tokens: Any, labels: Any) -> None:
    """Compute from the training texts' tokens and classes what a new network takes from them without being trained."""
    if trial.architecture == "ngram":
        set_ngram_weights(network, tokens, labels, trial.hyperparameters)


def _inputs(trial: TrialSpec, data_input: ImageInput | TextInput) -> tuple[Any, Any, tuple[int, ...]]:
    """Return the input tensor, the features that the network's body receives, and their shape.

    A recurrent network reads an image row by row. Convolutions read the padding of a text as zeros, like those that
    "same" padding adds.
    """
    import keras
    from keras import layers, ops

    if isinstance(data_input, ImageInput):
        shape: tuple[int, ...] = (data_input.height, data_input.width, data_input.channels)
        inputs = keras.Input(shape, name="pixels")
        features = layers.Rescaling(data_input.scale, data_input.offset, dtype="float32", name="scaling")(inputs)
        if trial.architecture in RECURRENT:
            shape = (shape[0], shape[1] * shape[2])
            features = layers.Reshape(shape, name="rows")(features)
        return inputs, features, shape
    hp = trial.hyperparameters
    shape = (int(hp["sequence_length"]),)
    inputs = keras.Input(shape, dtype="int32", name="tokens")
    if trial.architecture in ("own", "ngram"):
        return inputs, inputs, shape
    masked = trial.architecture in RECURRENT
    embed = layers.Embedding(int(hp["vocabulary_size"]), int(hp["embedding_size"]), mask_zero=masked, name="embedding")
    features = embed(inputs)
    if not masked:
        features = features * ops.expand_dims(ops.cast(ops.not_equal(inputs, PADDING), features.dtype), -1)
    return inputs, features, (*shape, int(hp["embedding_size"]))


def clipped_tokens(tokens: Any, trial: TrialSpec) -> Any:
    """Return tokens cut to the trial's sequence length, with words beyond its vocabulary as unknown."""
    cut = tokens[:, : int(trial.hyperparameters["sequence_length"])]
    return np.where(cut < int(trial.hyperparameters["vocabulary_size"]), cut, np.int32(UNKNOWN))


def with_raw_input(network: Any, trial: TrialSpec, data_input: ImageInput | TextInput) -> Any:
    """Return the model that is saved: the trained network with layers before it that accept raw samples.

    Its input is raw pixels of any height and width, which it resizes; strings of shape (samples,); or word indices of
    shape (samples, any length), padded with 0 on either side. It has only Keras's own layers, so that plain Keras can
    load it.
    """
    import keras

    if isinstance(data_input, ImageInput):
        inputs = keras.Input((None, None, data_input.channels), name="pixels")
        # float32 in mixed precision too: an image that has the size already must not change.
        resize = keras.layers.Resizing(
            data_input.height,
            data_input.width,
            antialias=True,
            crop_to_aspect_ratio=data_input.fit == "crop",
            pad_to_aspect_ratio=data_input.fit == "pad",
            fill_value=data_input.fill,
            dtype="float32",
            name="resize",
        )
        return keras.Model(inputs, network(resize(inputs)), name=f"{network.name}_with_raw_input")
    length = int(trial.hyperparameters["sequence_length"])
    words = list(data_input.vocabulary[: int(trial.hyperparameters["vocabulary_size"]) - FIRST_WORD])
    if data_input.form == "strings":
        inputs = keras.Input((), dtype="string", name="text")
        vectorise = keras.layers.TextVectorization(
            standardize="lower_and_strip_punctuation",
            split="whitespace" if data_input.split == "words" else "character",
            output_sequence_length=length,
            vocabulary=words,
            name="vectorise",
        )
        tokens = vectorise(inputs)
    else:
        inputs = keras.Input((None,), dtype="int32", name="word_indices")
        lookup = keras.layers.IntegerLookup(vocabulary=words, mask_token=0, oov_token=-1, name="vocabulary")
        tokens = lookup(_left_aligned(inputs, length))
    return keras.Model(inputs, network(_never_empty(tokens)), name=f"{network.name}_with_raw_input")


def _left_aligned(indices: Any, length: int) -> Any:
    """Return the first `length` words of each row, without padding before them, padded at the end."""
    from keras import ops

    padding = ops.cast(ops.equal(indices, 0), "int32")
    positions = ops.cumsum(ops.ones_like(indices), axis=1)
    order = ops.argsort(positions + padding * ops.max(positions), axis=1)
    cut = ops.take_along_axis(indices, order, axis=1)[:, :length]
    return ops.pad(cut, [[0, 0], [0, length]])[:, :length]


def _never_empty(tokens: Any) -> Any:
    """Return the tokens with one unknown word in empty texts: an LSTM has no output for a row of padding only."""
    from keras import ops

    empty = ops.cast(ops.logical_not(ops.any(ops.not_equal(tokens, 0), axis=1, keepdims=True)), tokens.dtype)
    first = ops.concatenate([empty, ops.zeros_like(tokens[:, 1:])], axis=1)
    return tokens + first
