"""Counts what a network predicts for the samples of each class, for the objectives that count every class alike, and
for figures."""

from __future__ import annotations

from typing import Any

import numpy as np

from tuner.class_counts import ClassCounts
from tuner.data import Array

NAME = "class_counts"
"""Name of the metric, and of its value in what Keras returns."""
ANSWERS = "answers"
"""Name of the predicted classes in what Keras returns."""


def prediction_counts(y: Any, probabilities: Any, counted: Any = None) -> Any:
    """Return a tensor of shape (2, classes): right predictions per class, and predictions per class.

    `y` are classes and `probabilities` of shape (samples, classes); only samples with `counted` 1, not 0, count.
    """
    from keras import ops

    answers = ops.argmax(probabilities, axis=-1)
    predicted = ops.one_hot(answers, probabilities.shape[-1], dtype="float32")
    if counted is not None:
        predicted = predicted * ops.cast(counted, "float32")[:, None]
    right = ops.cast(ops.equal(answers, ops.cast(y, answers.dtype)), "float32")
    return ops.stack([ops.sum(predicted * right[:, None], axis=0), ops.sum(predicted, axis=0)])


def confusion_counts(y: Any, probabilities: Any, counted: Any) -> Any:
    """Return `confusion` as a tensor; see `prediction_counts`."""
    from keras import ops

    classes = probabilities.shape[-1]
    true = ops.one_hot(ops.cast(y, "int32"), classes, dtype="float32") * ops.cast(counted, "float32")[:, None]
    predicted = ops.one_hot(ops.argmax(probabilities, axis=-1), classes, dtype="float32")
    return ops.matmul(ops.transpose(true), predicted)


def answer_in_validation(network: Any) -> None:
    """Make the network's test function return the predicted class of each sample too, under the name ANSWERS.

    To count them there would take longer, since more must be traced, and a metric would also count in each training
    step.
    """
    import tensorflow as tf

    plain_step, plain_metrics = network.test_step, network.compute_metrics

    def test_step(batch: Any) -> Any:
        def with_answers(x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
            return {**plain_metrics(x, y, y_pred, sample_weight=sample_weight), ANSWERS: tf.argmax(y_pred, axis=-1)}

        network.compute_metrics = with_answers
        try:
            return plain_step(batch)
        finally:
            network.compute_metrics = plain_metrics

    network.test_step = test_step


def confusion(y: Array, answers: Array, classes: int) -> Array:
    """Return the number of samples by class and by prediction, shape (classes, classes)."""
    return np.bincount(y.astype(np.int64) * classes + answers.astype(np.int64), minlength=classes**2).reshape(
        classes, classes
    )


def count_metric(classes: int) -> Any:
    """Return a Keras metric whose value is the sum of `prediction_counts` since its reset."""
    import keras

    class _PredictionCounts(keras.metrics.Metric):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(name=NAME)
            # Numbers of samples are exact in float32 up to 16 million.
            self._counts = self.add_weight(shape=(2, classes), initializer="zeros", dtype="float32")

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            self._counts.assign_add(prediction_counts(y_true, y_pred))

        def result(self) -> Any:
            return self._counts

    return _PredictionCounts()


def class_scores(counts: Array, y: Array) -> dict[str, float | None]:
    """Return the objectives of one validation, by their names, from its counts and the classes of its samples."""
    right, predicted = counts.astype(np.int64)
    scores = ClassCounts(right, predicted, np.bincount(y, minlength=len(right)))
    return {"val_balanced_accuracy": scores.balanced_accuracy, "val_macro_f1": scores.macro_f1}
