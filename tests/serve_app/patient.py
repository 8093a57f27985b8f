"""An own model that waits at each step: its study is always in the middle of an epoch, and leaves processors free.

Drivers read its space: they import no Keras for it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cache
from typing import Any

space = {"step_s": [0.02, 0.2, 0.5], "units": 8}


def build(hyperparameters: Mapping[str, Any], input_shape: tuple[int, ...], classes: int) -> Any:
    import keras

    return keras.Sequential(
        [
            keras.Input(input_shape),
            _patience()(hyperparameters["step_s"]),
            keras.layers.Flatten(),
            keras.layers.Dense(hyperparameters["units"], activation="relu"),
            keras.layers.Dense(classes, activation="softmax"),
        ]
    )


@cache
def _patience() -> Any:
    import keras
    import numpy as np
    import tensorflow as tf

    @keras.saving.register_keras_serializable("tests")
    class Patience(keras.layers.Layer):
        """Returns its inputs, in training after so many seconds."""

        def __init__(self, step_s: float, **options: Any) -> None:
            super().__init__(**options)
            self.step_s = step_s

        def call(self, inputs: Any, training: bool | None = None) -> Any:
            if not training:
                return inputs
            with tf.control_dependencies([tf.numpy_function(self._wait, [], tf.float32)]):
                return tf.identity(inputs)

        def _wait(self) -> np.float32:
            time.sleep(self.step_s)
            return np.float32(self.step_s)

        def compute_output_shape(self, input_shape: Any) -> Any:
            return input_shape

        def get_config(self) -> dict[str, Any]:
            return super().get_config() | {"step_s": self.step_s}

    return Patience
