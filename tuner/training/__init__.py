"""The one way to train: `run_trial`. Imports TensorFlow with the first trial, and never Ray."""

from tuner.training.run_trial import run_trial
from tuner.training.state import DamagedStateError, TrainingState

__all__ = ["DamagedStateError", "TrainingState", "run_trial"]
