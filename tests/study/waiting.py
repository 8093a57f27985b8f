"""The command line with trials that wait instead of training: all of a study is real but its networks.

    python -c "import sys; from tests.study.waiting import main; sys.exit(main())" run key=value ...

Each epoch takes EPOCH_S, until there is a file `hurry` in the folder that WAITING_FOLDER names: then it takes none.
While there is a file `hold`, no epoch ends. The log tells of each trial on which node of Ray it began
(`devices.node`) and which GPUs it had (`devices.names`). Neither TensorFlow nor a model is needed.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Generator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import ray

from tuner.data import Data
from tuner.events import (
    Architecture,
    BatchProgress,
    BestModel,
    Devices,
    EpochProgress,
    Metrics,
    TrialComplete,
    TrialEvent,
    TrialStart,
)
from tuner.runners import local_training
from tuner.runners.ray_actor import RayTrial
from tuner.training import TrainingState
from tuner.training.training_curve import TrainingCurve
from tuner.trial_spec import TrialSpec

if TYPE_CHECKING:
    from tuner.store import TrialRow

COMMAND = [sys.executable, "-c", "import sys; from tests.study.waiting import main; sys.exit(main())"]
FOLDER, HURRY, HOLD = "WAITING_FOLDER", "hurry", "hold"
EPOCH_S = 0.5
BATCH_S = 0.1
TESTED = {"test_accuracy": 0.5, "test_loss": 1.0}


def main() -> int:
    """The command line; gives its exit code."""
    from tuner import cli
    from tuner.study import finish, tune_run

    tune_run.RayTrial = WaitingTrial
    finish.ModelExporter = WaitingExporter
    return cli.main(sys.argv[1:])


def waits(trial: TrialSpec, data: Data, resume_from: TrainingState | None = None) -> Generator[TrialEvent, None, None]:
    """What `run_trial` yields, of a network that has no weights and gets better with every epoch."""
    began = time.monotonic()
    number = trial.trial_number
    curve = TrainingCurve(trial)
    history = [EpochProgress.model_validate(epoch) for epoch in resume_from.history] if resume_from else []
    for epoch in history:
        curve.add(epoch)
    yield TrialStart(
        trial_number=number,
        trial_id=trial.trial_id,
        hyperparameters=trial.hyperparameters,
        architecture=Architecture(type="cnn", total_parameters=1, layers=[]),
        resumed_from_epoch=curve.last_epoch,
        devices=_devices(trial),
    )
    hurry, hold = (Path(os.environ[FOLDER], name) for name in (HURRY, HOLD))
    while curve.best is None or curve.end is None:
        now = curve.last_epoch + 1
        until = time.monotonic() + EPOCH_S
        while (time.monotonic() < until or hold.exists()) and not hurry.exists():
            yield BatchProgress(trial_number=number, epoch=now, epochs=trial.epochs, batch=1, batches=2)
            time.sleep(BATCH_S)
        metrics = Metrics(loss=1 / now, accuracy=1 - 1 / (now + number))
        epoch = EpochProgress(
            trial_number=number,
            epoch=now,
            epochs=trial.epochs,
            train=metrics,
            validation=metrics,
            objective=metrics.accuracy,
            duration_s=EPOCH_S,
            inference_ms=1.0,
        )
        curve.add(epoch)
        history.append(epoch)
        told = [one.model_dump(mode="json") for one in history]
        state = partial(TrainingState, now, [np.zeros(1)], [np.zeros(1)], told)
        yield epoch.model_copy(update={"last": curve.end is not None, "snapshot": state})
    values = curve.values(1)
    yield TrialComplete(
        trial_number=number,
        trial_id=trial.trial_id,
        status="completed",
        cause="all_epochs",
        reason="waited for long enough",
        hyperparameters=trial.hyperparameters,
        performance=curve.performance,
        objective=values[trial.objective],
        values=values,
        best_epoch=curve.best.epoch,
        epochs_trained=curve.last_epoch,
        duration_seconds=time.monotonic() - began,
    )


# Workers import this module with the class below.
local_training.run_trial = waits


class WaitingTrial(RayTrial):
    """The worker as it is, with `waits` in the place of `run_trial`."""


class WaitingExporter:
    """Saves a model that is none."""

    def __init__(self, threads: int, own_source: object) -> None:
        pass

    def export(
        self, spec: Any, trial: TrialSpec, ended: TrialRow, data: Any, test: Any, states: str, folder: Path, *more: Any
    ) -> BestModel:
        from tests import saved_models  # here, since workers that train need none of it

        saved_models.save(folder, trial.study, trial_number=trial.trial_number, **TESTED)
        return BestModel(trial_number=trial.trial_number, val_accuracy=0.5, folder=str(folder), **TESTED)


def _devices(trial: TrialSpec) -> Devices:
    context = ray.get_runtime_context()
    return Devices(
        node=context.get_node_id(),
        gpus=trial.devices.gpus,
        names=tuple(context.get_accelerator_ids().get("GPU", ())),
        threads=trial.threads,
        replicas=1,
        batch_size=1,
        learning_rate=1.0,
        precision="float32",
        xla=False,
        steps_per_execution=1,
    )
