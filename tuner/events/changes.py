"""Events of what people change in a study or a trial, at any time."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, Field, model_validator

from tuner.events.base import Event, EventOfTrial

StudyField = Literal["note", "tags", "concurrent_workers"]
TrialField = Literal["note", "starred", "cancel_requested_at"]


def _without_value(event: BaseModel, names: tuple[str, ...]) -> list[str]:
    """The names of these fields that are null although only a note may become null."""
    return [name for name in names if name != "note" and getattr(event, name) is None]


class StudyChanged(Event):
    """A person changed a study's note, its tags or the number of its concurrent trials."""

    type: Literal["study_changed"] = "study_changed"
    changed: tuple[StudyField, ...] = Field(
        min_length=1, description="The fields that have a new value; the others are unchanged."
    )
    note: str | None = Field(default=None, description="New note; null: removed, or unchanged.")
    tags: tuple[str, ...] | None = Field(default=None, description="New tags; null: unchanged.")
    concurrent_workers: int | None = Field(
        default=None, description="New largest number of trials that train at once; null: unchanged."
    )

    @model_validator(mode="after")
    def _has_new_values(self) -> Self:
        if missing := _without_value(self, self.changed):
            raise ValueError(f"changed fields without a value: {', '.join(missing)}")
        return self


class TrialChanged(EventOfTrial):
    """A person changed a trial's note or star, or asked to cancel the trial."""

    type: Literal["trial_changed"] = "trial_changed"
    changed: tuple[TrialField, ...] = Field(
        min_length=1, description="The fields that have a new value; the others are unchanged."
    )
    note: str | None = Field(default=None, description="New note; null: removed, or unchanged.")
    starred: bool | None = Field(default=None, description="Whether the trial is starred; null: unchanged.")
    cancel_requested_at: datetime | None = Field(
        default=None, description="When a person asked to cancel it; null: unchanged."
    )

    @model_validator(mode="after")
    def _has_new_values(self) -> Self:
        if missing := _without_value(self, self.changed):
            raise ValueError(f"changed fields without a value: {', '.join(missing)}")
        return self
