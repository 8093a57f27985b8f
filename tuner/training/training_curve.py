"""The curve of a training: its best epoch, its scores, and when it ends. Pure functions of numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from statistics import median

from tuner.events import EpochProgress, Finding, Performance, ResourceUse, TrialCause, TrialStatus
from tuner.health.metrics import total_score
from tuner.objectives import better
from tuner.spec_parts import HealthSpec
from tuner.training.learning_rate import falls_to_zero
from tuner.trial_spec import TrialSpec


@dataclass(frozen=True)
class TrialEnd:
    """How a training ends: for programs, and in one line for people."""

    status: TrialStatus
    cause: TrialCause
    reason: str


@dataclass
class TrainingCurve:
    """The epochs of one trial: the best one by the monitored objective, their cost, and whether to continue."""

    trial: TrialSpec
    best: EpochProgress | None = None
    last_epoch: int = 0
    improved: int = 0
    """The last epoch with a better objective than all before it; the best one may be later, by its loss."""
    lowest_loss: float = inf
    """Lowest validation loss of all epochs."""
    loss_fell: int = 0
    """The epoch with that loss."""
    training_time_s: float = 0.0
    findings: tuple[Finding, ...] = ()
    resources: ResourceUse | None = None
    _inference_ms: list[float] = field(default_factory=list)

    def add(self, epoch: EpochProgress) -> bool:
        """Add the next epoch; return whether it is the best so far. Of equal ones, the one with the lowest loss is.

        On little validation data many epochs are equal; the loss still tells them apart.

        An epoch with data for all health metrics is better than an epoch that lacks some, whatever their scores: the
        0.5 that stands for a missing metric is no measured value.
        """
        self.last_epoch = epoch.epoch
        self.training_time_s += epoch.duration_s
        self.findings += epoch.findings
        self.resources = epoch.resources or self.resources
        self._inference_ms.append(epoch.inference_ms)
        if epoch.validation.loss < self.lowest_loss:
            self.lowest_loss, self.loss_fell = epoch.validation.loss, epoch.epoch
        if self.best is not None:
            known = _lacking(self.best) - _lacking(epoch)
            ahead = better(self.trial.monitor, epoch.objective, self.best.objective)
            if (
                known == 0
                and epoch.objective == self.best.objective
                and epoch.validation.loss < self.best.validation.loss
            ):
                self.best = epoch
                return True
            if known < 0 or (known == 0 and not ahead):
                return False
        self.best, self.improved = epoch, epoch.epoch
        return True

    @property
    def end(self) -> TrialEnd | None:
        """How the training ends after the last epoch; None if it continues."""
        trial, best = self.trial, self.best
        assert best is not None
        if self.last_epoch >= trial.epochs:
            return TrialEnd("completed", "all_epochs", f"all epochs done: {trial.epochs}")
        if self.last_epoch < trial.min_epochs:
            return None
        hopeless = next((finding for finding in self.findings if finding.hopeless), None)
        if trial.health is not None and trial.health.stop and hopeless is not None:
            return TrialEnd(
                "pruned", "health_stop", f"health: {hopeless.name} in epoch {hopeless.epoch}: {hopeless.evidence}"
            )
        patience = trial.early_stopping_patience
        if patience is None or self.last_epoch - self.improved < patience:
            return None
        if falls_to_zero(trial.hyperparameters):
            # Accuracy rises late here, as the rate falls: a lower loss shows that the network still learns.
            if self.last_epoch - self.loss_fell < patience:
                return None
            since = max(self.improved, self.loss_fell)
            return TrialEnd(
                "completed", "early_stopping", f"early stopping: no better {trial.monitor} or loss since epoch {since}"
            )
        reason = f"early stopping: no better {trial.monitor} since epoch {self.improved}"
        return TrialEnd("completed", "early_stopping", reason)

    @property
    def performance(self) -> Performance | None:
        """The trial's scores at its best epoch; None without an epoch."""
        if self.best is None:
            return None
        accuracy, loss = self.best.validation.accuracy, self.best.validation.loss
        return Performance(total_score=_total_score(self.best, self.trial.health), accuracy=accuracy, loss=loss)

    def values(self, parameters: int) -> dict[str, float]:
        """Return the value of each possible objective, of a network with this many weights; empty without an epoch."""
        if self.best is None:
            return {}
        return epoch_values(self.best, self.trial.health) | {
            "parameter_count": float(parameters),
            "training_time": self.training_time_s,
            "inference_time": median(self._inference_ms),
        }


def epoch_values(epoch: EpochProgress, health: HealthSpec | None) -> dict[str, float]:
    """Return the value of each objective that a scheduler can monitor, as far as it was measured in this epoch."""
    values = {"val_accuracy": epoch.validation.accuracy, "val_loss": epoch.validation.loss, **epoch.class_scores}
    if epoch.health_metrics is not None:
        values["total_score"] = _total_score(epoch, health)
        values["overall_health"] = epoch.health_metrics.overall_health
    return values


def _total_score(epoch: EpochProgress, health: HealthSpec | None) -> float:
    accuracy, metrics = epoch.validation.accuracy, epoch.health_metrics
    if health is None or health.accuracy_weight is None or metrics is None:
        return accuracy
    return total_score(accuracy, metrics.overall_health, health.accuracy_weight)


def _lacking(epoch: EpochProgress) -> int:
    """Return the number of health metrics without data."""
    return 0 if epoch.health_metrics is None else len(epoch.health_metrics.insufficient)
