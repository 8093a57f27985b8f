"""Trains trials on this cluster in Ray tasks, for callers that reserve no CPUs themselves.

CPUs are reserved only while a trial trains. Ray reuses the process of a task for the next one, so TensorFlow is
imported once per process, not once per trial.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import Any

import ray
from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

from tuner.data import Data
from tuner.events import EpochProgress, TrialComplete
from tuner.models.keras_settings import prepare_environment
from tuner.models.own import OwnSource
from tuner.ray_internals import ONE_RESULT_AHEAD
from tuner.runners.checkpoints import Checkpoints
from tuner.runners.live_progress import ProgressReporter
from tuner.runners.local_training import LocalTraining
from tuner.runners.placement import hide_unassigned_gpus, placed
from tuner.training import run_trial
from tuner.trial_spec import TrialSpec

INTERVAL_S = 0.5
"""Time between two calls of `waiting`."""


def steps(
    trial: TrialSpec,
    data: Any,
    live_progress: Any,
    states: str,
    own_source: OwnSource | None,
    why_local: str,
    resources: Mapping[str, float],
    waiting: Callable[[], None],
) -> Iterator[dict[str, Any]]:
    """Train a trial with these resources once they are free, and yield the results for Ray Tune, step by step.

    Closing the iterator ends the training.

    Args:
        data: Reference to the study's Data.
        waiting: Called about twice a second while there is no result; may raise, which ends the training.
    """
    results = _task(resources, num_returns="streaming", **ONE_RESULT_AHEAD)(_train).remote(
        trial, data, live_progress, states, own_source, why_local, resources
    )
    done = False
    try:
        while not done:
            while not ray.wait([results], timeout=INTERVAL_S)[0]:
                waiting()
            step = ray.get(next(results))
            done = step["done"]
            yield step
    finally:
        if not done:
            ray.cancel(results)


def train_again(
    trial: TrialSpec,
    data: Any,
    own_source: OwnSource | None,
    upto: int,
    resources: Mapping[str, float],
    states: str | None = None,
) -> Any:
    """Start to train a trial again up to an epoch; return a Ray reference to its epochs, as JSON values.

    With `states`, its state after the last of them is saved there, and a training that ends before is an error.
    """
    return _task(resources)(_train_again).remote(trial, data, own_source, upto, resources, states)


def refit(
    trial: TrialSpec, data: Any, own_source: OwnSource | None, upto: int, resources: Mapping[str, float], states: str
) -> Any:
    """Start to train a trial on training and validation data together for `upto` epochs; return a Ray reference.

    Its state is saved in `states`, with the weights of the last epoch as the best ones: no data are left to find a
    better epoch. A training that ends before is an error.
    """
    trial = trial.model_copy(update={"early_stopping_patience": None, "health": None})
    return _task(resources)(_train_again).remote(trial, data, own_source, upto, resources, states, whole=True)


def _task(resources: Mapping[str, float], **options: Any) -> Any:
    """Return a decorator that makes a Ray task, outside the caller's placement group, which has no CPUs."""
    return ray.remote(
        num_cpus=resources.get("CPU", 0),
        num_gpus=resources.get("GPU", 0),
        max_retries=0,
        scheduling_strategy=PlacementGroupSchedulingStrategy(placement_group=None),
        **options,
    )


def _train(
    trial: TrialSpec,
    data: Data,
    live_progress: Any,
    states: str,
    own_source: OwnSource | None,
    why_local: str,
    resources: Mapping[str, float],
) -> Iterator[dict[str, Any]]:
    trial = _prepared(trial, own_source, resources)
    training = LocalTraining(trial, data, ProgressReporter(live_progress), Checkpoints(states), why_local=why_local)
    with closing(training):
        done = False
        while not done:
            step = training.step()
            done = step["done"]
            yield step


def _train_again(
    trial: TrialSpec,
    data: Data,
    own_source: OwnSource | None,
    upto: int,
    resources: Mapping[str, float],
    states: str | None,
    *,
    whole: bool = False,
) -> list[dict[str, Any]]:
    trial = _prepared(trial, own_source, resources)
    epochs: list[dict[str, Any]] = []
    with closing(run_trial(trial, data.whole if whole else data, keep_last=whole)) as events:
        for event in events:
            if isinstance(event, EpochProgress):
                epochs.append(event.model_dump(mode="json"))
                if event.last or event.epoch >= upto:
                    if states is not None:
                        assert event.snapshot is not None
                        checkpoints = Checkpoints(states)
                        checkpoints.save(trial.trial_number, event.snapshot())
                        checkpoints.wait()
                    break
            if isinstance(event, TrialComplete) and states is not None:
                raise RuntimeError(f"trial {trial.trial_number} could not be trained again: {event.reason}")
    return epochs


def _prepared(trial: TrialSpec, own_source: OwnSource | None, resources: Mapping[str, float]) -> TrialSpec:
    """Prepare this process for a training; return the trial with the devices that Ray reserved."""
    if own_source is not None:
        own_source.install()
    hide_unassigned_gpus()
    prepare_environment()
    return placed(trial, resources.get("CPU", 0), resources.get("GPU", 0))
