"""Training on this cluster for somebody who only waits: Ray tasks, so that CPUs are taken only while one trains.

Ray keeps the process of a task and gives it the next one: TensorFlow is loaded once per process, not once per trial.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import ray
from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

from tuner.data import Data
from tuner.events import EpochProgress, TrialComplete
from tuner.models import own
from tuner.ray_internals import ONE_RESULT_AHEAD
from tuner.runners.checkpoints import Checkpoints
from tuner.runners.live_progress import ProgressReporter
from tuner.runners.local_training import LocalTraining
from tuner.runners.placement import placed, see_no_more_gpus_than_given
from tuner.spec import TrialSpec
from tuner.training import TrainingState, run_trial
from tuner.training.training_curve import TrainingCurve

LOOK_S = 0.5


def steps(
    trial: TrialSpec,
    data: Any,
    board: Any,
    states: str,
    module_folder: str | None,
    why_local: str,
    resources: Mapping[str, float],
    waiting: Callable[[], None],
) -> Iterator[dict[str, Any]]:
    """Train a trial with these resources once they are free, and give what Ray Tune is told of it, step by step.

    Closing the iterator ends the training.

    Args:
        data: Reference to the study's Data.
        waiting: Called about twice a second while there is nothing new; may raise, to end it.
    """
    told = _task(resources, num_returns="streaming", **ONE_RESULT_AHEAD)(_train).remote(
        trial, data, board, states, module_folder, why_local, resources
    )
    done = False
    try:
        while not done:
            while not ray.wait([told], timeout=LOOK_S)[0]:
                waiting()
            step = ray.get(next(told))
            done = step["done"]
            yield step
    finally:
        if not done:
            ray.cancel(told)


def train_again(
    trial: TrialSpec, data: Any, states: str, module_folder: str | None, upto: int, resources: Mapping[str, float]
) -> float:
    """Train a trial whose weights are not here, up to an epoch, and keep its state as if it had been trained here.

    Returns:
        The validation accuracy of the weights that are kept.
    """
    accuracy: float = ray.get(
        _task(resources)(_train_again).remote(trial, data, states, module_folder, upto, resources)
    )
    return accuracy


def repeat(trial: TrialSpec, data: Any, module_folder: str | None, upto: int, resources: Mapping[str, float]) -> Any:
    """Train a trial again up to an epoch, and keep nothing: a reference to its epochs, as JSON values."""
    return _task(resources)(_repeat).remote(trial, data, module_folder, upto, resources)


def _task(resources: Mapping[str, float], **options: Any) -> Any:
    """A decorator. Outside the placement group of whoever asks, which has no CPUs."""
    anywhere = PlacementGroupSchedulingStrategy(placement_group=None)
    return ray.remote(
        num_cpus=resources.get("CPU", 0),
        num_gpus=resources.get("GPU", 0),
        max_retries=0,
        scheduling_strategy=anywhere,
        **options,
    )


def _train(
    trial: TrialSpec,
    data: Data,
    board: Any,
    states: str,
    module_folder: str | None,
    why_local: str,
    resources: Mapping[str, float],
) -> Iterator[dict[str, Any]]:
    trial = _prepared(trial, module_folder, resources)
    training = LocalTraining(trial, data, ProgressReporter(board), Checkpoints(states), why_local=why_local)
    try:
        done = False
        while not done:
            step = training.step()
            done = step["done"]
            yield step
    finally:
        training.close()


def _train_again(
    trial: TrialSpec, data: Data, states: str, module_folder: str | None, upto: int, resources: Mapping[str, float]
) -> float:
    trial = _prepared(trial, module_folder, resources)
    events = run_trial(trial, data)
    curve = TrainingCurve(trial)
    state: TrainingState | None = None
    for event in events:
        if isinstance(event, EpochProgress):
            curve.add(event)
            if event.last or event.epoch >= upto:
                assert event.snapshot is not None
                state = event.snapshot()
                break
        reason = event.reason if isinstance(event, TrialComplete) else ""
    events.close()
    if state is None or curve.best is None:
        raise RuntimeError(f"trial {trial.trial_number} could not be trained again: {reason}")
    keeper = Checkpoints(states)
    keeper.keep(trial.trial_number, state)
    keeper.wait()
    return curve.best.validation.accuracy


def _repeat(
    trial: TrialSpec, data: Data, module_folder: str | None, upto: int, resources: Mapping[str, float]
) -> list[dict[str, Any]]:
    trial = _prepared(trial, module_folder, resources)
    epochs: list[dict[str, Any]] = []
    events = run_trial(trial, data)
    for event in events:
        if isinstance(event, EpochProgress):
            epochs.append(event.model_dump(mode="json"))
            if event.epoch >= upto:
                break
    events.close()
    return epochs


def _prepared(trial: TrialSpec, module_folder: str | None, resources: Mapping[str, float]) -> TrialSpec:
    """Make this process ready to train; the trial as it trains on what Ray gave."""
    own.search_first(module_folder)
    see_no_more_gpus_than_given()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    return placed(trial, resources.get("CPU", 0), resources.get("GPU", 0))
