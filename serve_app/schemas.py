"""What clients read. The names are promises; absent values are null, times have a zone (ISO 8601)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from serve_app.visualization import Visualization
from tuner.events import Devices, HealthMetrics, Performance, ResourceUse, TrialStatus
from tuner.spec import ModeName, StudySpec
from tuner.store import INTERRUPTED, CurrentStatus, TrialSummary
from tuner.study.parity import Parity
from tuner.study.progress import Progress
from tuner.study.result import CLOUD, FRONT, PARITY
from tuner.study.runpod_usage import RunPodUsage

Item = TypeVar("Item")


class Shown(BaseModel):
    """A value that clients read."""

    model_config = ConfigDict(frozen=True)


class Page(Shown, Generic[Item]):
    """Some of many."""

    items: list[Item]
    next_cursor: str | None = Field(description="Give it as `cursor` to get what follows; null: this is the end.")


class Created(Shown):
    """A study that was asked for."""

    id: str = Field(description="Its name, by which every other path knows it.")


class Job(Shown):
    """One study as it stands."""

    id: str
    status: CurrentStatus = Field(description=INTERRUPTED)
    reason: str | None = Field(description="Why it has this status, in one line.")
    dataset: str = Field(description="The name of its data set.")
    mode: ModeName
    objectives: list[str] = Field(description="The first one names the best trial.")
    created_at: datetime
    started_at: datetime | None = Field(description="When it first ran.")
    completed_at: datetime | None = Field(description="When it ended; null while it runs, also when it runs again.")
    cancel_requested_at: datetime | None = Field(description="When it was asked to end.")
    best_trial_number: int | None
    best_objective: float | None = Field(description="Value of the first objective.")
    test_accuracy: float | None = Field(description="Of the saved best model: share of test samples, in [0, 1].")
    test_loss: float | None = Field(description="Of the saved best model: cross-entropy on test data, in nats.")
    progress: Progress


class JobDetail(Job):
    """One study with what it was asked for."""

    spec: StudySpec
    best: TrialSummary | None = Field(description="The best trial so far.")
    front: list[int] = Field(description=FRONT)
    cloud: RunPodUsage | None = Field(description=CLOUD)
    parity: Parity | None = Field(description=PARITY)


class Session(Job):
    """One study of the history."""

    session_id: str


class EpochPoint(Shown):
    """One epoch of a curve: losses are cross-entropy in nats, accuracies shares in [0, 1]."""

    epoch: int = Field(description="From 1.")
    train_loss: float
    train_accuracy: float
    val_loss: float
    val_accuracy: float
    objective: float = Field(description="Of the monitored objective.")
    overall_health: float | None = Field(description="Null: not measured.")
    duration_s: float
    time: datetime


class TrialDetail(TrialSummary):
    """One trial, whole."""

    error: str | None = Field(description="Traceback of a failed trial.")
    devices: Devices | None = Field(description="What it trains on, how and why; null: it did not start.")
    resources: ResourceUse | None = Field(description="What it took of its machine: mean and peak; null: not known.")
    curves: list[EpochPoint] = Field(description="Its epochs, in their order.")
    visualization: Visualization | None = Field(description="Null: the network was not built.")


class ModelArchitecture(Shown):
    """One trial's network of a study."""

    trial_id: str
    trial_number: int
    status: TrialStatus
    performance: Performance | None
    health_metrics: HealthMetrics | None
    visualization: Visualization


class BestModel(TrialSummary):
    """The trial that leads, or led in the end, with its network."""

    training_duration: float | None = Field(description="From the worker's start of the trial to its end, in seconds.")
    updated_at: datetime | None = Field(description="When the trial ended.")
    test_accuracy: float | None = Field(description="Share of test samples, in [0, 1]; null: not tested (yet).")
    test_loss: float | None = Field(description="Cross-entropy on test data, in nats; null: not tested (yet).")
    saved: bool = Field(description="Whether its model is saved, and can be downloaded and predicted with.")
    visualization: Visualization | None


class ModelDocument(Shown):
    """All that is known of a best model, to keep beside it."""

    study: str
    spec: StudySpec
    best_model: BestModel
    metadata: dict[str, Any] | None = Field(description="What a user of the saved model needs; null: it is not saved.")


class LogPart(Shown):
    """Some lines of a study's log."""

    lines: list[str]
    next_offset: int = Field(description="Give it as `offset` to get what was written since.")


class DatasetEntry(Shown):
    """A data set that a study may name."""

    name: str
    kind: Literal["image", "text"]
    samples: int = Field(description="Of training, validation and test together.")
    classes: int
    source: str = Field(description="built in, uploaded, registered, or where it is downloaded from.")


class Root(Shown):
    """Paths to begin with."""

    name: Literal["tuner"] = "tuner"
    version: str
    openapi: Literal["/openapi.json"] = "/openapi.json"
    studies: Literal["/jobs"] = "/jobs"
    datasets: Literal["/datasets"] = "/datasets"
    options: Literal["/options"] = "/options"


class Health(Shown):
    """That the application answers."""

    status: Literal["ok"] = "ok"
    version: str


class Ready(Shown):
    """That it can work."""

    status: Literal["ready"] = "ready"
    database: Literal["ok"] = "ok"
