"""Batches for training and validation, as TensorFlow pipelines over whole arrays."""

from __future__ import annotations

from math import ceil
from typing import Any

from tuner.data import Array

EVALUATION_BATCH = 256


def training_batches(x: Array, y: Array, batch_size: int, seed: int, first_epoch: int, epochs: int) -> Any:
    """All batches of epochs `first_epoch` to `epochs` (from 1), one after the other.

    The order within an epoch depends on the seed and the number of the epoch alone, so that a resumed training sees the
    batches it would have seen. An epoch has `batches_per_epoch` batches; its last one may be smaller.
    """
    import tensorflow as tf

    samples, classes = tf.constant(x), tf.constant(y)

    def epoch_of_indices(epoch: Any) -> Any:
        order = tf.random.experimental.stateless_shuffle(tf.range(len(y), dtype=tf.int32), seed=(seed, epoch))
        return tf.data.Dataset.from_tensor_slices(order).batch(batch_size)

    def gather(indices: Any) -> Any:
        return tf.gather(samples, indices), tf.gather(classes, indices)

    every_epoch = tf.data.Dataset.range(first_epoch, epochs + 1, output_type=tf.int32)
    return every_epoch.flat_map(epoch_of_indices).map(gather).prefetch(2)


def evaluation_batches(x: Array, y: Array) -> Any:
    """All samples once, in order."""
    import tensorflow as tf

    return tf.data.Dataset.from_tensor_slices((x, y)).batch(EVALUATION_BATCH).cache()


def batches_per_epoch(samples: int, batch_size: int) -> int:
    """Batches that hold all samples once."""
    return ceil(samples / batch_size)
