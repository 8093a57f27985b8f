"""What the live feed says: version 1. Everything here is a JSON object whose `type` tells what it is.

Within a version messages and fields may be added: clients ignore what they do not know. Nothing is taken away or given
another meaning; that would be the next version. `feed.md` explains it to people, `feed.schema.json` to programs; both
are generated from here (`python -m serve_app.feed.document`), and a test says when they lag behind.

Durable messages are those that have a `sequence`: the study's own numbers 1, 2, 3, ... without gaps, each told once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic.json_schema import SkipJsonSchema

from tuner import events
from tuner.events import Performance, TrialCause, TrialStatus
from tuner.spec import ModeName
from tuner.store import INTERRUPTED, CurrentStatus, StudySummary
from tuner.study.progress import Progress

VERSION: Literal[1] = 1
SUBPROTOCOLS = "tuner.feed.v"
"""So begins what a WebSocket client may name, so that a server of another version refuses it."""
SUBPROTOCOL = f"{SUBPROTOCOLS}{VERSION}"

CURSOR = r"\d{1,15}(:[0-9a-f]{1,15})?"
"""A cursor in text: see `serve_app.feed.cursor`."""


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _OfStudy(_Message):
    study: str = Field(description="Name of the study.")


class _Numbered(_OfStudy):
    sequence: int = Field(ge=0, description="Number of the event in the study, from 1, without gaps.")
    cursor: str = Field(
        pattern=f"^{CURSOR}$", description="Where to go on from after a lost connection: give it back as `after`."
    )


class StudyStatus(_Numbered, events.StudyStatus):
    """The study began, went on or ended."""


class TrialStart(_Numbered, events.TrialStart):
    """A worker has built the network and begins to train it."""


class EpochProgress(_Numbered, events.EpochProgress):
    """An epoch ended: training and validation metrics."""

    snapshot: SkipJsonSchema[None] = Field(default=None, exclude=True, repr=False)  # never leaves the worker


class HealthAlert(_Numbered, events.HealthAlert):
    """Something turned out to be unwell with a training; once per trial and finding."""


class TrialComplete(_Numbered, events.TrialComplete):
    """The trial ended, and why."""


class TrialBilled(_Numbered, events.TrialBilled):
    """A job of a trial on a RunPod endpoint has ended, and its bill is known."""


class TrialRepeated(_Numbered, events.TrialRepeated):
    """A trial that ran on RunPod was trained again here, to compare."""


class NewBest(_Numbered, events.NewBest):
    """A trial took the lead."""


class BestModel(_Numbered, events.BestModel):
    """The best trial's model was saved and tested."""

    folder: SkipJsonSchema[str] = Field(default="", exclude=True, repr=False)  # a path of the server


class BatchProgress(_OfStudy, events.BatchProgress):
    """Where a running epoch stands. A sample: only the latest of a trial is told, and it may be left out."""


class ResourceSample(_OfStudy, events.ResourceSample):
    """What the process that trains a trial takes of its machine. A sample too."""


class ProgressMessage(_OfStudy):
    """Where the whole study stands, about once a second while it runs. A sample too."""

    type: Literal["progress"] = "progress"
    status: CurrentStatus = Field(description=INTERRUPTED)
    progress: Progress


class TrialBrief(BaseModel):
    """One trial in a snapshot. `GET /jobs/{id}/trials/{n}` tells the rest."""

    model_config = ConfigDict(frozen=True, extra="ignore", from_attributes=True)

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


class Snapshot(_Numbered):
    """One study as it stands after the event `sequence`: all that is told later happened after it.

    `GET /jobs/{id}` tells the rest.
    """

    type: Literal["snapshot"] = "snapshot"
    protocol: Literal[1] = VERSION
    status: CurrentStatus = Field(description=INTERRUPTED)
    reason: str | None = Field(description="Why it has this status.")
    mode: ModeName
    objectives: list[str] = Field(description="The first one names the best trial.")
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    best_trial_number: int | None
    best_objective: float | None
    test_accuracy: float | None
    test_loss: float | None
    progress: Progress
    trials: list[TrialBrief] = Field(description="By number.")


class StudyBrief(StudySummary):
    """One study in a list."""

    cursor: str = Field(pattern=f"^{CURSOR}$", description="Where this study's news goes on from.")


class Studies(_Message):
    """All studies, the newest first, each as it stands after its event `sequence`."""

    type: Literal["studies"] = "studies"
    protocol: Literal[1] = VERSION
    studies: list[StudyBrief]


class ResyncRequired(_Message):
    """What was missed cannot be told: forget what was known. A snapshot follows at once, and news goes on after it."""

    type: Literal["resync_required"] = "resync_required"
    study: str | None = Field(description="Because of which study; null: of all together.")
    reason: str


class StudyDeleted(_OfStudy):
    """The study is gone, with everything that was known of it."""

    type: Literal["study_deleted"] = "study_deleted"


class Alive(_Message):
    """Nothing happened for a while; the connection is well. As server-sent events it is a comment."""

    type: Literal["alive"] = "alive"


DurableMessage = (
    StudyStatus
    | TrialStart
    | EpochProgress
    | HealthAlert
    | TrialComplete
    | TrialBilled
    | TrialRepeated
    | NewBest
    | BestModel
)
SampleMessage = BatchProgress | ResourceSample | ProgressMessage
ControlMessage = Snapshot | Studies | ResyncRequired | StudyDeleted | Alive
ServerMessage = Annotated[DurableMessage | SampleMessage | ControlMessage, Field(discriminator="type")]
server_message: TypeAdapter[Any] = TypeAdapter(ServerMessage)
"""Everything that the feed says, for clients in Python: `server_message.validate_json(text)`."""


class Resume(_Message):
    """What a client of `/ws?resume=true` says first, within ten seconds: where it was in each study that it knew."""

    type: Literal["resume"] = "resume"
    after: dict[str, Annotated[str, Field(pattern=f"^{CURSOR}$")]] = Field(
        max_length=10_000,
        description="Last cursor by study. A study that is not named is new: it is told from its start.",
    )


CLOSED: dict[int, str] = {
    1012: "the server goes down: connect again, with the last cursor",
    4400: "what the client asked for cannot be understood: the reason tells why",
    4401: "the token is missing or wrong",
    4404: "there is no such study, or it was deleted",
    4406: f"the client speaks another version: this server speaks {SUBPROTOCOL}",
    4408: "the client took no message for too long: connect again, with the last cursor",
}
"""Why a WebSocket is closed, by its code. A page of an origin that is not allowed is refused with HTTP 403."""
