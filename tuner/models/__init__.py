"""CNN and LSTM builders, own models, their description and cost. Keras is imported only where a network is built."""

from tuner.models.architecture import describe
from tuner.models.build import build, limit_tokens, with_raw_input
from tuner.models.estimate import Estimate, estimate

__all__ = ["Estimate", "build", "describe", "estimate", "limit_tokens", "with_raw_input"]
