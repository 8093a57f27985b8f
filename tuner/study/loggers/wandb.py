"""Writes a study for Weights & Biases: a group for the study, a run per trial, and the run `study`.

WANDB_MODE, WANDB_PROJECT and WANDB_ENTITY are respected; the default project is `tuner`. Without a mode and without an
API key the runs are kept offline in the study's folder, and nothing is asked. An epoch that is trained again, after its
worker was lost, keeps its first values, since steps there can only rise.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import wandb

from tuner.events import BestModel, DurableEvent, EpochProgress, StudyStatusName, TrialComplete, TrialStart
from tuner.study.loggers.packages import wandb_folder
from tuner.study.loggers.study_logger import LoggedStudy, trial_name
from tuner.study.loggers.values import distributions, epoch_values, result_values

log = logging.getLogger("tuner.study")

PROJECT = "tuner"
MODE = "WANDB_MODE"
ENDED_WELL = ("completed", "pruned", "cancelled")
START_S = 60.0
QUIET: Mapping[str, Any] = {
    "console": "off",  # else it takes over this process's stdout and stderr
    "silent": True,
    "disable_git": True,
    "disable_code": True,
    "x_disable_stats": True,  # of this process, which trains nothing
    "x_disable_meta": True,
    "x_save_requirements": False,
    "init_timeout": START_S,
}


def open_logger(study: LoggedStudy) -> WandbLogger:
    return WandbLogger(study)


class WandbLogger:
    """See `StudyLogger`."""

    def __init__(self, study: LoggedStudy) -> None:
        self._study = study
        self._mode: Any = os.environ.get(MODE) or _mode_without_setting()
        self._trials: dict[int, Any] = {}
        self._of_study: Any = None

    def log(self, number: int, event: DurableEvent) -> None:
        match event:
            case TrialStart():
                run = self._trial_run(event.trial_number)
                run.config.update(_config(event.hyperparameters), allow_val_change=True)
            case EpochProgress() if not self._study.known(event):
                shown = {
                    name: wandb.Histogram(np_histogram=(np.array(counts), np.array(edges)))
                    for name, edges, counts in distributions(event)
                }
                self._trial_run(event.trial_number).log(epoch_values(event) | shown, step=event.epoch)
            case TrialComplete() if event.trial_number in self._study.state.started:
                self._end(event)
            case BestModel():
                told = {name: getattr(event, name) for name in ("trial_number", "test_accuracy", "test_loss")}
                self._study_run().summary.update({f"best_model/{name}": of for name, of in told.items()})

    def _end(self, event: TrialComplete) -> None:
        run = self._trial_run(event.trial_number)
        told = {"status": event.status, "cause": event.cause, "reason": event.reason}
        run.summary.update(result_values(event) | told)
        self._trials.pop(event.trial_number).finish(exit_code=int(event.status not in ENDED_WELL))
        if (best := self._study.state.best) is not None:
            values = {f"best/{self._study.objective}": best.objective, "best/trial": best.trial_number}
            self._study_run().log(values, step=self._study.state.ended + 1)

    def _trial_run(self, number: int) -> Any:
        if number not in self._trials:
            self._trials[number] = self._open(trial_name(number), "trial")
        return self._trials[number]

    def _study_run(self) -> Any:
        if self._of_study is None:
            self._of_study = self._open("study", "study")
            spec = self._study.row.spec
            self._of_study.config.update(_config(spec.model_dump(mode="json")), allow_val_change=True)
        return self._of_study

    def _open(self, name: str, kind: str) -> Any:
        return wandb.init(
            project=os.environ.get("WANDB_PROJECT", PROJECT),
            id=re.sub(r"[^A-Za-z0-9_-]", "-", f"{self._study.key}-{name}"),
            name=f"{self._study.name} {name}",
            group=self._study.name,
            job_type=kind,
            dir=wandb_folder(self._study.paths),
            mode=self._mode,
            reinit="create_new",
            resume=None if self._mode in ("offline", "disabled") else "allow",
            settings=wandb.Settings(**QUIET),
        )

    def flush(self) -> None:
        pass  # its own process writes what it gets

    def close(self, status: StudyStatusName | None) -> None:
        for run in [*self._trials.values(), *([] if self._of_study is None else [self._of_study])]:
            run.finish(exit_code=int(status not in ENDED_WELL))


def _mode_without_setting() -> Any:
    """`online` if an API key is known, else `offline`: a study must never wait for an answer in the terminal."""
    if wandb.login(prompt=False, verify=False):
        return "online"
    log.info("Weights & Biases has no API key (`wandb login`), so its runs are kept offline in the study's folder")
    return "offline"


def _config(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with names that W&B allows: it reads a `.` as a level."""
    return {name.replace(".", "_"): value for name, value in values.items()}
