"""The parts of a data set's report that readers and `loading` share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from tuner.bounds import LONGEST_TEXT
from tuner.data import Array, ImageInput, TextInput
from tuner.data_report import ClassCount, Note
from tuner.errors import shortened

NAMES_SHOWN = 3


def class_counts(labels: Sequence[str], train: Array, validation: Array, test: Array) -> tuple[ClassCount, ...]:
    """Count the samples of each class 0, 1, ... in the three parts, each of shape (N,)."""
    parts = [np.bincount(part.astype(np.intp), minlength=len(labels)).tolist() for part in (train, validation, test)]
    return tuple(
        ClassCount(label=label, train=a, validation=b, test=c) for label, a, b, c in zip(labels, *parts, strict=True)
    )


def described(data_input: ImageInput | TextInput) -> str:
    """What one sample is, such as `28 x 28 pixels, greyscale`."""
    if isinstance(data_input, ImageInput):
        colours = {1: "greyscale", 3: "RGB"}.get(data_input.channels, f"{data_input.channels} channels")
        return f"{data_input.height} x {data_input.width} pixels, {colours}"
    what = data_input.split if data_input.form == "strings" else "word indices"
    known = f"{len(data_input.vocabulary):,} known"
    return f"up to {data_input.max_length:,} {what} each, {known}"


def sizes(data_input: ImageInput | TextInput) -> dict[str, Any]:
    """The fields of the report that say what sizes the networks' input has."""
    if isinstance(data_input, ImageInput):
        return {"shape": (data_input.height, data_input.width, data_input.channels)}
    return {"shape": (data_input.max_length,), "known_words": len(data_input.vocabulary)}


def split_notes(data_input: ImageInput | TextInput) -> list[Note]:
    """The note on texts that are not split into words."""
    if isinstance(data_input, ImageInput) or data_input.split == "words":
        return []
    return [Note(kind="read", text="texts without spaces are split into characters, not into words")]


def named(names: Iterable[str], separator: str = ", ") -> str:
    """Some names in one line, such as `a.txt, b.txt, c.txt and 4 more`."""
    found = list(names)
    shown, more = [shortened(name, LONGEST_TEXT) for name in found[:NAMES_SHOWN]], len(found) - NAMES_SHOWN
    return separator.join(shown) + (f" and {more:,} more" if more > 0 else "")


def left_out_files(names: Iterable[str]) -> list[Note]:
    """A note for each kind of file that a reader did not take, by suffix."""
    by_suffix: dict[str, list[str]] = {}
    for name in sorted(names):
        suffix = name.rsplit(".", 1)[-1].lower() if "." in name.rsplit("/", 1)[-1][1:] else ""
        by_suffix.setdefault(suffix, []).append(name)
    counts = Counter({suffix: len(found) for suffix, found in by_suffix.items()})
    return [
        Note(
            kind="left_out",
            text=f"{count:,} {'file' if count == 1 else 'files'} "
            + (f"of type .{suffix}" if suffix else "without a type")
            + f" ({named(by_suffix[suffix])})",
        )
        for suffix, count in counts.most_common()
    ]
