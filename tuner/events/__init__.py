"""The events of a study, as immutable values.

Durable events are appended to the store once, in order, with a sequence number. `BatchProgress` and `ResourceSample`
are ephemeral: only the latest one of each trial is kept in memory; it has no number and is never stored.
A trial's events come in this order: `TrialStart`, then `EpochProgress` for epochs 1, 2, ... (any number of
`BatchProgress` between them), then exactly one `TrialComplete`. Each finding of an epoch follows it as a `HealthAlert`.
`StudyChanged` and `TrialChanged` may come at any time, also after the study's end: a person asked for the change.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, TypeAdapter

from tuner.events.base import ENDED, Place, Scalar, StudyStatusName, SuggestedBy, TrialCause, TrialStatus, now
from tuner.events.changes import StudyChanged, StudyField, TrialChanged, TrialField
from tuner.events.health import Finding, FindingName, HealthMetrics, LayerHealth, VitalSigns
from tuner.events.network import Architecture, ArchitectureLine, Layer, Metrics, Performance
from tuner.events.remote import RemoteJob, Repeat, TrialBilled, TrialRepeated
from tuner.events.resources import Devices, MeanAndPeak, ResourceSample, ResourceUse
from tuner.events.study import (
    Baseline,
    BaselineFitted,
    BestModel,
    DataRead,
    Refit,
    SearchParameter,
    StartUp,
    StudyStatus,
)
from tuner.events.summaries import QUANTILES, LayerSummary, TrainingSummary
from tuner.events.trial import (
    BatchProgress,
    EpochProgress,
    EpochSeconds,
    HealthAlert,
    NewBest,
    StoppedBy,
    TrialComplete,
    TrialStart,
)

DurableEvent = Annotated[
    StudyStatus
    | DataRead
    | BaselineFitted
    | TrialStart
    | EpochProgress
    | HealthAlert
    | TrialComplete
    | TrialBilled
    | TrialRepeated
    | NewBest
    | BestModel
    | StudyChanged
    | TrialChanged,
    Field(discriminator="type"),
]
TrialEvent = Annotated[TrialStart | BatchProgress | EpochProgress | TrialComplete, Field(discriminator="type")]
durable_event: TypeAdapter[DurableEvent] = TypeAdapter(DurableEvent)

__all__ = [
    "ENDED",
    "QUANTILES",
    "Architecture",
    "ArchitectureLine",
    "Baseline",
    "BaselineFitted",
    "BatchProgress",
    "BestModel",
    "DataRead",
    "Devices",
    "DurableEvent",
    "EpochProgress",
    "EpochSeconds",
    "Finding",
    "FindingName",
    "HealthAlert",
    "HealthMetrics",
    "Layer",
    "LayerHealth",
    "LayerSummary",
    "MeanAndPeak",
    "Metrics",
    "NewBest",
    "Performance",
    "Place",
    "Refit",
    "RemoteJob",
    "Repeat",
    "ResourceSample",
    "ResourceUse",
    "Scalar",
    "SearchParameter",
    "StartUp",
    "StoppedBy",
    "StudyChanged",
    "StudyField",
    "StudyStatus",
    "StudyStatusName",
    "SuggestedBy",
    "TrainingSummary",
    "TrialBilled",
    "TrialCause",
    "TrialChanged",
    "TrialComplete",
    "TrialEvent",
    "TrialField",
    "TrialRepeated",
    "TrialStart",
    "TrialStatus",
    "VitalSigns",
    "durable_event",
    "now",
]
