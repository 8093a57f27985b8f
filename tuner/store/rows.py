"""What the store answers: plain, immutable values. Their JSON form is what users and the REST API see.

All times have a zone (UTC). An absent value is null.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, field_validator

from tuner.events import (
    Architecture,
    ArchitectureLine,
    Devices,
    EpochProgress,
    Finding,
    HealthMetrics,
    Metrics,
    Performance,
    Place,
    RemoteJob,
    Repeat,
    ResourceUse,
    Scalar,
    StudyStatusName,
    SuggestedBy,
    TrialCause,
    TrialStatus,
    VitalSigns,
)
from tuner.spec import StudySpec

StandingName = Literal["created", "running", "interrupted", "completed", "failed", "cancelled"]
INTERRUPTED = "interrupted: it was running when its process went away without a word."


def standing_of(status: str, *, alive: bool) -> StandingName:
    """How a study of this status stands, whose process gives signs of life, or gives none."""
    standing: StandingName = "interrupted" if status == "running" and not alive else status  # type: ignore[assignment]
    return standing


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    def shared_with(self, model: type[BaseModel]) -> dict[str, Any]:
        """The fields that the model has too, with their values here."""
        return {name: getattr(self, name) for name in model.model_fields if name in type(self).model_fields}

    @field_validator("findings", mode="before", check_fields=False)
    @classmethod
    def _none_found(cls, findings: Any) -> Any:
        """A trial that has not ended has no findings yet."""
        return () if findings is None else findings


class StudyRow(_Row):
    """One study as it stands."""

    name: str
    status: Literal["created"] | StudyStatusName = Field(description="created: no study_status event came yet.")
    reason: str | None = Field(description="Why it has this status, in one line.")
    spec: StudySpec
    folder: str = Field(description="Where its files are.")
    created_at: datetime
    started_at: datetime | None = Field(description="When it first ran.")
    completed_at: datetime | None = Field(description="When it ended; null while it runs, also when it runs again.")
    running_since: datetime | None = Field(description="When its present run began; null while it does not run.")
    active_seconds: float = Field(description="Length of its earlier runs together, without the pauses between them.")
    best_trial_number: int | None
    best_objective: float | None
    test_accuracy: float | None = Field(description="Of the saved best model: share of test samples in [0, 1].")
    test_loss: float | None = Field(description="Of the saved best model: cross-entropy on test data, in nats.")
    driver: str | None = Field(description="The process that runs it, as host:process; null: none does.")
    heartbeat_at: datetime | None = Field(description="When that process last gave a sign of life.")
    cancel_requested_at: datetime | None = Field(description="When that process was asked to stop.")
    alive: bool = Field(description="Whether that process still gives signs of life. False with status running: lost.")

    @property
    def standing(self) -> StandingName:
        """Its status, unless that was lost with its process."""
        return standing_of(self.status, alive=self.alive)


class TrialOutcome(NamedTuple):
    """What a trial came to in all that can be an objective."""

    trial_number: int
    status: TrialStatus
    values: dict[str, float]
    """Empty: not known (yet)."""


class TrialPlacement(NamedTuple):
    """Where a trial trained."""

    place: Place | None
    """At last; None: nowhere."""
    why_local: str | None
    repeat: Repeat | None


class TrialSummary(_Row):
    """One trial as a line of a list: without its layers, vital signs and traceback."""

    trial_id: str
    trial_number: int = Field(description="From 1.")
    status: TrialStatus
    started_at: datetime | None = Field(description="When its latest run began; null: it ended before a worker began.")
    completed_at: datetime | None = Field(description="Null while it runs.")
    duration_seconds: float | None = Field(description="From the worker's start of the trial to its end.")
    hyperparameters: dict[str, Scalar]
    suggested_by: SuggestedBy | None = Field(
        default=None, description="The method that suggested the hyperparameters; null: not recorded."
    )
    architecture: ArchitectureLine | None = Field(description="Null: the network was not built.")
    performance: Performance | None = Field(description="On validation data, at its best epoch.")
    health_metrics: HealthMetrics | None = Field(default=None, description="At its best epoch; null in mode simple.")
    findings: tuple[Finding, ...] = Field(default=(), description="What was unwell, in the order of the epochs.")
    cause: TrialCause | None = Field(description="Why it ended, for programs; null while it runs.")
    reason: str | None = Field(description="Why it ended, in one line.")
    objective: float | None = Field(description="Value of the study's first objective.")
    values: dict[str, float] = Field(description="Of everything that can be an objective; empty: not known (yet).")
    best_epoch: int | None
    epochs_trained: int
    place: Place | None = Field(default=None, description="Where it trained at last; null: nowhere.")
    why_local: str | None = Field(default=None, description="Why on this cluster although the study uses RunPod.")

    repeat: Repeat | None = Field(
        default=None, description="How it went when it was trained again here; null: it was not."
    )


class JobRow(RemoteJob):
    """One job of a trial on a RunPod endpoint that has ended."""

    trial_number: int = Field(description="From 1.")
    time: datetime = Field(description="When its bill was known.")


class TrialRow(TrialSummary):
    """One trial as it stands."""

    architecture: Architecture | None
    vital_signs: VitalSigns | None = Field(default=None, description="At its best epoch; null in mode simple.")
    error: str | None = Field(description="Traceback of a failed trial.")
    devices: Devices | None = Field(default=None, description="What it trains on, how and why; null: it did not start.")
    resources: ResourceUse | None = Field(default=None, description="What it took of its machine; null: not known.")


class TrialTotals(_Row):
    """What the trials of a study come to."""

    counts: dict[TrialStatus, int] = Field(description="Trials of each status that any has.")
    timed: dict[TrialStatus, int] = Field(description="Those of them that took time.")
    seconds: dict[TrialStatus, float] = Field(description="What these took, together.")
    best_accuracy: float | None
    best_total_score: float | None


class EpochRow(_Row):
    """One epoch of one trial: losses are cross-entropy in nats, accuracies shares in [0, 1]."""

    trial_number: int
    epoch: int = Field(description="From 1.")
    train_loss: float
    train_accuracy: float
    val_loss: float
    val_accuracy: float
    objective: float = Field(description="Value of the monitored objective after this epoch.")
    duration_s: float = Field(description="Training and validation, in seconds.")
    inference_ms: float = Field(description="Of one validation sample in a batch of 256, in milliseconds.")
    health_metrics: HealthMetrics | None = Field(default=None, description="Null in mode simple.")
    vital_signs: VitalSigns | None = Field(default=None, description="Null in mode simple.")
    findings: tuple[Finding, ...] = Field(default=(), description="What showed for the first time.")
    time: datetime = Field(description="When the epoch ended.")

    def event(self, epochs: int) -> EpochProgress:
        """The event that it was told by, of a trial of so many epochs."""
        return EpochProgress(
            time=self.time,
            trial_number=self.trial_number,
            epoch=self.epoch,
            epochs=epochs,
            train=Metrics(loss=self.train_loss, accuracy=self.train_accuracy),
            validation=Metrics(loss=self.val_loss, accuracy=self.val_accuracy),
            objective=self.objective,
            duration_s=self.duration_s,
            inference_ms=self.inference_ms,
            health_metrics=self.health_metrics,
            vital_signs=self.vital_signs,
            findings=self.findings,
        )
