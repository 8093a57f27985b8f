"""Responses about many trials at once: columns, curves, and the trials that led."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field
from typing_extensions import TypedDict

from serve_app.feed.protocol import CURSOR, LayerOutline
from serve_app.schemas import Response
from tuner.events import (
    ArchitectureLine,
    Finding,
    Performance,
    Place,
    Scalar,
    StoppedBy,
    SuggestedBy,
    TrialCause,
    TrialStatus,
)
from tuner.store import CurveMetric


class TrialColumnValues(TypedDict, total=False):
    """One list for each requested column, each with one value for each trial. Other columns are left out."""

    trial_number: list[int]
    trial_id: list[str]
    status: list[TrialStatus]
    cause: list[TrialCause | None]
    reason: list[str | None]
    started_at: list[datetime | None]
    completed_at: list[datetime | None]
    duration_seconds: list[float | None]
    accuracy: list[float | None]
    loss: list[float | None]
    total_score: list[float | None]
    overall_health: list[float | None]
    neuron_utilization: list[float | None]
    training_stability: list[float | None]
    parameter_efficiency: list[float | None]
    gradient_health: list[float | None]
    convergence_quality: list[float | None]
    accuracy_consistency: list[float | None]
    insufficient: list[tuple[str, ...] | None]
    objective: list[float | None]
    best_epoch: list[int | None]
    epochs_trained: list[int]
    suggested_by: list[SuggestedBy | None]
    place: list[Place | None]
    node: list[str | None]
    queued_s: list[float | None]
    stopped_by: list[StoppedBy | None]
    note: list[str | None]
    starred: list[bool]
    cancel_requested_at: list[datetime | None]
    findings: list[list[Finding]]
    architecture: list[ArchitectureLine | None]
    outline: list[list[LayerOutline] | None]
    hyperparameters: list[dict[str, Scalar]]


TRIAL_COLUMNS = tuple(TrialColumnValues.__annotations__)


class TrialColumns(Response):
    """Trials as columns, after the event `sequence` of the study."""

    sequence: int = Field(description="Number of the study's last event; send it as `since` to get what changed later.")
    cursor: str = Field(pattern=f"^{CURSOR}$", description="The same as a position in the live feed: `after=CURSOR`.")
    fields: list[str] = Field(description="Names of the columns.")
    columns: TrialColumnValues
    next_cursor: str | None = Field(
        description="Pass it as `cursor` to get the next page; null: this is the last page."
    )


class TrialCurve(Response):
    """One metric of one trial. Both lists have the same length."""

    trial_number: int
    epochs: list[int] = Field(description="Numbers of epochs, ascending.")
    values: list[float]


class Curves(Response):
    """One metric of all trials, after the event `sequence` of the study."""

    metric: CurveMetric
    sequence: int
    trials: list[TrialCurve] = Field(description="By number; trials without a value of this metric are left out.")


class Best(Response):
    """A trial that became the best one of its study."""

    sequence: int = Field(description="Number of the event.")
    time: datetime
    trial_number: int
    objective: float = Field(description="Value of the study's first objective.")
    performance: Performance


Format = Literal["items", "columns"]
