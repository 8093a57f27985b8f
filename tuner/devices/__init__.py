"""Which devices a trial gets and how it uses them, decided by arithmetic: knows neither TensorFlow nor Ray.

Two questions, asked in two places. Whoever places a trial asks `decide`: how many CPUs and GPUs, or what share of
one. Whoever trains it, there or on a machine of its own, asks `settle`: on how many of the devices it sees, in which
precision, compiled how. Both answer with their reasons, which the trial's record keeps. Whether a study is to leave a
place to another one says `should_yield`.
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
