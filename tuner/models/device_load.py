"""The load of a trial, from which its devices are chosen and its cost is predicted."""

from __future__ import annotations

from collections.abc import Mapping

from tuner.data import ImageInput, TextInput
from tuner.devices.epoch_cost import TrialLoad
from tuner.events import Scalar
from tuner.models.estimate import estimate


def training_load(
    architecture: str,
    hyperparameters: Mapping[str, Scalar],
    data_input: ImageInput | TextInput,
    classes: int,
    samples: int,
    validation_samples: int = 0,
) -> TrialLoad | None:
    """The load of a training on this many samples; None for an own model, which is known only once it is built."""
    if architecture == "own":
        return None
    cost = estimate(architecture, hyperparameters, data_input, classes)
    return TrialLoad(
        parameters=cost.parameters,
        memory_bytes=cost.memory_bytes,
        flops=cost.flops,
        steps=cost.steps,
        batch_size=int(hyperparameters["batch_size"]),
        samples=samples,
        epochs=int(hyperparameters["epochs"]),
        validation_samples=validation_samples,
    )
