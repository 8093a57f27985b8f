"""The messages of the live feed, version 1. Each is a JSON object with a `type`.

Within a version, messages and fields may be added, and clients ignore the ones that they do not know. Nothing is
removed and no meaning changes; that would be a new version. `python -m serve_app.feed.document` generates
`feed.schema.json` and the tables of `feed.md` from here; a test fails if they are outdated.

Durable messages have a `sequence`: the study's own numbers 1, 2, 3, ... without gaps, each sent once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic.json_schema import SkipJsonSchema

from serve_app.socket_protocol import VERSION
from tuner import events
from tuner.events import (
    ArchitectureLine,
    Baseline,
    Finding,
    HealthMetrics,
    Performance,
    Place,
    Scalar,
    StoppedBy,
    SuggestedBy,
    TrialCause,
    TrialStatus,
)
from tuner.spec import ModeName
from tuner.store import BASELINE, STATUS_MEANING, CurrentStatus, StudySummary
from tuner.study.progress import Progress

CURSOR = r"\d{1,15}(:[0-9a-f]{1,15})?"
"""Pattern of a cursor: see `serve_app.feed.cursor`."""

RESUME_STUDIES = 10_000
"""Most studies in a resume message."""


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _OfStudy(_Message):
    study: str = Field(description="Name of the study.")


class _Numbered(_OfStudy):
    sequence: int = Field(ge=0, description="Number of the event in the study, from 1, without gaps.")
    cursor: str = Field(
        pattern=f"^{CURSOR}$",
        description="Position after this message: send it as `after` to resume a lost connection.",
    )


class StudyStatus(_Numbered, events.StudyStatus):
    """The study started or ended, or a resume of it was accepted (`created`)."""


class DataRead(_Numbered, events.DataRead):
    """The study's data set was read: its size, and what was left out or changed."""


class BaselineFitted(_Numbered, events.BaselineFitted):
    """The baseline that every network is compared with is known."""


class TrialStart(_Numbered, events.TrialStart):
    """A worker has built the network and starts to train it."""


class EpochProgress(_Numbered, events.EpochProgress):
    """An epoch ended: training and validation metrics."""

    snapshot: SkipJsonSchema[None] = Field(default=None, exclude=True, repr=False)  # never leaves the worker
    summary: SkipJsonSchema[None] = Field(default=None, exclude=True, repr=False)  # only for figures


class HealthAlert(_Numbered, events.HealthAlert):
    """A training problem was found; sent once per trial and problem."""


class TrialComplete(_Numbered, events.TrialComplete):
    """A trial ended, and why."""


class TrialBilled(_Numbered, events.TrialBilled):
    """A RunPod job of a trial has ended, and its cost is known."""


class TrialRepeated(_Numbered, events.TrialRepeated):
    """A trial that ran on RunPod was trained again on this cluster, to compare."""


class NewBest(_Numbered, events.NewBest):
    """A trial is the new best one."""


class BestModel(_Numbered, events.BestModel):
    """The best trial's model was saved and tested."""

    folder: SkipJsonSchema[str] = Field(default="", exclude=True, repr=False)  # a path of the server


class StudyChanged(_Numbered, events.StudyChanged):
    """A person changed the study's note, its tags or the number of its concurrent trials."""


class TrialChanged(_Numbered, events.TrialChanged):
    """A person changed a trial's note or star, or asked to cancel the trial."""


class BatchProgress(_OfStudy, events.BatchProgress):
    """The latest batch of a running epoch."""


class ResourceSample(_OfStudy, events.ResourceSample):
    """CPU, GPU and memory use of the process that trains a trial."""


class ProgressMessage(_OfStudy):
    """The progress of the whole study, about once a second while it is running."""

    type: Literal["progress"] = "progress"
    status: CurrentStatus = Field(description=STATUS_MEANING)
    cancel_requested_at: datetime | None = Field(description="When a cancel was requested; null: never.")
    progress: Progress


class LayerOutline(BaseModel):
    """One layer of a network, as short as a drawing of its shape allows."""

    model_config = ConfigDict(frozen=True)

    layer_type: str = Field(description="Keras class name, such as Conv2D.")
    output_shape: list[int | None] = Field(description="Without the batch axis; null is any length.")
    parameters: int = Field(description="Number of weights, trainable or not.")


class TrialBrief(BaseModel):
    """One trial in a snapshot. `GET /jobs/{id}/trials/{n}` returns the rest."""

    model_config = ConfigDict(frozen=True)

    trial_id: str
    trial_number: int
    status: TrialStatus
    started_at: datetime | None
    completed_at: datetime | None
    duration_seconds: float | None
    performance: Performance | None
    overall_health: float | None = Field(description="In [0, 1]; null: not measured.")
    objective: float | None = Field(description="Value of the study's first objective.")
    best_epoch: int | None
    epochs_trained: int
    cause: TrialCause | None
    reason: str | None
    hyperparameters: dict[str, Scalar]
    suggested_by: SuggestedBy | None = Field(description="The method that suggested them; null: not recorded.")
    architecture: ArchitectureLine | None = Field(description="Null: the network was not built.")
    outline: list[LayerOutline] | None = Field(description="Its layers, from input to output; null: not built.")
    health_metrics: HealthMetrics | None = Field(description="At its best epoch; null: not measured, or it runs.")
    findings: list[Finding] = Field(description="Training problems of a trial that ended.")
    place: Place | None = Field(description="Where its latest run trained; null: it never trained.")
    node: str | None = Field(description="Host name of the machine; null: not known.")
    queued_s: float | None = Field(description="Seconds from its suggestion to its start; null: not known.")
    stopped_by: StoppedBy | None = Field(description="The comparison by which a scheduler ended it; null: none.")
    note: str | None = Field(description="What people noted about it; null: nothing.")
    starred: bool = Field(description="Whether a person starred it.")
    cancel_requested_at: datetime | None = Field(
        description="When a person asked to cancel this trial alone; null: never."
    )


class Snapshot(_Numbered):
    """One study after the event `sequence`; later messages are later events.

    `GET /jobs/{id}` returns the rest.
    """

    type: Literal["snapshot"] = "snapshot"
    protocol: Literal[1] = VERSION
    status: CurrentStatus = Field(description=STATUS_MEANING)
    reason: str | None = Field(description="Why it has this status.")
    mode: ModeName
    objectives: list[str] = Field(description="The first one decides which trial is the best.")
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    cancel_requested_at: datetime | None = Field(description="When a cancel was requested; null: never.")
    best_trial_number: int | None
    best_objective: float | None
    test_accuracy: float | None
    test_loss: float | None
    baseline: Baseline | None = Field(description=BASELINE)
    note: str | None = Field(description="What people noted about it; null: nothing.")
    tags: tuple[str, ...] = Field(description="Its tags, in the order in which they were given.")
    concurrent_workers: int | None = Field(
        description="Most trials that train at once; null: as many as the cluster's machines hold (auto)."
    )
    progress: Progress
    trials: list[TrialBrief] = Field(description="By number; with `?trials=running` only the running ones.")


class StudyBrief(StudySummary):
    """One study in a list."""

    cursor: str = Field(pattern=f"^{CURSOR}$", description="Position in the study's log after this summary.")


class Studies(_Message):
    """All studies, the newest first, each after its event `sequence`."""

    type: Literal["studies"] = "studies"
    protocol: Literal[1] = VERSION
    studies: list[StudyBrief]


class ResyncRequired(_Message):
    """Missed events cannot be sent: forget the study. A snapshot follows at once, then later events."""

    type: Literal["resync_required"] = "resync_required"
    study: str | None = Field(description="The study with the missed events; null: all studies together.")
    reason: str


class StudyDeleted(_OfStudy):
    """The study was deleted."""

    type: Literal["study_deleted"] = "study_deleted"


class Alive(_Message):
    """Nothing happened for 15 s; the connection works. In server-sent events it is a comment."""

    type: Literal["alive"] = "alive"


DurableMessage = (
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
    | TrialChanged
)
SampleMessage = BatchProgress | ResourceSample | ProgressMessage
ControlMessage = Snapshot | Studies | ResyncRequired | StudyDeleted | Alive
ServerMessage = Annotated[DurableMessage | SampleMessage | ControlMessage, Field(discriminator="type")]
server_message: TypeAdapter[Any] = TypeAdapter(ServerMessage)
"""All messages of the server, for clients in Python: `server_message.validate_json(text)`."""


class Resume(_Message):
    """First message of a client of `/ws?resume=true`, within 10 s: its position in each study."""

    type: Literal["resume"] = "resume"
    after: dict[str, Annotated[str, Field(pattern=f"^{CURSOR}$")]] = Field(
        max_length=RESUME_STUDIES,
        description="Last cursor by study. All events of other studies are sent.",
    )
