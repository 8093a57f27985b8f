"""The networks of the space that tuner had in November 2026, for the peers that search it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tuner.data import ImageInput

PIXELS = ImageInput(28, 28, 1, scale=1 / 255, offset=0.0)


def compiled_network(hyperparameters: Mapping[str, Any]) -> Any:
    """The network of a configuration, built by tuner, with its optimizer."""
    from tests.benchmarks.accuracy.former_space import EPOCHS
    from tuner import models
    from tuner.data_spec import DataSpec
    from tuner.training.optimizers import make_optimizer
    from tuner.trial_spec import TrialSpec

    trial = TrialSpec(
        study="peer",
        trial_number=1,
        data=DataSpec(),
        architecture="cnn",
        hyperparameters=dict(hyperparameters),
        objective="val_accuracy",
        epochs=EPOCHS,
    )
    network = models.build(trial, PIXELS, 10)
    network.compile(
        make_optimizer(hyperparameters, hyperparameters["learning_rate"], recurrent=False),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return network
