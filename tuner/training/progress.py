"""Detectors on the curve of a training: pure, fed with numbers, so that they are tested with numbers."""

from __future__ import annotations

from dataclasses import dataclass

from tuner.events import EpochProgress, Performance
from tuner.spec import TrialSpec, better


@dataclass
class Curve:
    """The objective over the epochs of one trial: which epoch was best, and whether to go on."""

    trial: TrialSpec
    best: EpochProgress | None = None
    last_epoch: int = 0

    def add(self, epoch: EpochProgress) -> bool:
        """Take the next epoch in; tells whether it is the best so far. Of equals, the first is the best."""
        self.last_epoch = epoch.epoch
        incumbent = None if self.best is None else self.best.objective
        if not better(self.trial.objective, epoch.objective, incumbent):
            return False
        self.best = epoch
        return True

    @property
    def reason_to_stop(self) -> str | None:
        """Why the training ends after the last epoch; None while it goes on."""
        trial, best = self.trial, self.best
        assert best is not None
        if self.last_epoch >= trial.epochs:
            return f"all epochs done: {trial.epochs}"
        patience = trial.early_stopping_patience
        if patience is None or self.last_epoch < trial.min_epochs or self.last_epoch - best.epoch < patience:
            return None
        return f"early stopping: no better {trial.objective} since epoch {best.epoch}"


def performance_of(epoch: EpochProgress) -> Performance:
    """How good a trial is that was best at this epoch."""
    accuracy = epoch.validation.accuracy
    return Performance(total_score=accuracy, accuracy=accuracy, loss=epoch.validation.loss)
