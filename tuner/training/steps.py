"""Steps of training and validation on one device, by Keras's own functions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tuner.data import Array
from tuner.training.augmentation import Augmentation
from tuner.training.batches import evaluation_batches, training_batches
from tuner.training.class_scores import ANSWERS, NAME, answer_in_validation, confusion


class SingleDeviceSteps:
    """Runs the steps of one training in their order, and its validations, on the first device that TensorFlow sees.

    `network` is compiled; `train` and `validation` are samples as it takes them, and their classes; `order` is the
    batch size, seed, first epoch and number of epochs. `per_call` is the largest number of steps of one call.
    `with_confusion`: whether each validation has a confusion matrix.
    """

    def __init__(
        self,
        network: Any,
        train: tuple[Array, Array],
        validation: tuple[Array, Array],
        order: tuple[int, int, int, int],
        steps_per_execution: int,
        augmentation: Augmentation | None = None,
        with_confusion: bool = False,
    ) -> None:
        self._network, self.per_call = network, steps_per_execution
        classes = network.outputs[0].shape[-1]
        # Metrics create their variables at first use, which would trace the training function twice.
        network.compute_metrics(None, np.zeros(1, np.int32), np.zeros((1, classes), np.float32))
        if with_confusion:
            answer_in_validation(network)
        network.make_train_function()
        network.make_test_function()
        self._batches = iter(training_batches(*train, *order, augmentation))
        self._validation, self._validated = evaluation_batches(*validation), validation[1]
        self._classes = classes
        self._logs: dict[str, Any] = {}
        self._counts: Any = None
        self._answers: list[Array] = []

    def begin(self) -> None:
        """Reset the metrics."""
        self._network.reset_metrics()

    def train(self, steps: int) -> None:
        """Run the next steps: 1, or `per_call` together."""
        # A list of one batch is one step, whatever the number of steps that the function was made for.
        one = self.per_call > 1 and steps == 1
        self._logs = self._network.train_function([next(self._batches)] if one else self._batches)

    def validate(self) -> Iterator[int]:
        """Run all validation samples, batch by batch, and yield the size of each batch."""
        self._answers = []
        for batch in self._validation:
            logs = self._network.test_function([batch])
            if (answers := logs.pop(ANSWERS, None)) is not None:
                self._answers.append(answers.numpy())
            self._counts = logs.pop(NAME, None)
            self._logs = {name: float(value) for name, value in logs.items()}
            yield len(batch[1])

    def metrics(self) -> tuple[float, float]:
        """Return the mean loss and accuracy since `begin`."""
        return float(self._logs["loss"]), float(self._logs["accuracy"])

    def class_counts(self) -> Array:
        """Return the `prediction_counts` of the latest validation; the network was compiled with `count_metric`."""
        return np.asarray(self._counts)

    def confusion(self) -> Array | None:
        """Return the samples of the latest validation by class and by prediction; None: not `with_confusion`."""
        if not self._answers:
            return None
        return confusion(self._validated, np.concatenate(self._answers), self._classes)
