"""Warns of data from which no network can learn what the user hopes for: copies, constants, one word, one class.

Samples are compared byte by byte, before texts become tokens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from tuner.data import Array, Split, TextInput
from tuner.data_report import ClassCount, Note
from tuner.datasets.raw_samples import PartName
from tuner.datasets.report import named
from tuner.datasets.samples import Form

NOTED_SHARE = 0.01
"""Copies of training samples above this share of another part are a warning; fewer are only counted."""
MOSTLY = 0.9
"""A share of samples from which a data set is said to have a flaw."""
FEW = 10
"""Training samples below which the result for a class is luck."""
_PARTS: tuple[tuple[PartName, str], ...] = (("validation", "validation"), ("test", "test"))


def signal_notes(parts: Mapping[PartName, Split], form: Form, classes: Iterable[ClassCount]) -> list[Note]:
    """Return notes on the raw samples of the three parts: copies, constant or identical samples, rare classes."""
    keys = {name: _keys(part.x, form) for name, part in parts.items()}
    return [*_same(keys["train"], parts["train"]), *_constant(parts["train"].x, form), *_shared(keys), *_rare(classes)]


def token_notes(train: Array, text: TextInput) -> list[Note]:
    """Return a note if nearly all training texts, tokens of shape (N, max_length), are one word long."""
    single = float(np.mean((train != 0).sum(axis=1) <= 1))
    if single < MOSTLY or text.form != "strings":
        return []
    what = "has one word" if text.max_length > 1 else "is one word, so networks cannot read parts of it"
    return [_warning(f"each text {what} ({single:.0%} of the training texts): are words separated by spaces?")]


def _keys(x: Array, form: Form) -> list[int]:
    """A hash of each sample; equal samples have equal hashes."""
    if form == "images":
        return [hash(sample.tobytes()) for sample in x]
    return [hash(tuple(sample) if isinstance(sample, list) else sample) for sample in x]


def _same(keys: list[int], train: Split) -> list[Note]:
    distinct = len(set(keys))
    if distinct == 1:
        return [_warning(f"all {len(keys):,} training samples are identical, so nothing can be learned")]
    notes = []
    if distinct < len(keys) * (1 - MOSTLY):
        notes.append(_warning(f"the {len(keys):,} training samples are copies of only {distinct:,} different ones"))
    class_of: dict[int, int] = {}
    torn = {key for key, y in zip(keys, train.y.tolist(), strict=True) if class_of.setdefault(key, y) != y}
    if torn:
        count = sum(key in torn for key in keys)
        text = f"{count:,} training samples are copies of each other with different classes"
        notes.append(Note(kind="warning" if count > NOTED_SHARE * len(keys) else "read", text=text))
    return notes


def _constant(x: Array, form: Form) -> list[Note]:
    if form == "images":
        flat = x.reshape(len(x), -1)
        empty, what = int(np.count_nonzero(flat.min(axis=1) == flat.max(axis=1))), "images have a single colour"
    else:
        blank = [not (sample.strip() if isinstance(sample, str) else sample) for sample in x]
        empty, what = sum(blank), "texts are empty"
    if empty == 0:
        return []
    return [Note(kind="warning" if empty > NOTED_SHARE * len(x) else "read", text=f"{empty:,} training {what}")]


def _shared(keys: Mapping[PartName, list[int]]) -> list[Note]:
    """Copies of training samples in other parts, which make results look better than they are."""
    notes = []
    train = set(keys["train"])
    if len(train) == 1:
        return []
    for part, name in _PARTS:
        count = sum(key in train for key in keys[part])
        if count:
            share = count / len(keys[part])
            text = f"copies of training samples: {count:,} of {len(keys[part]):,} {name} samples ({share:.1%})"
            notes.append(Note(kind="warning" if share > NOTED_SHARE else "read", text=text))
    return notes


def _rare(classes: Iterable[ClassCount]) -> list[Note]:
    counts = list(classes)
    notes = []
    rare = [f"{count.label!r} ({count.train})" for count in counts if count.train < FEW]
    if rare:
        what = "class has" if len(rare) == 1 else "classes have"
        notes.append(_warning(f"{len(rare)} {what} fewer than {FEW} training samples: {named(rare)}"))
    for part, name in _PARTS:
        absent = [repr(count.label) for count in counts if getattr(count, part) == 0]
        if absent:
            notes.append(_warning(f"no {name} sample of {len(absent)} of {len(counts)} classes: {named(absent)}"))
    total = sum(count.train for count in counts)
    largest = max(counts, key=lambda count: count.train)
    if largest.train >= MOSTLY * total:
        notes.append(
            _warning(
                f"{largest.train:,} of {total:,} training samples are of class {largest.label!r}: always answering it "
                f"gives an accuracy of {largest.train / total:.3f}, so set objective=val_macro_f1, which counts every "
                "class alike"
            )
        )
    return notes


def _warning(text: str) -> Note:
    return Note(kind="warning", text=text)
