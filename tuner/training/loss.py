"""The loss that a trial trains with: cross-entropy, with smoothed labels and weighted classes where its spec asks.

Only its gradient is smoothed and weighted. Its value is the plain cross-entropy, so that trials with different settings
can be compared, and every loss that is reported, stored or diagnosed means the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tuner.data import Array
from tuner.trial_spec import TrialSpec


def training_loss(trial: TrialSpec, y: Array, classes: int) -> Callable[[Any, Any], Any]:
    """Return a function of classes, shape (samples,), and probabilities, (samples, classes), to losses, (samples,).

    Args:
        y: Classes of the training samples, whose frequencies decide the weights.
    """
    import keras

    smoothing = float(trial.hyperparameters.get("label_smoothing", 0.0))
    weights = balanced_weights(y, classes) if trial.class_weight == "auto" else None
    plain_loss: Callable[[Any, Any], Any] = keras.losses.sparse_categorical_crossentropy
    if not smoothing and weights is None:
        return plain_loss

    def loss(labels: Any, probabilities: Any) -> Any:
        from keras import ops

        labels = ops.cast(labels, "int32")
        plain = plain_loss(labels, probabilities)
        trained = plain
        if smoothing:
            targets = ops.one_hot(labels, classes)
            trained = keras.losses.categorical_crossentropy(targets, probabilities, label_smoothing=smoothing)
        if weights is not None:
            trained = trained * ops.take(ops.convert_to_tensor(weights), labels)
        # The difference is 0, or NaN if the trained loss is not finite; its gradient is that of the trained loss.
        return ops.stop_gradient(plain) + (trained - ops.stop_gradient(trained))

    return loss


def balanced_weights(y: Array, classes: int) -> Array:
    """Return a weight per class: samples / (classes * samples of the class), as scikit-learn's "balanced".

    Every class then has the same sum of weights, and their mean over the samples is 1 (King and Zeng, Logistic
    Regression in Rare Events Data, 2001). A class without samples gets the largest weight; nothing uses it.
    """
    counts = np.maximum(np.bincount(y, minlength=classes), 1)
    return (len(y) / (classes * counts)).astype(np.float32)
