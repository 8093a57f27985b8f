"""Events of one trial, from its start to its end."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any, Literal

from pydantic import ConfigDict, Field

from tuner.events.base import EventOfTrial, Place, Scalar, SuggestedBy, TrialCause, TrialStatus, Value, is_none
from tuner.events.health import Finding, HealthMetrics, VitalSigns
from tuner.events.network import Architecture, Metrics, Performance
from tuner.events.resources import Devices, ResourceSample, ResourceUse
from tuner.events.summaries import TrainingSummary


class TrialStart(EventOfTrial):
    """A worker has built the network and starts to train it."""

    type: Literal["trial_start"] = "trial_start"
    trial_id: str
    hyperparameters: dict[str, Scalar]
    suggested_by: SuggestedBy | None = Field(
        default=None, description="The method that suggested it; null: not recorded."
    )
    architecture: Architecture
    resumed_from_epoch: int = Field(
        default=0, description="Number of epochs that an earlier run had trained; it continues after them."
    )
    cloned_from: int | None = Field(
        default=None, description="The trial that had trained them, if it was another one (population based training)."
    )
    place: Place = Field(default="local", description="Where it trains.")
    why_local: str | None = Field(
        default=None,
        description="The reason why it trains on this cluster although the study uses RunPod; null: none.",
    )
    devices: Devices | None = Field(default=None, description="The devices it trains on; null: not known.")
    queued_s: float | None = Field(
        default=None,
        description="Seconds from its suggestion, or the loss of its worker, to this start; null: not known.",
    )
    imports_s: float | None = Field(
        default=None,
        description="Seconds for which its process imported TensorFlow before; null: it had been imported.",
    )


class BatchProgress(EventOfTrial):
    """The progress of a running epoch. Ephemeral."""

    type: Literal["batch_progress"] = "batch_progress"
    epoch: int
    epochs: int
    batch: int
    batches: int
    loss: float | None = Field(default=None, description="Mean training loss of this epoch so far.")
    accuracy: float | None = None
    resources: ResourceSample | None = Field(default=None, description="A sample, if one was due.")


class EpochSeconds(Value):
    """What the time of an epoch was used for."""

    training: float
    validation: float
    measuring: float = Field(description="Measuring health, and summaries for figures.")


class EpochProgress(EventOfTrial):
    """An epoch ended: training and validation metrics."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    type: Literal["epoch_progress"] = "epoch_progress"
    epoch: int = Field(description="From 1.")
    epochs: int = Field(description="Largest number of epochs that this trial may train.")
    train: Metrics
    validation: Metrics
    objective: float = Field(
        description="Value of the monitored objective (such as val_accuracy or val_loss) after this epoch."
    )
    val_balanced_accuracy: float | None = Field(
        default=None, description="Mean recall of the classes on validation data, in [0, 1]; null: not measured."
    )
    val_macro_f1: float | None = Field(
        default=None, description="Mean F1 score of the classes on validation data, in [0, 1]; null: not measured."
    )
    duration_s: float = Field(description="Duration of training and validation in this epoch, in seconds.")
    seconds: EpochSeconds | None = Field(default=None, description="What it was used for; null: not recorded.")
    inference_ms: float = Field(
        description="Median prediction time of one validation sample in a batch of 256, in milliseconds."
    )
    health_metrics: HealthMetrics | None = Field(default=None, description="Null: not measured.")
    vital_signs: VitalSigns | None = Field(default=None, description="Null: not measured.")
    findings: tuple[Finding, ...] = Field(default=(), description="Training problems first found in it.")
    resources: ResourceUse | None = Field(
        default=None, description="The trial's use of its machine so far; null: too short to measure."
    )
    summary: TrainingSummary | None = Field(
        default=None,
        exclude_if=is_none,
        description="For the figures of the training; null: not kept.",
    )
    last: bool = Field(default=False, description="The trial ends with this epoch: TrialComplete follows at once.")
    snapshot: Callable[[], Any] | None = Field(
        default=None,
        exclude=True,
        repr=False,
        description="Returns the TrainingState after this epoch. Never leaves the process that trains.",
    )

    @property
    def class_scores(self) -> dict[str, float]:
        """The scores that count every class alike, by objective; empty if they were not measured."""
        found = {"val_balanced_accuracy": self.val_balanced_accuracy, "val_macro_f1": self.val_macro_f1}
        return {name: value for name, value in found.items() if value is not None}


class StoppedBy(Value):
    """The comparison by which a scheduler ended a trial early. Values are of the monitored objective."""

    scheduler: str = Field(description="asha, hyperband or median.")
    rung: int | None = Field(description="Number of the rung at which it was compared, from 1; null: median has none.")
    value: float = Field(description="The trial's value; with median, its best one so far.")
    cutoff: float = Field(description="The value that it would have had to reach.")
    rank: int = Field(description="Its place among the compared trials, from 1.")
    of: int = Field(description="Number of compared trials, with itself.")


class TrialComplete(EventOfTrial):
    """The trial ended."""

    type: Literal["trial_complete"] = "trial_complete"
    trial_id: str
    status: TrialStatus
    cause: TrialCause
    reason: str = Field(description="Why it ended, in one line.")
    hyperparameters: dict[str, Scalar]
    suggested_by: SuggestedBy | None = Field(
        default=None, description="The method that suggested it; null: not recorded."
    )
    performance: Performance | None = None
    objective: float | None = Field(default=None, description="Value of the study's first objective.")
    values: dict[str, float] = Field(
        default_factory=dict, description="Value of each possible objective; empty without a complete epoch."
    )
    health_metrics: HealthMetrics | None = Field(default=None, description="At its best epoch; null: not measured.")
    vital_signs: VitalSigns | None = Field(default=None, description="At its best epoch; null: not measured.")
    findings: tuple[Finding, ...] = Field(
        default=(), description="Training problems of all its epochs, in their order."
    )
    resources: ResourceUse | None = Field(default=None, description="Use of its machine; null: too short to measure.")
    best_epoch: int | None = Field(default=None, description="Its best epoch by the monitored objective.")
    epochs_trained: int = 0
    duration_seconds: float = Field(
        default=0.0,
        description="Seconds from the worker's start of the trial to its last report; later saving is not counted.",
    )
    error: str | None = Field(default=None, description="Traceback of a failed trial.")
    stopped_by: StoppedBy | None = Field(
        default=None, description="The comparison by which a scheduler ended it; null: none did, or not recorded."
    )
    cancelled_by_person: bool = Field(
        default=False,
        description="Whether a person cancelled this trial alone: it counts, and is never trained again. Other "
        "cancelled trials continue when the study is resumed.",
    )

    @property
    def continues(self) -> bool:
        """Whether `tuner resume` continues it: it ended with its study, or its worker was lost."""
        return self.status == "cancelled" and not self.cancelled_by_person

    @property
    def saved_s(self) -> float | None:
        """Estimated seconds that pruning saved: the epochs left times the mean duration of the trained ones.

        None: the scheduler did not prune it, or the number of its epochs is not known.
        """
        epochs = self.hyperparameters.get("epochs")
        if self.status != "pruned" or not self.epochs_trained or not isinstance(epochs, (int, float)):
            return None
        saved_s = max(0.0, epochs - self.epochs_trained) * max(0.0, self.duration_seconds) / self.epochs_trained
        return saved_s if isfinite(saved_s) else None


class HealthAlert(EventOfTrial):
    """A training problem was found; once per trial and finding."""

    type: Literal["health_alert"] = "health_alert"
    finding: Finding


class NewBest(EventOfTrial):
    """A trial became the best one so far. It may still train."""

    type: Literal["new_best"] = "new_best"
    objective: float
    performance: Performance
