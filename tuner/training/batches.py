"""Batches for training and validation, as TensorFlow pipelines over whole arrays."""

from __future__ import annotations

from math import ceil
from typing import Any

from tuner.data import Array
from tuner.training.augmentation import DRAWS, Augmentation

EVALUATION_BATCH = 256


def training_batches(
    x: Array,
    y: Array,
    batch_size: int,
    seed: int,
    first_epoch: int,
    epochs: int,
    augmentation: Augmentation | None = None,
) -> Any:
    """Return all batches of epochs `first_epoch` to `epochs` (from 1), one after the other.

    The order within an epoch, and how its samples are changed, depends on the seed and the number of the epoch alone,
    so that a resumed training sees the batches it would have seen. An epoch has `batches_per_epoch` batches; its last
    one may be smaller.
    """
    orders = _orders(len(y), batch_size, seed, first_epoch, epochs, augmentation)
    return _untuned(orders.map(_gather(x, y, augmentation)).prefetch(2))


def evaluation_batches(x: Array, y: Array) -> Any:
    """Return batches of all samples, once and in order."""
    import tensorflow as tf

    return _untuned(tf.data.Dataset.from_tensor_slices((x, y)).batch(EVALUATION_BATCH).cache())


def training_parts(
    x: Array,
    y: Array,
    batch_size: int,
    seed: int,
    first_epoch: int,
    epochs: int,
    replicas: int,
    augmentation: Augmentation | None = None,
) -> Any:
    """Return the batches of `training_batches`, each as `replicas` elements: see `_parts`."""
    orders = _orders(len(y), batch_size, seed, first_epoch, epochs, augmentation)
    return _parts(orders, _gather(x, y, augmentation), replicas)


def evaluation_parts(x: Array, y: Array, replicas: int) -> Any:
    """Return the batches of `evaluation_batches`, each as `replicas` elements: see `_parts`."""
    import tensorflow as tf

    orders = tf.data.Dataset.range(len(y), output_type=tf.int32).batch(EVALUATION_BATCH)
    with_no_draws = _unconverted(lambda indices: (indices, tf.zeros([tf.size(indices), 0])))
    return _parts(orders.map(with_no_draws), _gather(x, y), replicas)


def batches_per_epoch(samples: int, batch_size: int) -> int:
    """Return the number of batches of one epoch; the last one may be smaller."""
    return ceil(samples / batch_size)


def _orders(
    samples: int, batch_size: int, seed: int, first_epoch: int, epochs: int, augmentation: Augmentation | None
) -> Any:
    """Return for each batch the indices of its samples, and random numbers of shape (samples of the batch, DRAWS)."""
    import tensorflow as tf

    draws = DRAWS if augmentation else 0

    def epoch_of_indices(epoch: Any) -> Any:
        order = tf.random.experimental.stateless_shuffle(tf.range(samples, dtype=tf.int32), seed=(seed, epoch))
        drawn = tf.random.stateless_uniform((samples, draws), seed=(epoch, seed))
        return tf.data.Dataset.from_tensor_slices((order, drawn)).batch(batch_size)

    every_epoch = tf.data.Dataset.range(first_epoch, epochs + 1, output_type=tf.int32)
    return every_epoch.flat_map(_unconverted(epoch_of_indices))


def _gather(x: Array, y: Array, augmentation: Augmentation | None = None) -> Any:
    """Return a function from indices and random numbers to samples, changed by them, and classes."""
    import tensorflow as tf

    with tf.device("CPU:0"):  # else TensorFlow keeps all data on a GPU, where the pipeline does not read it
        samples, classes = tf.constant(x), tf.constant(y)

    def gather(indices: Any, draws: Any) -> Any:
        chosen = tf.gather(samples, indices)
        return augmentation(chosen, draws) if augmentation else chosen, tf.gather(classes, indices)

    return _unconverted(gather)


def _parts(orders: Any, gather: Any, replicas: int) -> Any:
    """Return each batch as `replicas` consecutive elements (samples, classes, weights), as equal in size as possible.

    The weights of a batch sum to 1, so that the sum of all weighted losses is the batch's mean loss, also where its
    parts are of different sizes. A last batch with fewer samples than replicas is in each part as a whole, and the
    samples of other parts have weight 0: no layer receives an empty batch, and batch normalisation sees each sample
    equally often.
    """
    import tensorflow as tf

    def parts(indices: Any, draws: Any) -> Any:
        size = tf.size(indices)

        def part(replica: Any) -> Any:
            begin, end = replica * size // replicas, (replica + 1) * size // replicas
            whole = size < replicas
            chosen = slice(tf.where(whole, 0, begin), tf.where(whole, size, end))
            samples, classes = gather(indices[chosen], draws[chosen])
            place = tf.range(size)[chosen]
            own = tf.logical_and(place >= begin, place < end)
            return samples, classes, tf.where(own, 1.0 / tf.cast(size, tf.float32), 0.0)

        return tf.data.Dataset.range(replicas, output_type=tf.int32).map(part)

    return _untuned(orders.flat_map(_unconverted(parts)).prefetch(2 * replicas))


def _untuned(dataset: Any) -> Any:
    """Return the dataset without TensorFlow's tuning of pipelines, which has nothing to choose here.

    Its thread looks after 0.01, 0.02, 0.04, ... 5, 10, 20 s, and the end of a training waits for its next look: a
    trial of 11 s occupied its worker for 20 s.
    """
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)


def _unconverted(function: Any) -> Any:
    """Return a function of a pipeline that TensorFlow traces as it is.

    Else AutoGraph rewrites it first, for control flow that it does not have. That takes longer than the tracing, and a
    worker that is killed leaves the rewritten source in the system's temporary folder.
    """
    import tensorflow as tf

    return tf.autograph.experimental.do_not_convert(function)
