"""Messages on their way: written once as JSON, however many clients get them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, Field, TypeAdapter
from pydantic_core import PydanticSerializationError

from serve_app.feed import protocol
from serve_app.feed.cursor import Cursor, log_name
from tuner.events import DurableEvent, EpochProgress, TrialComplete, TrialStart
from tuner.store import StudySnapshot, StudySummary, TrialRow
from tuner.study.progress import Progress

_HIDDEN = {"folder"}
"""No path of this machine is told."""
_board_sample: TypeAdapter[protocol.BatchProgress | protocol.ResourceSample] = TypeAdapter(
    Annotated[protocol.BatchProgress | protocol.ResourceSample, Field(discriminator="type")]
)


@dataclass(frozen=True)
class Message:
    """Something to tell a client."""

    type: str
    text: str
    """JSON, in one line."""
    cursor: Cursor | None = None
    """Where the client stands in the study once it has it; None: where it stood before."""


@dataclass(frozen=True)
class Durable:
    """A message of the log."""

    message: Message
    sequence: int
    trial_number: int | None = None
    epochs_done: float | None = None
    """Epochs of the trial that are done with this event, all of them (infinity) when it ends; None: it says nothing."""


@dataclass(frozen=True)
class Sample:
    """A message that a newer one of the same key replaces."""

    message: Message
    key: tuple[str, str, int | None]
    """Study, type, trial."""
    epoch: float = 0
    """That it tells of. Once that is done, it is old."""


def durable(study: str, log: str, sequence: int, event: DurableEvent) -> Durable:
    """The message of a stored event."""
    cursor = Cursor(sequence, log)
    text = _joined({"study": study, "sequence": sequence, "cursor": str(cursor)}, event)
    epochs_done: float | None = None
    match event:
        case TrialStart():
            epochs_done = event.resumed_from_epoch
        case EpochProgress():
            epochs_done = event.epoch
        case TrialComplete():
            epochs_done = float("inf")
    return Durable(Message(event.type, text, cursor), sequence, getattr(event, "trial_number", None), epochs_done)


def sample(study: str, value: dict[str, Any]) -> Sample:
    """The message of a sample from a study's live board.

    Raises:
        ValueError: it is none that this version knows.
    """
    read = _board_sample.validate_python({**value, "study": study})
    # A trial's resources are old once it has ended, never before.
    epoch = read.epoch if isinstance(read, protocol.BatchProgress) else float("inf")
    return Sample(Message(read.type, _written(read)), (study, read.type, read.trial_number), epoch)


def progress_sample(study: str, status: Any, progress: Progress) -> Sample:
    """The message of where a study stands."""
    read = protocol.ProgressMessage(study=study, status=status, progress=progress)
    return Sample(Message(read.type, _written(read)), (study, read.type, None))


def snapshot(standing: StudySnapshot, progress: Progress) -> Message:
    """The message that a client of one study begins with."""
    study = standing.study
    cursor = Cursor(standing.sequence, log_name(study.created_at))
    values = study.shared_with(protocol.Snapshot) | {
        "study": study.name,
        "sequence": standing.sequence,
        "cursor": str(cursor),
        "status": study.current_status,
        "mode": study.spec.mode,
        "objectives": list(study.spec.objectives),
        "progress": progress,
        "trials": [_brief(trial) for trial in standing.trials],
    }
    told = protocol.Snapshot(**values)
    return Message(told.type, _written(told), cursor)


def _brief(trial: TrialRow) -> protocol.TrialBrief:
    health = trial.health_metrics and trial.health_metrics.overall_health
    return protocol.TrialBrief(**trial.shared_with(protocol.TrialBrief), overall_health=health)


def studies(standings: list[StudySummary]) -> Message:
    """The message that a client of all studies begins with."""
    briefs = [
        protocol.StudyBrief(**dict(brief), cursor=str(Cursor(brief.sequence, log_name(brief.created_at))))
        for brief in standings
    ]
    told = protocol.Studies(studies=briefs)
    return Message(told.type, _written(told))


def resync_required(study: str | None, reason: str) -> Message:
    """What was missed cannot be told."""
    return _control(protocol.ResyncRequired(study=study, reason=reason))


def study_deleted(study: str) -> Message:
    """The study is gone."""
    return _control(protocol.StudyDeleted(study=study))


ALIVE = Message("alive", protocol.Alive().model_dump_json())


def _control(told: protocol.ResyncRequired | protocol.StudyDeleted) -> Message:
    return Message(told.type, _written(told))


def _joined(envelope: dict[str, Any], event: BaseModel) -> str:
    """One JSON object with the fields of both."""
    return f"{json.dumps(envelope, separators=(',', ':'))[:-1]},{_written(event)[1:]}"


def _written(value: BaseModel) -> str:
    """As JSON. Text that is no Unicode, as a traceback may hold, is told with question marks."""
    try:
        return value.model_dump_json(exclude=_HIDDEN)
    except PydanticSerializationError:
        text = json.dumps(value.model_dump(mode="json", exclude=_HIDDEN), ensure_ascii=False, separators=(",", ":"))
        return text.encode(errors="replace").decode()
