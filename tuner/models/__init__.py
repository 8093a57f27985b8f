"""CNN and LSTM builders, own models, their description and cost. Keras is imported only where a network is built."""

from tuner.models.architecture import describe
from tuner.models.build import build, limit_tokens, with_raw_input
from tuner.models.estimate import Estimate, estimate
from tuner.models.hidden import Hidden, Kernels, kernels, open_up

__all__ = [
    "Estimate",
    "Hidden",
    "Kernels",
    "build",
    "describe",
    "estimate",
    "kernels",
    "limit_tokens",
    "open_up",
    "with_raw_input",
]
