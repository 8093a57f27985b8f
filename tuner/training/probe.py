"""Measures the activations, gradients and updates of a training, layer by layer.

It does not change the training: the network runs as for prediction (no dropout, no normalisation by the batch), and no
random number is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from tuner import models
from tuner.data import PADDING, Array
from tuner.events import LayerHealth
from tuner.health.units import unit_statistics
from tuner.models import HiddenLayer

BATCH = 64
"""Samples that are measured after an epoch."""

BATCHES = 8
"""Batches that are measured at the end of a trial."""

PLACES = 25
"""Places of an image or text at which a unit's output is read; an active unit is active at some of 64 x 25."""

FEWEST_OUTPUTS = 16
"""Outputs of a unit that are needed to judge it."""


class Probe:
    """Measures a network on up to 512 validation samples (x as it takes them, classes y), drawn by the seed."""

    def __init__(self, network: Any, x: Array, y: Array, seed: int) -> None:
        import tensorflow as tf

        drawn = np.random.default_rng(seed).permutation(len(y))[: BATCH * BATCHES]
        self._batches = [
            (tf.constant(x[drawn[start : start + BATCH]]), tf.constant(y[drawn[start : start + BATCH]]))
            for start in range(0, len(drawn), BATCH)
        ]
        self._opened, self._hidden = models.with_hidden_outputs(network)
        self.recurrent = any(layer.recurrent for layer in self._hidden)
        """Whether it is compiled for the first measurement too."""
        self._kernels = models.kernel_weights(network)
        self._seed = seed
        # For any number of samples, so that a smaller batch does not compile it again.
        signature = [tf.TensorSpec((None, *part.shape[1:]), part.dtype) for part in self._batches[0]]
        self._compiled = tf.function(self._measured, input_signature=signature)
        self._before: list[list[Array]] = []
        self._updates = [0.0] * len(self._kernels)

    def before_step(self, *, first: bool) -> None:
        """Remember the weights, so that `after_step` measures the change; the `first` step of an epoch resets it."""
        if first:
            self._updates = [0.0] * len(self._kernels)
        self._before = [[variable.numpy() for variable in layer.variables] for layer in self._kernels]

    def after_step(self) -> None:
        """Compare with the remembered weights; keep the largest relative change since the first step."""
        for index, (layer, before) in enumerate(zip(self._kernels, self._before, strict=True)):
            change = _norm([variable.numpy() - old for variable, old in zip(layer.variables, before, strict=True)])
            size = _norm(before)
            self._updates[index] = max(self._updates[index], change / size if size > 0 else 0.0)
        self._before = []

    def measure(self, *, thorough: bool = False, first: bool = False) -> tuple[float | None, list[LayerHealth]]:
        """Return the norm of the loss's gradient over all kernels (None if not finite), and each layer with kernels.

        A `thorough` measurement uses all samples instead of 64. The `first` epoch, which is the last one of most trials
        under ASHA, is measured without compiling, which takes four times as long, unless the network is recurrent.
        """
        measured = self._measured if first and not self.recurrent else self._compiled
        results = [measured(x, y) for x, y in (self._batches if thorough else self._batches[:1])]
        outputs = [[result[0][index].numpy() for result in results] for index in range(len(self._hidden))]
        squares = np.mean([[float(square) for square in result[1]] for result in results], axis=0)
        sizes = np.mean([[float(size) for size in result[2]] for result in results], axis=0)
        units = {
            layer.layer_id: unit_statistics(np.concatenate(parts), layer.activation)
            for layer, parts in zip(self._hidden, outputs, strict=True)
            if sum(map(len, parts)) >= FEWEST_OUTPUTS
        }
        layers = []
        for layer, square, size, update in zip(self._kernels, squares, sizes, self._updates, strict=True):
            found = units.get(layer.layer_id)
            layers.append(
                LayerHealth(
                    layer_id=layer.layer_id,
                    units=found and found.count,
                    dead=found and found.dead,
                    saturated=found and found.saturated,
                    gradient=_root(square / max(size, 1.0)),
                    update=_finite(update),
                )
            )
        return _root(float(np.sum(squares))), layers

    def _measured(self, x: Any, y: Any) -> tuple[list[Any], list[Any], list[Any]]:
        """Return the outputs of each hidden layer, shape (places, units), and for each layer with kernels the sum of
        its squared gradients and the number of its weights (of an embedding: for the words that occur)."""
        import keras
        import tensorflow as tf

        variables = [variable.value for layer in self._kernels for variable in layer.variables]
        with tf.GradientTape() as tape:
            outputs = self._opened(x, training=False)
            *answers, probabilities = outputs if isinstance(outputs, (list, tuple)) else [outputs]
            loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(y, probabilities))
        gradients = iter(tape.gradient(loss, variables))
        squares, sizes = [], []
        for layer in self._kernels:
            parts = [next(gradients) for _ in layer.variables]
            known = [part.values if isinstance(part, tf.IndexedSlices) else part for part in parts if part is not None]
            squares.append(tf.add_n([tf.reduce_sum(tf.square(part)) for part in known]) if known else tf.zeros(()))
            sizes.append(tf.cast(sum(tf.size(part) for part in known), tf.float32) if known else tf.ones(()))
        places = [self._places(layer, one, x) for layer, one in zip(self._hidden, answers, strict=True)]
        return [tf.cast(one, tf.float32) for one in places], squares, sizes  # in mixed precision they have 16 bits

    def _places(self, layer: HiddenLayer, answers: Any, x: Any) -> Any:
        """Return the outputs at some places of each sample, shape (samples * places, units), without padding."""
        import tensorflow as tf

        if len(answers.shape) == 2:
            return answers
        count, units = math.prod(answers.shape[1:-1]), answers.shape[-1]
        if layer.recurrent and x.dtype == tf.int32:
            words = tf.boolean_mask(answers, x != PADDING)
            return words[:: tf.maximum(1, tf.shape(words)[0] // (BATCH * PLACES))]
        places = np.sort(np.random.default_rng(self._seed).permutation(count)[:PLACES])
        return tf.reshape(tf.gather(tf.reshape(answers, (-1, count, units)), places, axis=1), (-1, units))


def _norm(arrays: Sequence[Array]) -> float:
    return math.sqrt(sum(float(np.sum(np.square(array, dtype=np.float64))) for array in arrays))


def _root(square: float) -> float | None:
    return _finite(math.sqrt(square)) if square >= 0 else None


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
