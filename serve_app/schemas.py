"""Responses of the API. Field names are promises; absent values are null; times are ISO 8601 with a time zone."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from serve_app.visualization import Visualization
from tuner.data_report import DataReport
from tuner.events import (
    Baseline,
    Devices,
    Finding,
    HealthMetrics,
    LayerHealth,
    Performance,
    ResourceUse,
    TrialStatus,
)
from tuner.spec import ModeName, StudySpec
from tuner.store import BASELINE, STATUS_MEANING, CurrentStatus, JobRow, TrialSummary
from tuner.study.parity import Parity
from tuner.study.progress import Progress
from tuner.study.result import CLOUD, FRONT, PARITY, WARNINGS
from tuner.study.runpod_usage import RunPodUsage

Item = TypeVar("Item")
FigureFormat = Literal["png", "svg", "gif"]


class Response(BaseModel):
    """Base of all responses."""

    model_config = ConfigDict(frozen=True)


class Page(Response, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    next_cursor: str | None = Field(
        description="Pass it as `cursor` to get the next page; null: this is the last page."
    )


class Created(Response):
    """The study that a request started or changed."""

    id: str = Field(description="Its name, which other paths use.")


class Job(Response):
    """One study."""

    id: str
    status: CurrentStatus = Field(description=STATUS_MEANING)
    reason: str | None = Field(description="Why it has this status, in one line.")
    dataset: str = Field(description="Name of its data set.")
    mode: ModeName
    objectives: list[str] = Field(description="The first one decides which trial is the best.")
    created_at: datetime
    started_at: datetime | None = Field(description="When its first run started.")
    completed_at: datetime | None = Field(
        description="When it ended; null while it is running or after it was resumed."
    )
    cancel_requested_at: datetime | None = Field(description="When a cancel was requested; null: never.")
    best_trial_number: int | None
    best_objective: float | None = Field(description="Value of the first objective.")
    test_accuracy: float | None = Field(description="Accuracy of the saved best model on test data, in [0, 1].")
    test_loss: float | None = Field(description="Cross-entropy of the saved best model on test data, in nats.")
    note: str | None = Field(description="What people noted about it; null: nothing.")
    tags: tuple[str, ...] = Field(description="Its tags, in the order in which they were given.")
    concurrent_workers: int | None = Field(
        description="Most trials that train at once; null: as many as the cluster's machines hold (auto)."
    )
    progress: Progress


class Rung(Response):
    """A point of a trial's training at which the scheduler compares it with others, and may end it."""

    number: int = Field(description="From 1.")
    at: float = Field(description="Epochs or seconds of training.")
    unit: Literal["epoch", "second"]


class JobDetail(Job):
    """One study with its spec and its best trial."""

    spec: StudySpec
    data: DataReport | None = Field(description="What was read of its data set; null: not read yet.")
    baseline: Baseline | None = Field(description=BASELINE)
    warnings: tuple[str, ...] = Field(description=WARNINGS)
    best: TrialSummary | None = Field(description="The best trial so far.")
    front: list[int] = Field(description=FRONT)
    cloud: RunPodUsage | None = Field(description=CLOUD)
    parity: Parity | None = Field(description=PARITY)
    disk_bytes: int | None = Field(description="Bytes of its files, which its deletion frees; null: on another node.")
    rungs: list[Rung] | None = Field(
        description="Where its scheduler compares trials, in order; empty: nowhere. Null: not known, since the rungs "
        "of a time budget depend on the number of workers."
    )


class Session(Job):
    """One study of the history."""

    session_id: str


class EpochPoint(Response):
    """One epoch of a trial. Losses are cross-entropy in nats; accuracies are in [0, 1]."""

    epoch: int = Field(description="Number of the epoch, from 1.")
    train_loss: float
    train_accuracy: float
    val_loss: float
    val_accuracy: float
    val_balanced_accuracy: float | None = Field(description="Mean recall of the classes; null: not measured.")
    val_macro_f1: float | None = Field(description="Mean F1 score of the classes; null: not measured.")
    objective: float = Field(description="Value of the objective that early stopping uses.")
    overall_health: float | None = Field(description="In [0, 1]; null: not measured.")
    duration_s: float
    time: datetime
    health_metrics: HealthMetrics | None = Field(description="After this epoch; null: not measured.")
    findings: tuple[Finding, ...] = Field(description="Training problems first found in it, with their remedies.")
    layers: tuple[LayerHealth, ...] = Field(description="Health of its layers with weights; empty: not measured.")
    gradient_norm: float | None = Field(
        description="Norm of the loss's gradient over all kernels; null: not measured, or not finite."
    )


class TrialDetail(TrialSummary):
    """One trial with its epochs and its network."""

    error: str | None = Field(description="Traceback of a failed trial.")
    devices: Devices | None = Field(description="Devices it trains on, and why; null: it has not started.")
    resources: ResourceUse | None = Field(description="Mean and peak use of CPU, GPU and memory; null: not known.")
    curves: list[EpochPoint] = Field(description="Its epochs, in order.")
    jobs: list[JobRow] = Field(description="Its jobs on RunPod that have ended, with their cost, in order.")
    visualization: Visualization | None = Field(description="Its network; null: it was not built.")


class ModelArchitecture(Response):
    """The network of one trial."""

    trial_id: str
    trial_number: int
    status: TrialStatus
    performance: Performance | None
    health_metrics: HealthMetrics | None
    visualization: Visualization


class BestModel(TrialSummary):
    """The best trial of a study, with its network."""

    training_duration: float | None = Field(description="Seconds from the trial's start to its end.")
    updated_at: datetime | None = Field(description="When the trial ended.")
    test_accuracy: float | None = Field(description="Accuracy on test data, in [0, 1]; null: not tested yet.")
    test_loss: float | None = Field(description="Cross-entropy on test data, in nats; null: not tested yet.")
    saved: bool = Field(description="Whether its model is saved, so that it can be downloaded and can predict.")
    visualization: Visualization | None


class ModelDocument(Response):
    """The best model's description: spec, trial and metadata."""

    study: str
    spec: StudySpec
    best_model: BestModel
    metadata: dict[str, Any] | None = Field(
        description="Labels, preprocessing and versions of the saved model; null: not saved."
    )


class LogPart(Response):
    """Lines of a study's log."""

    lines: list[str]
    next_offset: int = Field(description="Pass it as `offset` to get the lines written since.")


class Figure(Response):
    """A figure that can be drawn."""

    name: str
    title: str
    shows: str = Field(description="What it shows, in a few words.")
    formats: list[FigureFormat] = Field(description="The first one is the default.")


class Figures(Response):
    """The figures of a study."""

    figures: list[Figure]
    trials: list[int] = Field(
        description="Numbers of the trials with figures of their own: those that have trained an epoch, at most 10,000."
    )


class DatasetEntry(Response):
    """A data set that studies can use."""

    name: str
    kind: Literal["image", "text"]
    samples: int = Field(description="Number of training, validation and test samples together.")
    classes: int
    source: str = Field(
        description="built in, uploaded, registered, in the data folder, downloaded, or the host from which a study "
        "downloads it."
    )


class DatasetDetail(DatasetEntry):
    """A data set with the report on it."""

    report: DataReport | None = Field(
        description="Samples by class and part, and what was left out or changed; null: not read yet."
    )


class Root(Response):
    """Name, version and the paths to start with."""

    name: Literal["tuner"] = "tuner"
    version: str
    openapi: Literal["/openapi.json"] = "/openapi.json"
    studies: Literal["/jobs"] = "/jobs"
    datasets: Literal["/datasets"] = "/datasets"
    options: Literal["/options"] = "/options"


class LoginState(Response):
    """Whether this client may send requests."""

    login_required: bool = Field(description="Whether the server has a token.")
    logged_in: bool = Field(description="Whether this request has the token or the cookie of a login, or needs none.")


class Health(Response):
    """The application answers."""

    status: Literal["ok"] = "ok"
    version: str


class Ready(Response):
    """The application can work."""

    status: Literal["ready"] = "ready"
    database: Literal["ok"] = "ok"
    jobs: Literal["ok"] = Field(default="ok", description="Studies can be started.")
