"""Loads the data set of a DataSpec: reads, checks, splits and prepares it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from tuner.data import Data, ImageInput, RawTest, Split, TextInput, TextSplit
from tuner.data_report import DataReport, Note
from tuner.data_spec import DataSpec
from tuner.datasets import text
from tuner.datasets.catalogue import read_dataset
from tuner.datasets.image_file import ImageConversion
from tuner.datasets.image_set import decoded
from tuner.datasets.image_size import automatic_size, resized_array, resizing_text
from tuner.datasets.raw_samples import EncodedImages
from tuner.datasets.report import class_counts, described, sizes, split_notes
from tuner.datasets.samples import Form, Samples, checked_samples
from tuner.datasets.signal import signal_notes, token_notes
from tuner.datasets.split import split_indices


@dataclass(frozen=True)
class RawSplits:
    """Samples in the form that the saved model takes; rows of word indices have no padding: see `Samples`."""

    form: Form
    train: Split
    validation: Split


def load(spec: DataSpec) -> tuple[Data, RawTest]:
    """Return the data set of `spec`, split and prepared, and its raw test samples.

    The same spec and files give the same arrays. Vocabulary, text length and pixel range are determined from the
    training samples only. All arrays are contiguous.
    """
    data, test, _ = load_with_raw(spec)
    return data, test


def load_with_raw(spec: DataSpec) -> tuple[Data, RawTest, RawSplits]:
    """Return the same, and the raw training and validation samples too."""
    found = read_dataset(spec.dataset, None if spec.data_dir is None else Path(spec.data_dir))
    if isinstance(found, EncodedImages):
        found = decoded(found, spec.image_sides, spec.image_fit)
    samples = checked_samples(found)
    fill = _fill(samples)
    samples, resizing = _resized(samples, spec, fill)
    whole, official = samples.parts["train"], samples.parts.keys() - {"train"}
    indices = split_indices(whole.y, samples.labels, spec, official=official)
    train = Split(whole.x[indices.train], whole.y[indices.train])
    validation = samples.parts.get("validation") or Split(whole.x[indices.validation], whole.y[indices.validation])
    test = samples.parts.get("test") or Split(whole.x[indices.test], whole.y[indices.test])

    classes = class_counts(samples.labels, train.y, validation.y, test.y)
    notes = [
        *samples.notes,
        *resizing,
        *signal_notes({"train": train, "validation": validation, "test": test}, samples.form, classes),
    ]
    raw_splits = RawSplits(samples.form, train, validation)
    prepare = _images if samples.form == "images" else _texts
    network_input, train, validation = prepare(samples, train, validation)
    if isinstance(network_input, ImageInput):
        network_input = _with_conversion(network_input, spec, found.conversion, fill)
    if isinstance(network_input, TextInput):
        notes += [*split_notes(network_input), *token_notes(train.x, network_input)]
    raw = RawTest(text.padded(test.x.tolist()) if samples.form == "word_indices" else test.x, test.y)
    data = Data(
        name=Path(spec.dataset).stem if Path(spec.dataset).is_file() else Path(spec.dataset).name,
        input=network_input,
        labels=samples.labels,
        train=train,
        validation=validation,
        fingerprint=_fingerprint(samples.labels, train, validation, raw),
        report=DataReport(
            kind=network_input.kind,
            samples=described(network_input),
            classes=classes,
            notes=tuple(notes),
            **sizes(network_input),
        ),
    )
    return data, raw, raw_splits


def prepared_test(network_input: ImageInput | TextInput, test: RawTest) -> Split:
    """Return raw test samples in the form of the training samples: pixels as they are, texts as tokens."""
    if isinstance(network_input, ImageInput):
        return Split(test.x, test.y)
    if network_input.form == "strings":
        rows: list[list[Any]] = text.split_texts(test.x.tolist(), network_input.split)
    else:
        rows = [[word for word in row if word] for row in test.x.tolist()]
    return Split(text.encode(rows, network_input.vocabulary, network_input.max_length), test.y)


def _images(samples: Samples, train: Split, validation: Split) -> tuple[ImageInput, Split, Split]:
    """Return image input with the range of the training pixels; the pixels are unchanged."""
    _, height, width, channels = train.x.shape
    low, span = 0.0, 255.0
    if train.x.dtype != np.uint8:
        low = float(train.x.min())
        span = float(train.x.max()) - low or 1.0  # if all pixels are equal, all become 0
    return ImageInput(height, width, channels, scale=1 / span, offset=-low / span), train, validation


def _fill(samples: Samples) -> float:
    """Return the pixel value around images that are resized with fit="pad": black, or the smallest training pixel."""
    x = samples.parts["train"].x
    return float(x.min()) if samples.form == "images" and x.dtype != np.uint8 else 0.0


def _resized(samples: Samples, spec: DataSpec, fill: float) -> tuple[Samples, list[Note]]:
    """Return images in the size of the spec, and the note on it; with image_size=auto only large ones change."""
    if samples.form != "images":
        given = [
            name for name in ("image_size", "image_fit") if getattr(spec, name) != DataSpec.model_fields[name].default
        ]
        unused = f"{' and '.join(given)} {'has' if len(given) == 1 else 'have'} no effect on texts"
        return samples, [Note(kind="warning", text=unused)] if given else []
    _, height, width, _ = samples.parts["train"].x.shape
    size = spec.image_sides or automatic_size([(height, width)])
    count = sum(len(part) for part in samples.parts.values())
    text = resizing_text([(height, width)] * count, size, spec.image_fit)
    if text is None:
        return samples, []
    parts = {
        name: Split(resized_array(part.x, size, spec.image_fit, fill), part.y) for name, part in samples.parts.items()
    }
    return replace(samples, parts=parts), [Note(kind="changed", text=text)]


def _with_conversion(plain: ImageInput, spec: DataSpec, conversion: ImageConversion | None, fill: float) -> ImageInput:
    """Return the image input with what the saved model and predictions must do as was done here."""
    if conversion is None:
        return replace(plain, fit=spec.image_fit, fill=fill)
    return replace(
        plain, fit=conversion.fit, fill=conversion.fill, background=conversion.background, white=conversion.white
    )


def _texts(samples: Samples, train: Split, validation: Split) -> tuple[TextInput, Split, Split]:
    """Return text input, and the texts as tokens of the training texts' vocabulary."""
    split: TextSplit = "words"
    rows: list[list[Any]] = [part.x.tolist() for part in (train, validation)]
    if samples.form == "strings":
        split = text.suitable_split(rows[0])
        rows = [text.split_texts(texts, split) for texts in rows]
    vocabulary = text.vocabulary_of(rows[0], samples.origin)
    length = text.length_of(rows[0])
    form: Literal["strings", "word_indices"] = "strings" if samples.form == "strings" else "word_indices"
    train_tokens, validation_tokens = (text.encode(part, vocabulary, length) for part in rows)
    network_input = TextInput(form, vocabulary, length, split)
    return network_input, Split(train_tokens, train.y), Split(validation_tokens, validation.y)


def _fingerprint(labels: tuple[str, ...], train: Split, validation: Split, test: RawTest) -> str:
    """Return the first 16 hexadecimal digits of a SHA-256."""
    digest = hashlib.sha256(repr(labels).encode())
    for part in (train, validation, test):
        for array in (part.x, part.y):
            digest.update(repr((array.shape, array.dtype.str)).encode())
            digest.update(repr(array.tolist()).encode() if array.dtype.hasobject else np.ascontiguousarray(array).data)
    return digest.hexdigest()[:16]
