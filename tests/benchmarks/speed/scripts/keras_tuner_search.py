"""KerasTuner's Hyperband or Bayesian optimization over a space as its documentation builds one, until a trial reaches
the target: `python keras_tuner_search.py hyperband ...`.

The space is that of `bench_results`; batches have KerasTuner's default size.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import Any

import keras
import keras_tuner as kt
from mnist_task import options, samples, say

from tests.benchmarks.accuracy.networks import kerastuners_network
from tuner.data import ImageInput

MAX_EPOCHS, FACTOR, PATIENCE = 10, 3, 5
"""Those of TensorFlow's tutorial on KerasTuner."""
MANY = 1_000
"""Brackets of Hyperband, or trials: more than the time allows."""
PIXELS = ImageInput(28, 28, 1, scale=1 / 255, offset=0.0)

asked = options("hyperband", "bayesian")
data = samples(asked.mnist, asked.split)
keras.utils.set_random_seed(asked.seed)
bests = [0.0]


class UntilTarget(keras.callbacks.Callback):  # type: ignore[misc]
    """Ends the process after the epoch that reaches the target, and the search after the time limit."""

    def on_train_begin(self, logs: Any = None) -> None:
        if time.time() > asked.until:
            raise kt.errors.FatalError("the time limit has passed")  # the search goes on after any other error

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if time.time() > asked.until:
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        bests.append(float(logs["val_accuracy"]))
        if bests[-1] >= asked.target:
            say(at=time.time(), best=max(bests))
            os._exit(0)


common = {
    "hypermodel": lambda hp: kerastuners_network(hp, PIXELS, classes=10),
    "objective": "val_accuracy",
    "seed": asked.seed,
    "directory": asked.folder,
    "project_name": asked.method,
}
searches = {
    "hyperband": lambda: kt.Hyperband(max_epochs=MAX_EPOCHS, factor=FACTOR, hyperband_iterations=MANY, **common),
    "bayesian": lambda: kt.BayesianOptimization(max_trials=MANY, **common),
}
with suppress(kt.errors.FatalError):
    searches[asked.method]().search(
        data["x_train"],
        data["y_train"],
        validation_data=(data["x_validation"], data["y_validation"]),
        callbacks=[UntilTarget(), keras.callbacks.EarlyStopping("val_loss", patience=PATIENCE)],
        epochs=MAX_EPOCHS,  # Hyperband sets its own
        verbose=0,
    )
say(at=None, best=max(bests))
