"""Detectors on the curve of a training: pure, fed with numbers, so that they are tested with numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median

from tuner.events import EpochProgress, Performance, TrialCause
from tuner.objectives import better
from tuner.spec import TrialSpec


@dataclass
class Curve:
    """The epochs of one trial: which was best by the monitored objective, what they cost, and whether to go on."""

    trial: TrialSpec
    best: EpochProgress | None = None
    last_epoch: int = 0
    training_time_s: float = 0.0
    _inference_ms: list[float] = field(default_factory=list)

    def add(self, epoch: EpochProgress) -> bool:
        """Take the next epoch in; tells whether it is the best so far. Of equals, the first is the best."""
        self.last_epoch = epoch.epoch
        self.training_time_s += epoch.duration_s
        self._inference_ms.append(epoch.inference_ms)
        incumbent = None if self.best is None else self.best.objective
        if not better(self.trial.monitor, epoch.objective, incumbent):
            return False
        self.best = epoch
        return True

    @property
    def end(self) -> tuple[TrialCause, str] | None:
        """Why the training ends after the last epoch, for programs and in one line; None while it goes on."""
        trial, best = self.trial, self.best
        assert best is not None
        if self.last_epoch >= trial.epochs:
            return "all_epochs", f"all epochs done: {trial.epochs}"
        patience = trial.early_stopping_patience
        if patience is None or self.last_epoch < trial.min_epochs or self.last_epoch - best.epoch < patience:
            return None
        return "early_stopping", f"early stopping: no better {trial.monitor} since epoch {best.epoch}"

    def values(self, parameters: int) -> dict[str, float]:
        """The value of everything that can be an objective, of a network of so many weights; empty without an epoch."""
        if self.best is None:
            return {}
        return {
            "val_accuracy": self.best.validation.accuracy,
            "val_loss": self.best.validation.loss,
            "parameter_count": float(parameters),
            "training_time": self.training_time_s,
            "inference_time": median(self._inference_ms),
        }


def performance_of(epoch: EpochProgress) -> Performance:
    """How good a trial is that was best at this epoch."""
    accuracy = epoch.validation.accuracy
    return Performance(total_score=accuracy, accuracy=accuracy, loss=epoch.validation.loss)
