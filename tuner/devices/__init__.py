"""Decides which devices a trial gets and how it uses them, and predicts what its training costs.

Pure arithmetic on plain values, without TensorFlow or Ray. `choose_allocation` returns a trial's CPUs and GPUs, or its
share of a GPU, before Ray Tune starts it. `choose_training_settings` returns, in the process that trains it, how many
of the visible devices it uses, in which precision, and compiled how. Both return their reasons, which the trial's
record keeps. `should_yield` returns whether a study must leave a worker's devices to another study.
"""

from tuner.devices.allocated import AllocatedDevices
from tuner.devices.allocation import Allocation, choose_allocation, twice_the_share
from tuner.devices.capacity import ClusterSize, Gpu, Node
from tuner.devices.epoch_cost import FittedRates, MeasuredEpochs, TrialLoad
from tuner.devices.fairness import Bundle, ResourceDemand, max_concurrent, should_yield
from tuner.devices.gpu_share import MOST_SHARING
from tuner.devices.scaling import Scaled, scaled
from tuner.devices.training_settings import TrainingSettings, choose_training_settings

__all__ = [
    "MOST_SHARING",
    "AllocatedDevices",
    "Allocation",
    "Bundle",
    "ClusterSize",
    "FittedRates",
    "Gpu",
    "MeasuredEpochs",
    "Node",
    "ResourceDemand",
    "Scaled",
    "TrainingSettings",
    "TrialLoad",
    "choose_allocation",
    "choose_training_settings",
    "max_concurrent",
    "scaled",
    "should_yield",
    "twice_the_share",
]
