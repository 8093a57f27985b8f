"""One training path: `run_trial`. Knows TensorFlow and not Ray; TensorFlow is imported on the first trial."""

from tuner.training.run_trial import run_trial
from tuner.training.state import TrainingState

__all__ = ["TrainingState", "run_trial"]
