"""CNN and LSTM builders, own models, their description and cost. Keras is imported only where a network is built."""

from tuner.models.architecture import describe, flat
from tuner.models.build import build, limit_tokens, with_raw_input
from tuner.models.estimate import Estimate, estimate
from tuner.models.hidden import Hidden, Kernels, kernels, open_up
from tuner.models.load import load_of

__all__ = [
    "Estimate",
    "Hidden",
    "Kernels",
    "build",
    "describe",
    "estimate",
    "flat",
    "kernels",
    "limit_tokens",
    "load_of",
    "open_up",
    "with_raw_input",
]
