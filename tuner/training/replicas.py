"""Steps of training and validation on several devices under a MirroredStrategy.

Keras's own training step averages the results of the replicas, which is wrong if their parts of a batch differ in size,
and clips gradients before it sums them. Here the loss is the mean over the whole batch, its gradient is summed
over all replicas and then clipped, and batch normalisation takes the statistics of the whole batch: up to rounding, a
step does what one device does with the same batch. Only dropout differs: each replica draws its own masks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tuner.data import Array
from tuner.training.augmentation import Augmentation
from tuner.training.batches import EVALUATION_BATCH, evaluation_parts, training_parts
from tuner.training.class_scores import confusion_counts, prediction_counts

SEEDS_APART = 7_919
"""Difference between the dropout seeds of two replicas."""


class MirroredSteps:
    """The steps of `SingleDeviceSteps`, on all devices of a strategy together.

    The network and its optimizer were created in the strategy's scope, and it was compiled with a loss function of
    single samples; the batch size is that of all replicas together.
    """

    per_call = 1

    def __init__(
        self,
        strategy: Any,
        network: Any,
        train: tuple[Array, Array],
        validation: tuple[Array, Array],
        order: tuple[int, int, int, int],
        augmentation: Augmentation | None = None,
        with_confusion: bool = False,
    ) -> None:
        import tensorflow as tf

        self._strategy, self._network = strategy, network
        optimizer = network.optimizer
        self._clip_norm, optimizer.global_clipnorm = optimizer.global_clipnorm, None
        count = strategy.num_replicas_in_sync
        training = training_parts(*train, *order, count, augmentation)
        self._batches = iter(strategy.distribute_datasets_from_function(lambda _: training))
        self._validation = strategy.distribute_datasets_from_function(lambda _: evaluation_parts(*validation, count))
        self._samples = len(validation[1])
        self._train = tf.function(self._train_all)
        self._test = tf.function(self._test_all)
        self._sums: Any = None
        self._counts: Any = None
        self._with_confusion = with_confusion
        self._confusion: Any = None

    def begin(self) -> None:
        self._sums = self._counts = self._confusion = None

    def train(self, steps: int) -> None:
        self._add(self._train(self._batches))

    def validate(self) -> Iterator[int]:
        for start, batch in zip(range(0, self._samples, EVALUATION_BATCH), self._validation, strict=True):
            sums, counts, *confusion = self._test(batch)
            self._add(sums)
            self._counts = counts if self._counts is None else self._counts + counts
            for part in confusion:
                self._confusion = part if self._confusion is None else self._confusion + part
            yield min(EVALUATION_BATCH, self._samples - start)

    def metrics(self) -> tuple[float, float]:
        loss, correct, count = map(float, self._sums.numpy())
        return loss / count, correct / count

    def class_counts(self) -> Array:
        counts: Array = self._counts.numpy()
        return counts

    def confusion(self) -> Array | None:
        return None if self._confusion is None else self._confusion.numpy().astype(np.int64)

    def _add(self, sums: Any) -> None:
        self._sums = sums if self._sums is None else self._sums + sums

    def _train_all(self, batches: Any) -> Any:
        return self._summed(self._strategy.run(self._train_replica, args=(next(batches),)))

    def _test_all(self, batch: Any) -> Any:
        return tuple(map(self._summed, self._strategy.run(self._test_replica, args=(batch,))))

    def _summed(self, sums: Any) -> Any:
        import tensorflow as tf

        return self._strategy.reduce(tf.distribute.ReduceOp.SUM, sums, axis=None)

    def _train_replica(self, batch: Any) -> Any:
        import tensorflow as tf

        x, y, weights = batch
        variables = self._network.trainable_variables
        with tf.GradientTape() as tape:
            probabilities = self._network(x, training=True)
            losses = self._losses(y, probabilities)
            # The weights of all replicas sum to 1, so the penalties in every sample's loss count once.
            loss = tf.reduce_sum(losses * weights)
        gradients = tape.gradient(loss, variables)
        if self._clip_norm is not None:
            context = tf.distribute.get_replica_context()
            summed = context.all_reduce(tf.distribute.ReduceOp.SUM, gradients)
            clipped, _ = tf.clip_by_global_norm(summed, self._clip_norm)
            gradients = [tf.convert_to_tensor(part) / context.num_replicas_in_sync for part in clipped]
        self._network.optimizer.apply(gradients, variables)  # sums over the replicas
        return _sums(losses, y, probabilities, weights)

    def _test_replica(self, batch: Any) -> Any:
        x, y, weights = batch
        probabilities = self._network(x, training=False)
        sums = _sums(self._losses(y, probabilities), y, probabilities, weights)
        confusion = (confusion_counts(y, probabilities, weights > 0),) if self._with_confusion else ()
        return sums, prediction_counts(y, probabilities, weights > 0), *confusion

    def _losses(self, y: Any, probabilities: Any) -> Any:
        """Return the loss of each sample plus the network's own penalties."""
        return self._network.loss(y, probabilities) + sum(self._network.losses)


def share_batch_statistics(network_layers: Iterator[Any]) -> None:
    """Make batch normalisation use the statistics of all replicas' samples together."""
    import keras

    for layer in network_layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.synchronized = True


def spread_seeds(strategy: Any, network: Any) -> None:
    """Give each replica its own random seeds; the first replica keeps its seeds.

    Must be repeated after the seeds were assigned, which makes them equal on all replicas.
    """
    import tensorflow as tf

    states = [variable.value for variable in network.variables if variable.path.endswith("seed_generator_state")]

    def spread() -> None:
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        for state in states:
            own = tf.cast(tf.stack([SEEDS_APART * replica, 0]), state.dtype)
            state.assign(state + own)

    if states:
        strategy.run(spread)


def _sums(losses: Any, y: Any, probabilities: Any, weights: Any) -> Any:
    """Return the sum of the losses, the number of correct predictions and the number of samples."""
    import tensorflow as tf

    counted = tf.cast(weights > 0, tf.float32)
    right = tf.cast(tf.equal(tf.argmax(probabilities, axis=-1, output_type=tf.int32), tf.cast(y, tf.int32)), tf.float32)
    return tf.stack([tf.reduce_sum(part) for part in (losses * counted, right * counted, counted)])
