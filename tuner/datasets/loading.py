"""Loads the data set of a DataSpec: reads, checks, splits and prepares it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal

import numpy as np

from tuner.data import Array, Data, ImageInput, RawTest, Split, TextInput
from tuner.data_report import DataReport
from tuner.datasets import text
from tuner.datasets.catalogue import read_dataset
from tuner.datasets.report import class_counts, described
from tuner.datasets.samples import Samples, checked_samples
from tuner.datasets.signal import signal_notes, token_notes
from tuner.datasets.split import split_indices
from tuner.spec import DataSpec


def load(spec: DataSpec) -> tuple[Data, RawTest]:
    """Return the data set of `spec`, split and prepared, and its raw test samples.

    The same spec and files give the same arrays. Vocabulary, text length and pixel range are determined from the
    training samples only. All arrays are contiguous.
    """
    found = read_dataset(spec.dataset, None if spec.data_dir is None else Path(spec.data_dir))
    samples = checked_samples(found)
    whole, official = samples.parts["train"], samples.parts.keys() - {"train"}
    indices = split_indices(whole.y, samples.labels, spec, official=official)
    train = Split(whole.x[indices.train], whole.y[indices.train])
    validation = samples.parts.get("validation") or Split(whole.x[indices.validation], whole.y[indices.validation])
    test = samples.parts.get("test") or Split(whole.x[indices.test], whole.y[indices.test])

    classes = class_counts(samples.labels, train.y, validation.y, test.y)
    notes = [
        *found.notes,
        *signal_notes({"train": train, "validation": validation, "test": test}, samples.form, classes),
    ]
    prepare = _images if samples.form == "images" else _texts
    network_input, train, validation = prepare(samples, train, validation)
    if isinstance(network_input, TextInput):
        notes += token_notes(train.x, network_input)
    raw = RawTest(text.padded(test.x.tolist()) if samples.form == "word_indices" else test.x, test.y)
    data = Data(
        name=Path(spec.dataset).stem if Path(spec.dataset).is_file() else Path(spec.dataset).name,
        input=network_input,
        labels=samples.labels,
        train=train,
        validation=validation,
        fingerprint=_fingerprint(samples.labels, train, validation, raw),
        report=DataReport(
            kind=network_input.kind, samples=described(network_input), classes=classes, notes=tuple(notes)
        ),
    )
    return data, raw


def _images(samples: Samples, train: Split, validation: Split) -> tuple[ImageInput, Split, Split]:
    """Return image input with the range of the training pixels; the pixels are unchanged."""
    _, height, width, channels = train.x.shape
    low, span = 0.0, 255.0
    if train.x.dtype != np.uint8:
        low = float(train.x.min())
        span = float(train.x.max()) - low or 1.0  # if all pixels are equal, all become 0
    return ImageInput(height, width, channels, scale=1 / span, offset=-low / span), train, validation


def _texts(samples: Samples, train: Split, validation: Split) -> tuple[TextInput, Split, Split]:
    """Return text input, and the texts as tokens of the training texts' vocabulary."""
    if samples.form == "strings":
        return _tokens("strings", samples.origin, *(Split(_words(part.x), part.y) for part in (train, validation)))
    return _tokens("word_indices", samples.origin, train, validation)


def _words(texts: Array) -> Array:
    rows = np.empty(len(texts), object)
    rows[:] = [text.words(line) for line in texts]
    return rows


def _tokens(
    form: Literal["strings", "word_indices"], origin: str, train: Split, validation: Split
) -> tuple[TextInput, Split, Split]:
    vocabulary = text.vocabulary_of(train.x.tolist(), origin)
    length = text.length_of(train.x.tolist())
    train_tokens, validation_tokens = (text.encode(part.x.tolist(), vocabulary, length) for part in (train, validation))
    return TextInput(form, vocabulary, length), Split(train_tokens, train.y), Split(validation_tokens, validation.y)


def _fingerprint(labels: tuple[str, ...], train: Split, validation: Split, test: RawTest) -> str:
    """Return the first 16 hexadecimal digits of a SHA-256."""
    digest = hashlib.sha256(repr(labels).encode())
    for part in (train, validation, test):
        for array in (part.x, part.y):
            digest.update(repr((array.shape, array.dtype.str)).encode())
            digest.update(repr(array.tolist()).encode() if array.dtype.hasobject else np.ascontiguousarray(array).data)
    return digest.hexdigest()[:16]
