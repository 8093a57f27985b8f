"""The values that the store returns: plain and immutable. Users and the REST API see their JSON form.

All times have a zone (UTC). A missing value is null.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from tuner.data_report import DataRecord
from tuner.events import (
    Architecture,
    ArchitectureLine,
    Baseline,
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
    SearchParameter,
    StoppedBy,
    StudyStatusName,
    SuggestedBy,
    TrialCause,
    TrialStatus,
    VitalSigns,
)
from tuner.spec import StudySpec

CurrentStatus = Literal["created", "running", "interrupted", "completed", "failed", "cancelled"]
STATUS_MEANING = (
    "created: no process has begun it, or its accepted resume; interrupted: its process ended while the study was "
    "running and could not record an end."
)


def current_status(status: str, *, alive: bool) -> CurrentStatus:
    """The current status of a study with this recorded status, whose process holds its lease if `alive`."""
    current: CurrentStatus = "interrupted" if status == "running" and not alive else status  # type: ignore[assignment]
    return current


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    def shared_with(self, model: type[BaseModel]) -> dict[str, Any]:
        """The values of the fields that the other model has too."""
        return {name: getattr(self, name) for name in model.model_fields if name in type(self).model_fields}

    @field_validator("findings", "tags", mode="before", check_fields=False)
    @classmethod
    def _empty_if_null(cls, values: Any) -> Any:
        """The column is null until the trial ends, or until the study gets tags."""
        return () if values is None else values


BASELINE = (
    "What a plain method reaches on the same data: the majority class, or a logistic regression. Null: not known (yet)."
)


class StudyRow(_Row):
    """One study."""

    name: str
    status: StudyStatusName = Field(
        description="As its last event recorded it; created: no process has begun it, or its accepted resume."
    )
    reason: str | None = Field(description="Why it has this status, in one line.")
    spec: StudySpec
    folder: str = Field(description="The folder of its files.")
    created_at: datetime
    started_at: datetime | None = Field(description="Start of its first run.")
    completed_at: datetime | None = Field(description="End of its last run; null while it runs.")
    running_since: datetime | None = Field(description="Start of its current run; null: it does not run.")
    active_seconds: float = Field(description="Total duration of its earlier runs, without the pauses between them.")
    data: DataRecord | None = Field(default=None, description="What was read of its data; null: it has not run yet.")
    baseline: Baseline | None = Field(default=None, description=BASELINE)
    space: tuple[SearchParameter, ...] | None = Field(
        default=None, description="Its search space; null: its data were not read yet, or by an older tuner."
    )
    best_trial_number: int | None = Field(description="May be a trial that still trains.")
    best_objective: float | None
    best_performance: Performance | None = Field(description="Accuracy, loss and total score of the best trial.")
    test_accuracy: float | None = Field(description="Of the saved best model: share of test samples in [0, 1].")
    test_loss: float | None = Field(description="Of the saved best model: cross-entropy on test data, in nats.")
    note: str | None = Field(default=None, description="What people noted about it; null: nothing.")
    tags: tuple[str, ...] = Field(default=(), description="Its tags, in the order in which they were given.")
    workers: int | None = Field(
        default=None, description="Most trials at once, if that was changed after the start; null: as in the spec."
    )
    driver: str | None = Field(description="The process that runs it, as host:process; null: it does not run.")
    heartbeat_at: datetime | None = Field(description="Time at which that process last renewed its lease.")
    cancel_requested_at: datetime | None = Field(
        description="Time at which the last run was asked to stop; null: it was not asked."
    )
    alive: bool = Field(description="Whether that process holds the lease. False with status running: interrupted.")

    @property
    def current_status(self) -> CurrentStatus:
        """The status, or `interrupted` if the study was running when its process ended."""
        return current_status(self.status, alive=self.alive)

    @property
    def concurrent_workers(self) -> int | Literal["auto"]:
        """Most trials that train at once; auto: as many as the cluster's nodes hold."""
        return self.spec.concurrent_workers if self.workers is None else self.workers

    @property
    def cancel_pending(self) -> bool:
        """Whether its current run was asked to stop, or its last run was and its process is gone without an end."""
        asked, ended = self.cancel_requested_at, self.completed_at
        return asked is not None and (self.alive or ended is None or ended < asked)


class TrialOutcome(NamedTuple):
    """The columns of a trial that sums over all trials of a study need."""

    trial_number: int
    status: TrialStatus
    values: dict[str, float]
    """Of everything that can be an objective; empty: not known (yet)."""
    place: Place | None
    why_local: str | None
    repeat: Repeat | None


class TrialSummary(_Row):
    """One trial as an item of a list: without its layers, vital signs, devices and traceback."""

    trial_id: str
    trial_number: int = Field(description="From 1.")
    status: TrialStatus
    started_at: datetime | None = Field(description="Start of its latest run; null: no worker began it.")
    completed_at: datetime | None = Field(description="Null while it runs.")
    duration_seconds: float | None = Field(
        description="Seconds of its latest run on the worker, until its last report; later saving is not counted."
    )
    hyperparameters: dict[str, Scalar]
    suggested_by: SuggestedBy | None = Field(
        default=None, description="The method that suggested the hyperparameters; null: not recorded."
    )
    architecture: ArchitectureLine | None = Field(description="Null: the network was not built.")
    performance: Performance | None = Field(description="On validation data, at its best epoch.")
    health_metrics: HealthMetrics | None = Field(default=None, description="At its best epoch; null in mode simple.")
    findings: tuple[Finding, ...] = Field(default=(), description="Training problems, in the order of the epochs.")
    cause: TrialCause | None = Field(description="Why it ended, for programs; null while it runs.")
    reason: str | None = Field(description="Why it ended, in one line.")
    objective: float | None = Field(description="Value of the study's first objective.")
    values: dict[str, float] = Field(description="Value of each possible objective; empty: not known (yet).")
    best_epoch: int | None
    epochs_trained: int
    place: Place | None = Field(default=None, description="Where its latest run trained; null: it never trained.")
    why_local: str | None = Field(
        default=None, description="The reason why it trained on this cluster although the study uses RunPod."
    )
    repeat: Repeat | None = Field(
        default=None, description="Comparison with a second training on this cluster; null: it was not trained again."
    )
    node: str | None = Field(default=None, description="Host name of the machine that trains it; null: not known.")
    queued_s: float | None = Field(
        default=None, description="Seconds from its suggestion to the start of its latest run; null: not known."
    )
    stopped_by: StoppedBy | None = Field(
        default=None, description="The comparison by which a scheduler ended it; null: none did, or not recorded."
    )
    note: str | None = Field(default=None, description="What people noted about it; null: nothing.")
    starred: bool = Field(default=False, description="Whether a person starred it.")
    cancel_requested_at: datetime | None = Field(
        default=None,
        description="When a person asked to cancel this trial alone; null: never. It is never trained again.",
    )

    @field_validator("starred", mode="before")
    @classmethod
    def _no_star_if_null(cls, starred: Any) -> Any:
        """Tables that an older tuner exported have no stars."""
        return False if starred is None else starred

    @property
    def cancelled_by_person(self) -> bool:
        """Whether a person ended it alone: it counts as a performed trial, and is never trained again."""
        return self.status == "cancelled" and self.cancel_requested_at is not None

    @property
    def continues(self) -> bool:
        """Whether `tuner resume` continues it: it ended with its study, or its worker or driver was lost."""
        return self.status in ("running", "cancelled") and self.cancel_requested_at is None


class JobRow(RemoteJob):
    """One job of a trial on a RunPod endpoint that has ended."""

    trial_number: int = Field(description="From 1.")
    time: datetime = Field(description="Time at which its bill was known.")


class TrialRow(TrialSummary):
    """One trial, complete."""

    architecture: Architecture | None
    vital_signs: VitalSigns | None = Field(default=None, description="At its best epoch; null in mode simple.")
    error: str | None = Field(description="Traceback of a failed trial.")
    devices: Devices | None = Field(default=None, description="Devices it trains on and why; null: it did not start.")
    resources: ResourceUse | None = Field(default=None, description="Use of its machine; null: not known.")
    saved_s: float | None = Field(
        default=None, description="Estimated seconds that pruning it saved; null: it was not pruned, or not known."
    )

    @model_validator(mode="before")
    @classmethod
    def _node_of_devices(cls, values: Any) -> Any:
        """The machine is a part of the devices, and has no column of its own."""
        devices = values.get("devices") if isinstance(values, Mapping) else None
        if devices is None or "node" in values:
            return values
        return {**values, "node": devices["node"] if isinstance(devices, Mapping) else devices.node}


class TrialTotals(_Row):
    """Sums over the trials of a study, by status; a status without trials is left out."""

    counts: dict[TrialStatus, int] = Field(description="Number of trials.")
    timed: dict[TrialStatus, int] = Field(description="Number of trials with a duration above 0.")
    seconds: dict[TrialStatus, float] = Field(description="Total of these durations, in seconds.")
    saved_s: dict[TrialStatus, float] = Field(description="Total of the seconds that pruning saved, estimated.")
    cancelled_by_person: int = Field(default=0, description="Number of cancelled trials that people cancelled alone.")


class EpochRow(_Row):
    """One epoch of one trial: losses are cross-entropy in nats, accuracies shares in [0, 1]."""

    trial_number: int
    epoch: int = Field(description="From 1.")
    train_loss: float
    train_accuracy: float
    val_loss: float
    val_accuracy: float
    objective: float = Field(description="Value of the monitored objective after this epoch.")
    val_balanced_accuracy: float | None = Field(default=None, description="In [0, 1]; null: not measured.")
    val_macro_f1: float | None = Field(default=None, description="In [0, 1]; null: not measured.")
    duration_s: float = Field(description="Training and validation, in seconds.")
    inference_ms: float = Field(description="Of one validation sample in a batch of 256, in milliseconds.")
    health_metrics: HealthMetrics | None = Field(default=None, description="Null in mode simple.")
    vital_signs: VitalSigns | None = Field(default=None, description="Null in mode simple.")
    findings: tuple[Finding, ...] = Field(default=(), description="Training problems first found in it.")
    time: datetime = Field(description="End of the epoch.")

    def event(self, epochs: int) -> EpochProgress:
        """The event of this epoch, of a trial with that many epochs."""
        return EpochProgress(
            time=self.time,
            trial_number=self.trial_number,
            epoch=self.epoch,
            epochs=epochs,
            train=Metrics(loss=self.train_loss, accuracy=self.train_accuracy),
            validation=Metrics(loss=self.val_loss, accuracy=self.val_accuracy),
            objective=self.objective,
            val_balanced_accuracy=self.val_balanced_accuracy,
            val_macro_f1=self.val_macro_f1,
            duration_s=self.duration_s,
            inference_ms=self.inference_ms,
            health_metrics=self.health_metrics,
            vital_signs=self.vital_signs,
            findings=self.findings,
        )
