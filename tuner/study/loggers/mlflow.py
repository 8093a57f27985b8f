"""Writes a study for MLflow: a run for the study, a nested run per trial, and the winner in the model registry.

Where: the server of MLFLOW_TRACKING_URI, else a database and artifacts in the study's folder. The experiment is that of
MLFLOW_EXPERIMENT_NAME, else `tuner`. MLflow cannot remove points: an epoch that is trained again, after its worker was
lost, keeps its first values there.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # it is read when mlflow is imported

from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException

from tuner.events import BestModel, DurableEvent, EpochProgress, StudyStatusName, TrialComplete, TrialStart
from tuner.study.loggers.mlflow_model import write_model_folder
from tuner.study.loggers.packages import TRACKING_URI, mlflow_address, mlflow_folder
from tuner.study.loggers.study_logger import LoggedStudy, trial_name
from tuner.study.loggers.values import epoch_values, result_values

EXPERIMENT = "tuner"
KEY, TRIAL, MODEL = "tuner.study", "tuner.trial", "tuner.model"
"""Tags: of all runs of a study; a trial's number, or `study`; of a version in the registry, which saved model it is."""
PARENT = "mlflow.parentRunId"
ALIAS = "best"
ALWAYS_LOGGED = "loss/training"
MOST_METRICS, MOST_PARAMETERS, LONGEST_TAG = 1_000, 100, 1_000
"""Limits of one call of `log_batch`, and of a tag's text."""
FIXED = ("dataset", "seed", "mode", "searcher", "scheduler", "max_epochs_per_trial")
"""Fields of a study that a resume cannot change, as MLflow's parameters."""
TRIAL_STATUS = {"completed": "FINISHED", "pruned": "FINISHED", "cancelled": "KILLED"}
STUDY_STATUS = {"completed": "FINISHED", "failed": "FAILED"}


def open_logger(study: LoggedStudy) -> MlflowLogger:
    return MlflowLogger(study)


class MlflowLogger:
    """See `StudyLogger`."""

    def __init__(self, study: LoggedStudy) -> None:
        logging.getLogger("mlflow").setLevel(logging.WARNING)  # it writes each change of its tables to the terminal
        self._study = study
        local = TRACKING_URI not in os.environ
        if local:
            Path(mlflow_folder(study.paths)).mkdir(parents=True, exist_ok=True)
        uri = mlflow_address(study.paths) if local else os.environ[TRACKING_URI]
        self._client = MlflowClient(tracking_uri=uri, registry_uri=os.environ.get("MLFLOW_REGISTRY_URI", uri))
        self._experiment = self._experiment_id(local)
        self._runs: dict[str, str] = {}
        """The run of each trial's number, and that of `study`."""
        self._last_epochs: dict[int, int] = {}
        """Of trials that wrote an epoch, or were asked for."""
        self._running: set[int] = set()
        self._pending: dict[str, list[Metric]] = {}
        self._parent = self._open_parent()

    def _experiment_id(self, local: bool) -> str:
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME", EXPERIMENT)
        found = self._client.get_experiment_by_name(name)
        if found is not None:
            return str(found.experiment_id)
        place = (Path(mlflow_folder(self._study.paths)) / "artifacts").as_uri() if local else None
        return str(self._client.create_experiment(name, artifact_location=place))

    def _open_parent(self) -> str:
        """The study's run, which also tells the runs of its trials if an earlier process has made them."""
        study, spec = self._study, self._study.row.spec
        for run in self._found(f"tags.`{KEY}` = '{study.key}'"):
            self._runs[run.data.tags[TRIAL]] = run.info.run_id
        if (known := self._runs.get("study")) is not None:
            self._client.update_run(known, status="RUNNING")
            return known
        tags = {KEY: study.key, TRIAL: "study", "objective": ", ".join(spec.objectives)}
        run_id = self._create_run(study.name, tags, study.row.created_at)
        self._log_params(run_id, ((name, getattr(spec, name)) for name in FIXED))
        return run_id

    def _found(self, condition: str) -> Iterator[Any]:
        token: str | None = None
        while True:
            page = self._client.search_runs([self._experiment], condition, page_token=token)
            yield from page
            token = page.token
            if not token:
                return

    def log(self, number: int, event: DurableEvent) -> None:
        match event:
            case TrialStart():
                self._start(event)
            case EpochProgress() if event.epoch > self._last_epoch(event.trial_number):
                self._last_epochs[event.trial_number] = event.epoch
                self._add(self._trial_run(event.trial_number), epoch_values(event), event.epoch, event.time)
            case TrialComplete() if event.trial_number in self._study.state.started:
                self._end(event)
            case BestModel():
                test = {name: getattr(event, name) for name in ("test_accuracy", "test_loss")}
                self._add(self._parent, {f"best_model/{name}": of for name, of in test.items()}, number, event.time)
                self._register(number, event)

    def _start(self, event: TrialStart) -> None:
        number = event.trial_number
        self._running.add(number)
        if (known := self._runs.get(str(number))) is not None:
            self._client.update_run(known, status="RUNNING")
            return
        tags = {KEY: self._study.key, TRIAL: str(number), PARENT: self._parent}
        tags |= {"suggested_by": event.suggested_by or "", "place": event.place}
        run_id = self._create_run(trial_name(number), tags, event.time)
        self._runs[str(number)], self._last_epochs[number] = run_id, 0
        self._log_params(run_id, event.hyperparameters.items())

    def _end(self, event: TrialComplete) -> None:
        run_id = self._trial_run(event.trial_number)
        self._add(run_id, result_values(event), event.epochs_trained, event.time)
        self._send(run_id)
        told = {"status": event.status, "cause": event.cause, "reason": event.reason}
        self._client.log_batch(run_id, tags=[RunTag(name, text[:LONGEST_TAG]) for name, text in told.items()])
        self._client.set_terminated(run_id, TRIAL_STATUS.get(event.status, "FAILED"), _ms(event.time))
        self._running.discard(event.trial_number)
        if (best := self._study.state.best) is not None:
            name, ended = f"best/{self._study.objective}", self._study.state.ended + 1
            self._add(self._parent, {name: best.objective}, ended, event.time)

    def _register(self, number: int, event: BestModel) -> None:
        """Put the saved model into its trial's run, and make it the newest version of the study's model."""
        name, identity = self._study.name, f"{self._study.key}/{number}"
        try:
            self._client.create_registered_model(name, description="The best networks of a study of tuner.")
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        if any(one.tags.get(MODEL) == identity for one in self._client.search_model_versions(f"name = '{name}'")):
            return  # before a kill -9
        run_id, place = self._trial_run(event.trial_number), f"model-{number}"
        with TemporaryDirectory(prefix="tuner-") as temporary:
            folder = Path(temporary) / "model"
            write_model_folder(Path(event.folder), folder)
            self._client.log_artifacts(run_id, str(folder), place)
        source = f"{self._client.get_run(run_id).info.artifact_uri}/{place}"
        described = (
            f"Trial {event.trial_number} of study {name}: validation accuracy {event.val_accuracy:.4f}, "
            f"test accuracy {event.test_accuracy:.4f}."
        )
        made = self._client.create_model_version(
            name, source, run_id, tags={MODEL: identity, TRIAL: str(event.trial_number)}, description=described
        )
        self._client.set_registered_model_alias(name, ALIAS, made.version)

    def _trial_run(self, number: int) -> str:
        if (known := self._runs.get(str(number))) is None:
            raise LookupError(f"it has no run of trial {number}; perhaps {TRACKING_URI} was another one before")
        return known

    def _last_epoch(self, number: int) -> int:
        """The last epoch in the trial's run; after a kill -9, only MLflow knows it."""
        if number not in self._last_epochs:
            points = self._client.get_metric_history(self._trial_run(number), ALWAYS_LOGGED)
            self._last_epochs[number] = max((point.step for point in points), default=0)
        return self._last_epochs[number]

    def _create_run(self, name: str, tags: dict[str, str], began: datetime) -> str:
        made = self._client.create_run(self._experiment, start_time=_ms(began), tags=tags, run_name=name)
        return str(made.info.run_id)

    def _log_params(self, run_id: str, values: Iterable[tuple[str, object]]) -> None:
        params = [Param(name, str(value)) for name, value in values]
        for first in range(0, len(params), MOST_PARAMETERS):
            self._client.log_batch(run_id, params=params[first : first + MOST_PARAMETERS])

    def _add(self, run_id: str, values: dict[str, float], step: int, time: datetime) -> None:
        points = [Metric(name, value, _ms(time), step) for name, value in values.items()]
        self._pending.setdefault(run_id, []).extend(points)

    def _send(self, run_id: str) -> None:
        points = self._pending.pop(run_id, [])
        for first in range(0, len(points), MOST_METRICS):
            self._client.log_batch(run_id, metrics=points[first : first + MOST_METRICS])

    def flush(self) -> None:
        for run_id in [*self._pending]:
            self._send(run_id)

    def close(self, status: StudyStatusName | None) -> None:
        if status is None:
            return
        self.flush()
        for number in self._running:
            self._client.set_terminated(self._trial_run(number), "KILLED")
        self._client.set_terminated(self._parent, STUDY_STATUS.get(status, "KILLED"))


def _ms(time: datetime) -> int:
    return round(time.timestamp() * 1_000)
