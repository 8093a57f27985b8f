"""Writes event files for TensorBoard: a run per trial, and the runs `study`, `baseline` and `best_model`.

An epoch's values have its number as step; those of the run `study` have the number of ended trials.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from tuner.events import (
    BaselineFitted,
    BestModel,
    DataRead,
    DurableEvent,
    EpochProgress,
    StudyStatusName,
    TrialComplete,
    TrialStart,
)
from tuner.study.loggers import hparams
from tuner.study.loggers.event_file import EventFile
from tuner.study.loggers.packages import tensorboard_folder
from tuner.study.loggers.study_logger import LoggedStudy, trial_name
from tuner.study.loggers.values import distributions, epoch_values, result_values


def open_logger(study: LoggedStudy) -> TensorBoardLogger:
    return TensorBoardLogger(study)


class TensorBoardLogger:
    """See `StudyLogger`."""

    def __init__(self, study: LoggedStudy) -> None:
        self._study, self._folder = study, Path(tensorboard_folder(study.paths))
        self._trials: dict[int, EventFile] = {}
        self._of_study: EventFile | None = None

    def log(self, number: int, event: DurableEvent) -> None:
        match event:
            case DataRead() if event.space is not None:
                row, shown = self._study.row, [f"result/{name}" for name in self._results()]
                columns = hparams.experiment(row.name, row.created_at, event.space, shown)
                self._study_file(number).add(columns, 0, event.time)
            case BaselineFitted():
                score, value = event.baseline.score(self._study.objective)
                self._log_alone("baseline", number, {f"baseline/{score}": value}, event.time)
            case TrialStart():
                if event.trial_number in self._trials:
                    self._trials.pop(event.trial_number).close()
                file = self._trial_file(number, event.trial_number, event.resumed_from_epoch + 1)
                file.add(hparams.session_start(event.hyperparameters, event.time), 0, event.time)
            case EpochProgress():
                self._log_epoch(self._trial_file(number, event.trial_number, event.epoch), event)
            case TrialComplete() if event.trial_number in self._study.state.started:
                self._log_end(number, event)
            case BestModel():
                test = {f"best_model/{name}": getattr(event, name) for name in ("test_accuracy", "test_loss")}
                self._log_alone("best_model", number, test, event.time)

    def _results(self) -> list[str]:
        """The results that the HParams page shows, the study's objectives first."""
        always = ("val_accuracy", "val_loss", "parameter_count", "training_time", "inference_time")
        return [*dict.fromkeys([*self._study.row.spec.objectives, *always]), "seconds"]

    def _log_epoch(self, file: EventFile, event: EpochProgress) -> None:
        for name, value in epoch_values(event).items():
            file.add_scalar(name, value, event.epoch, event.time)
        for name, edges, counts in distributions(event):
            file.add_histogram(name, edges, counts, event.epoch, event.time)

    def _log_end(self, number: int, event: TrialComplete) -> None:
        # After the last epoch: if the trial starts again, this result is void, as are the epochs that it repeats.
        step = event.epochs_trained + 1
        file = self._trial_file(number, event.trial_number, step)
        for name, value in result_values(event).items():
            file.add_scalar(name, value, step, event.time)
        file.add(hparams.session_end(event.status, event.time), 0, event.time)
        self._trials.pop(event.trial_number).close()
        if (best := self._study.state.best) is not None:
            ended = self._study.state.ended + 1
            self._study_file(number).add_scalar(f"best/{self._study.objective}", best.objective, ended, event.time)

    def _log_alone(self, run: str, number: int, values: dict[str, float], time: datetime) -> None:
        """Write values that come once in a run of the study into a file of their own, at the event's number."""
        file = EventFile(self._folder / run, number, number)
        for name, value in values.items():
            file.add_scalar(name, value, number, time)
        file.close()

    def _trial_file(self, number: int, trial: int, first_step: int) -> EventFile:
        if trial not in self._trials:
            self._trials[trial] = EventFile(self._folder / trial_name(trial), number, first_step)
        return self._trials[trial]

    def _study_file(self, number: int) -> EventFile:
        if self._of_study is None:
            self._of_study = EventFile(self._folder / "study", number, self._study.state.ended + 1)
        return self._of_study

    def flush(self) -> None:
        for file in self._files():
            file.flush()

    def close(self, status: StudyStatusName | None) -> None:
        for file in self._files():
            file.close()

    def _files(self) -> list[EventFile]:
        return [*self._trials.values(), *([] if self._of_study is None else [self._of_study])]
