"""Checks that need TensorFlow: they run in a worker, so that the driver stays light."""

from __future__ import annotations

import os
import sys

from tuner import models
from tuner.data import ImageInput, TextInput
from tuner.spec import TrialSpec


def builds(trial: TrialSpec, data_input: ImageInput | TextInput, classes: int, folder: str) -> None:
    """Build the trial's network once. Modules are looked for in `folder` first.

    Raises:
        FixInputError: an own model fails to build, or has the wrong output.
    """
    os.chdir(folder)
    sys.path.insert(0, folder)
    models.build(trial, data_input, classes)
