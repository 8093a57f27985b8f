"""Checks that need TensorFlow: they run in a worker, so that the driver stays light."""

from __future__ import annotations

from tuner import models
from tuner.data import ImageInput, TextInput
from tuner.models import own
from tuner.models.keras_settings import import_keras
from tuner.spec import TrialSpec


def check_model_builds(trial: TrialSpec, data_input: ImageInput | TextInput, classes: int, folder: str | None) -> None:
    """Build the trial's network once; an own model's module is in `folder`."""
    import_keras()
    own.append_module_folder(folder)
    models.build(trial, data_input, classes)
