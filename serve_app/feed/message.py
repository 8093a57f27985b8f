"""Messages of the feed. Each is serialised once, however many clients get it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, Field, TypeAdapter
from pydantic_core import PydanticSerializationError

from serve_app.feed import protocol
from serve_app.feed.cursor import Cursor, log_name
from serve_app.public_text import for_clients, public_json
from tuner.events import DurableEvent, EpochProgress, TrialComplete, TrialStart
from tuner.store import LiveSnapshot, StudyRow, StudySummary
from tuner.study.progress import Progress

_HIDDEN = {"folder", "summary"}
"""Fields that are never sent: paths of this machine, and what only figures need of an epoch."""
TRIAL_FIELDS = tuple(protocol.TrialBrief.model_fields)
"""Fields of a trial in a snapshot."""
_board_sample: TypeAdapter[protocol.BatchProgress | protocol.ResourceSample] = TypeAdapter(
    Annotated[protocol.BatchProgress | protocol.ResourceSample, Field(discriminator="type")]
)


@dataclass(frozen=True)
class Message:
    """A message to a client."""

    type: str
    text: str
    """JSON in one line."""
    cursor: Cursor | None = None
    """The client's position after this message; None: unchanged."""


@dataclass(frozen=True)
class Durable:
    """A message with an event of the log."""

    message: Message
    sequence: int
    trial_number: int | None = None
    epochs_done: float | None = None
    """Epochs of the trial that are done after this event, infinity if the trial has ended; None: unchanged."""


@dataclass(frozen=True)
class Sample:
    """A message that a newer one with the same key replaces."""

    message: Message
    key: tuple[str, str, int | None]
    """Study, type, trial."""
    epoch: float = 0
    """Its epoch. The sample is outdated once this epoch is done."""


def durable(study: str, log: str, sequence: int, event: DurableEvent) -> Durable:
    cursor = Cursor(sequence, log)
    text = _joined({"study": study, "sequence": sequence, "cursor": str(cursor)}, for_clients(event))
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
    """The message with a live sample of a study. Raises ValueError for a sample that this version does not know."""
    read = _board_sample.validate_python({**value, "study": study})
    # Resources are outdated only once the trial has ended.
    epoch = read.epoch if isinstance(read, protocol.BatchProgress) else float("inf")
    return Sample(Message(read.type, _json(read)), (study, read.type, read.trial_number), epoch)


def progress_sample(study: StudyRow, progress: Progress) -> Sample:
    read = protocol.ProgressMessage(
        study=study.name,
        status=study.current_status,
        cancel_requested_at=study.cancel_requested_at,
        progress=progress,
    )
    return Sample(Message(read.type, _json(read)), (study.name, read.type, None))


def snapshot(found: LiveSnapshot, progress: Progress) -> Message:
    """The first message to a client of one study; `found.trials` have the fields TRIAL_FIELDS."""
    study = for_clients(found.study)
    cursor = Cursor(found.sequence, log_name(study.created_at))
    values = study.shared_with(protocol.Snapshot) | {
        "study": study.name,
        "sequence": found.sequence,
        "cursor": str(cursor),
        "status": study.current_status,
        "mode": study.spec.mode,
        "objectives": list(study.spec.objectives),
        "concurrent_workers": None if study.concurrent_workers == "auto" else study.concurrent_workers,
        "progress": progress,
        "trials": [],
    }
    message = protocol.Snapshot(**values)
    head = _json(message).removesuffix("[]}")  # the trials are its last field, and JSON already
    return Message(message.type, f"{head}[{','.join(map(public_json, found.trials))}]}}", cursor)


def studies(summaries: list[StudySummary]) -> Message:
    briefs = [
        protocol.StudyBrief(**dict(for_clients(brief)), cursor=str(Cursor(brief.sequence, log_name(brief.created_at))))
        for brief in summaries
    ]
    return _control(protocol.Studies(studies=briefs))


def resync_required(study: str | None, reason: str) -> Message:
    return _control(protocol.ResyncRequired(study=study, reason=reason))


def study_deleted(study: str) -> Message:
    return _control(protocol.StudyDeleted(study=study))


ALIVE = Message("alive", protocol.Alive().model_dump_json())


def _control(message: protocol.Studies | protocol.ResyncRequired | protocol.StudyDeleted) -> Message:
    return Message(message.type, _json(message))


def _joined(envelope: dict[str, Any], event: BaseModel) -> str:
    return f"{json.dumps(envelope, separators=(',', ':'))[:-1]},{_json(event)[1:]}"


def _json(value: BaseModel) -> str:
    """A value as JSON. Invalid Unicode, which tracebacks may hold, becomes question marks."""
    try:
        return value.model_dump_json(exclude=_HIDDEN)
    except PydanticSerializationError:
        text = json.dumps(value.model_dump(mode="json", exclude=_HIDDEN), ensure_ascii=False, separators=(",", ":"))
        return text.encode(errors="replace").decode()
