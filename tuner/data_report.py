"""The report on a data set: what was read, what was left out or changed, and what looks wrong.

Users see it before anything trains. `tuner.datasets` makes it; without notes, everything was taken as it is.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

NoteKind = Literal["read", "changed", "left_out", "warning"]
NOTE_TITLES: dict[NoteKind, str] = {
    "read": "note",
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

    @property
    def size(self) -> int:
        """Number of its samples in all parts."""
        return self.train + self.validation + self.test


class DataReport(BaseModel):
    """What a data set holds, as a study with these settings uses it."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["image", "text"]
    samples: str = Field(description="What one sample is, such as `28 x 28 pixels, greyscale`.")
    classes: tuple[ClassCount, ...] = Field(description="By class, in the order of the network's outputs.")
    notes: tuple[Note, ...] = Field(default=(), description="Without notes, all samples are used as they are.")
    shape: tuple[int, ...] | None = Field(
        default=None,
        description="Height, width and channels of an image, or the words of the longest text; null: not recorded by "
        "an older tuner.",
    )
    known_words: int | None = Field(
        default=None, description="Different words of the training texts; null: images, or not recorded."
    )

    @property
    def size(self) -> int:
        """Number of training, validation and test samples together."""
        return sum(count.size for count in self.classes)

    @property
    def most_frequent(self) -> tuple[str, float]:
        """The most frequent class among the validation samples, and its share of them in [0, 1]."""
        counts = [count.validation for count in self.classes]
        first = max(range(len(counts)), key=counts.__getitem__)
        return self.classes[first].label, counts[first] / max(1, sum(counts))

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


class DataRecord(BaseModel):
    """The data that a study began with: a resumed study must have the same."""

    model_config = ConfigDict(frozen=True)

    fingerprint: str = Field(description="Hash of all samples, classes and the split.")
    report: DataReport

    def changes(self, now: DataRecord) -> list[str]:
        """What differs in other data, such as `class 'cat' has 90 samples instead of 100`; empty: nothing."""
        if now.fingerprint == self.fingerprint:
            return []
        before, after = ({count.label: count for count in record.report.classes} for record in (self, now))
        found = [f"class {label!r} is gone" for label in before if label not in after]
        found += [f"class {label!r} is new" for label in after if label not in before]
        found += [
            f"class {label!r} has {after[label].size:,} samples instead of {count.size:,}"
            for label, count in before.items()
            if label in after and after[label].size != count.size
        ]
        if now.report.samples != self.report.samples:
            found.append(f"a sample is {now.report.samples} instead of {self.report.samples}")
        return found or ["the contents of samples or their order differ"]
