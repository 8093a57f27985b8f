"""Builds the networks of every kind, describes them and estimates their cost. Imports Keras only to build a network."""

from tuner.models.architecture import flat_layers, network_architecture
from tuner.models.build import build, clipped_tokens, fit_to_texts, with_raw_input
from tuner.models.estimate import RECURRENT, estimate, training_load
from tuner.models.hidden_layers import HiddenLayer, KernelWeights, kernel_weights, with_hidden_outputs
from tuner.models.saved_form import check_saved_form, only_keras

__all__ = [
    "RECURRENT",
    "HiddenLayer",
    "KernelWeights",
    "build",
    "check_saved_form",
    "clipped_tokens",
    "estimate",
    "fit_to_texts",
    "flat_layers",
    "kernel_weights",
    "network_architecture",
    "only_keras",
    "training_load",
    "with_hidden_outputs",
    "with_raw_input",
]
