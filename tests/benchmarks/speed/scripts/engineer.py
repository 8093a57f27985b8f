"""The script of an engineer who knows a good network: trains it until it reaches the target."""

from __future__ import annotations

import time
from typing import Any

import keras
from mnist_task import options, samples, say
from small_network import compiled_network

asked = options()
data = samples(asked.mnist, asked.split)
keras.utils.set_random_seed(asked.seed)


class UntilTarget(keras.callbacks.Callback):  # type: ignore[misc]
    """Ends the training after the epoch that reaches the target, or after the time limit."""

    at: float | None = None
    best = 0.0

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.best = max(self.best, logs["val_accuracy"])
        if logs["val_accuracy"] >= asked.target:
            self.at = time.time()
        if self.at is not None or time.time() > asked.until:
            self.model.stop_training = True


until_target = UntilTarget()
compiled_network(1e-3).fit(
    data["x_train"],
    data["y_train"],
    batch_size=64,
    epochs=1_000_000,
    validation_data=(data["x_validation"], data["y_validation"]),
    callbacks=[until_target],
    verbose=0,
)
say(at=until_target.at, best=until_target.best)
