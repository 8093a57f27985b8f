"""CNN and LSTM builders, own models, their description and cost. Keras is imported only where a network is built."""

from tuner.models.architecture import describe, flat
from tuner.models.build import build, limit_tokens, with_raw_input
from tuner.models.device_load import load_of
from tuner.models.estimate import Estimate, estimate
from tuner.models.hidden_layers import HiddenLayer, KernelWeights, kernels, open_up

__all__ = [
    "Estimate",
    "HiddenLayer",
    "KernelWeights",
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
