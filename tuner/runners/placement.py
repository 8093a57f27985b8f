"""Which devices Ray reserves for a trial, and how the trial gets them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from math import ceil
from typing import Any

import ray
from ray import tune

from tuner.trial_spec import TrialSpec


def resources_of(config: Mapping[str, Any]) -> tune.PlacementGroupFactory:
    """Return what Ray reserves for the trial with this configuration."""
    allocation = config["allocation"]
    return tune.PlacementGroupFactory([{"CPU": allocation["cpus"], "GPU": allocation["gpus"]}])


def placed(trial: TrialSpec, cpus: float, gpus: float) -> TrialSpec:
    """Return the trial with the CPUs and GPUs that Ray reserved for it."""
    devices = trial.devices.model_copy(update={"gpus": gpus})
    return trial.model_copy(update={"threads": max(1, ceil(cpus)), "devices": devices})


def hide_unassigned_gpus() -> None:
    """Hide the node's GPUs from a worker without GPUs; due before TensorFlow is imported.

    Ray does so itself if RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO was set when the node was started, which is not certain.
    """
    if not ray.get_runtime_context().get_accelerator_ids().get("GPU"):
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
