"""Detectors on the curve of a training: pure, fed with numbers, so that they are tested with numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median

from tuner.events import EpochProgress, Finding, Performance, ResourceUse, TrialCause, TrialStatus
from tuner.health.metrics import total_score
from tuner.objectives import Monitored, better
from tuner.spec import TrialSpec
from tuner.spec_parts import HealthSpec


@dataclass(frozen=True)
class TrialEnd:
    """How a training ends, for programs and in one line."""

    status: TrialStatus
    cause: TrialCause
    reason: str


@dataclass
class TrainingCurve:
    """The epochs of one trial: which was best by the monitored objective, what they cost, and whether to go on."""

    trial: TrialSpec
    best: EpochProgress | None = None
    last_epoch: int = 0
    training_time_s: float = 0.0
    findings: tuple[Finding, ...] = ()
    resources: ResourceUse | None = None
    _inference_ms: list[float] = field(default_factory=list)

    def add(self, epoch: EpochProgress) -> bool:
        """Take the next epoch in; tells whether it is the best so far. Of equals, the first is the best.

        An epoch whose health is known in full is better than one that lacks data for some metric, whatever their
        scores: 0.5 for what is not known is no merit.
        """
        self.last_epoch = epoch.epoch
        self.training_time_s += epoch.duration_s
        self.findings += epoch.findings
        self.resources = epoch.resources or self.resources
        self._inference_ms.append(epoch.inference_ms)
        if self.best is not None:
            known = _lacking(self.best) - _lacking(epoch)
            if known < 0 or (known == 0 and not better(self.trial.monitor, epoch.objective, self.best.objective)):
                return False
        self.best = epoch
        return True

    @property
    def end(self) -> TrialEnd | None:
        """How the training ends after the last epoch; None while it goes on."""
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
        if patience is None or self.last_epoch - best.epoch < patience:
            return None
        reason = f"early stopping: no better {trial.monitor} since epoch {best.epoch}"
        return TrialEnd("completed", "early_stopping", reason)

    @property
    def performance(self) -> Performance | None:
        """How good the trial is, at its best epoch; None without one."""
        if self.best is None:
            return None
        accuracy, loss = self.best.validation.accuracy, self.best.validation.loss
        return Performance(total_score=_total_score(self.best, self.trial.health), accuracy=accuracy, loss=loss)

    def values(self, parameters: int) -> dict[str, float]:
        """The value of everything that can be an objective, of a network of so many weights; empty without an epoch."""
        if self.best is None:
            return {}
        values = {
            "val_accuracy": self.best.validation.accuracy,
            "val_loss": self.best.validation.loss,
            "parameter_count": float(parameters),
            "training_time": self.training_time_s,
            "inference_time": median(self._inference_ms),
        }
        if self.best.health_metrics is not None:
            values["total_score"] = _total_score(self.best, self.trial.health)
            values["overall_health"] = self.best.health_metrics.overall_health
        return values


def monitored_value(monitor: Monitored, epoch: EpochProgress, health: HealthSpec | None) -> float:
    """The monitored objective after an epoch, of which all else is known."""
    match monitor:
        case "val_accuracy":
            return epoch.validation.accuracy
        case "val_loss":
            return epoch.validation.loss
        case "total_score":
            return _total_score(epoch, health)
        case "overall_health":
            assert epoch.health_metrics is not None
            return epoch.health_metrics.overall_health


def _total_score(epoch: EpochProgress, health: HealthSpec | None) -> float:
    accuracy, metrics = epoch.validation.accuracy, epoch.health_metrics
    if health is None or health.accuracy_weight is None or metrics is None:
        return accuracy
    return total_score(accuracy, metrics.overall_health, health.accuracy_weight)


def _lacking(epoch: EpochProgress) -> int:
    """Metrics of health that lack data."""
    return 0 if epoch.health_metrics is None else len(epoch.health_metrics.insufficient)
