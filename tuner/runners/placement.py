"""How a trial comes to the devices that Ray reserved for it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from math import ceil
from typing import Any

import ray
from ray import tune

from tuner.spec import TrialSpec


def resources_of(config: Mapping[str, Any]) -> tune.PlacementGroupFactory:
    """What Ray reserves for the trial with this configuration."""
    allocation = config["allocation"]
    return tune.PlacementGroupFactory([{"CPU": allocation["cpus"], "GPU": allocation["gpus"]}])


def placed(trial: TrialSpec, cpus: float, gpus: float) -> TrialSpec:
    """The trial as it trains here, on what Ray reserved for it."""
    devices = trial.devices.model_copy(update={"gpus": gpus})
    return trial.model_copy(update={"threads": max(1, ceil(cpus)), "devices": devices})


def see_no_more_gpus_than_given() -> None:
    """Hide the GPUs of a node from a worker that was given none, before TensorFlow looks for them.

    Ray does so itself where RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO was set when its node was started, which is not sure.
    """
    if not ray.get_runtime_context().get_accelerator_ids().get("GPU"):
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
