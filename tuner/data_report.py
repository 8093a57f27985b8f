"""The report on a data set: what was read, what was left out or changed, and what looks wrong.

Users see it before anything trains. `tuner.datasets` makes it; without notes, everything was taken as it is.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

NoteKind = Literal["read", "changed", "left_out", "warning"]
NOTE_TITLES: dict[NoteKind, str] = {
    "read": "read as",
    "changed": "changed",
    "left_out": "left out",
    "warning": "warning",
}


class Note(BaseModel):
    """One remark on a data set."""

    model_config = ConfigDict(frozen=True)

    kind: NoteKind = Field(
        description="read: how the file was understood. changed: samples are not as in the file. left_out: samples or "
        "files that are not used. warning: a study on these data may be useless."
    )
    text: str = Field(description="One plain sentence without a final period, with counts and names.")


class ClassCount(BaseModel):
    """Number of samples of one class in each part."""

    model_config = ConfigDict(frozen=True)

    label: str
    train: int
    validation: int
    test: int


class DataReport(BaseModel):
    """What a data set holds, as a study with these settings uses it."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["image", "text"]
    samples: str = Field(description="What one sample is, such as `28 x 28 pixels, greyscale`.")
    classes: tuple[ClassCount, ...] = Field(description="By class, in the order of the network's outputs.")
    notes: tuple[Note, ...] = Field(default=(), description="Without notes, all samples are used as they are.")

    @property
    def size(self) -> int:
        """Number of training, validation and test samples together."""
        return sum(count.train + count.validation + count.test for count in self.classes)

    @property
    def warnings(self) -> tuple[str, ...]:
        return tuple(note.text for note in self.notes if note.kind == "warning")

    def lines(self) -> list[str]:
        """The report in plain lines: size, parts, and a line for each note."""
        parts = {
            name: sum(getattr(count, part) for count in self.classes)
            for part, name in (("train", "training"), ("validation", "validation"), ("test", "test"))
        }
        kind = f"{self.size:,} {self.kind}s of {len(self.classes)} classes, {self.samples}"
        shares = ", ".join(f"{number:,} {name}" for name, number in parts.items())
        return [kind, shares, *(f"{NOTE_TITLES[note.kind]}: {note.text}" for note in self.notes)]
