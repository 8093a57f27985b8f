"""Reads a data set and writes its samples to a folder: `python -m serve_app.samples.reading TASK FOLDER`.

It runs in a child process, since a data set may need gigabytes of memory. The files can be mapped into memory, so
whoever shows a few samples reads nothing else:

    about.json            `SamplesAbout`
    words.json            words of a data set of word indices, by their index
    <split>.classes.npy   class of each sample, int32 of shape (N,)
    <split>.pixels.npy    images, uint8 or float32 of shape (N, height, width, channels)
    <split>.texts.npy     all texts in UTF-8, one after the other, uint8; sample i ends at <split>.ends.npy[i], int64
    <split>.words.npy     all word indices, one row after the other, int32; their ends are in <split>.ends.npy too
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from tuner.data import Array, Data, ImageInput, Split
from tuner.data_report import DataRecord
from tuner.data_spec import DataSpec
from tuner.datasets.fetch import cache_folder
from tuner.datasets.loading import load_with_raw
from tuner.datasets.samples import Form
from tuner.errors import FixInputError, TunerError, in_one_line
from tuner.study.figures.word_names import word_names

SampleSplit = Literal["train", "validation", "test"]
SPLITS: tuple[SampleSplit, ...] = get_args(SampleSplit)
ABOUT, WORDS = "about.json", "words.json"
MOST_BYTES = 2**30
"""Most bytes of the samples of one split that are kept; its other samples are not shown."""


class SamplesAbout(BaseModel):
    """What is in a folder of samples."""

    model_config = ConfigDict(frozen=True)

    dataset: str = Field(description="Name or path of the data set.")
    form: Form
    labels: tuple[str, ...]
    sizes: dict[SampleSplit, int] = Field(description="Samples of each split that are in the folder.")
    left_out: dict[SampleSplit, int] = Field(description="Samples of each split beyond MOST_BYTES.")
    scale: float = Field(default=1.0, description="pixel * scale + offset is in [0, 1] for most pixels.")
    offset: float = 0.0
    record: DataRecord = Field(description="To compare with the data that a study began with.")


def write_samples(spec: DataSpec, folder: Path, most_bytes: int = MOST_BYTES) -> SamplesAbout:
    """Write the samples of a data set to an existing folder.

    Raises TunerError if the data set cannot be read.
    """
    data, test, raw = load_with_raw(spec)
    splits: dict[SampleSplit, Split] = {
        "train": raw.train,
        "validation": raw.validation,
        "test": Split(_without_padding(test.x) if raw.form == "word_indices" else test.x, test.y),
    }
    writers = {"images": _write_images, "strings": _write_texts, "word_indices": _write_words}
    sizes: dict[SampleSplit, int] = {}
    for name, split in splits.items():
        sizes[name] = writers[raw.form](folder, name, split.x, most_bytes)
        np.save(folder / f"{name}.classes.npy", split.y[: sizes[name]].astype(np.int32))
    if raw.form == "word_indices":
        folders = [Path(one) for one in (spec.data_dir, cache_folder()) if one]
        (folder / WORDS).write_text(json.dumps(dict(word_names(spec.dataset, folders))))
    about = _about(spec, data, raw.form, sizes, {name: len(splits[name]) - size for name, size in sizes.items()})
    (folder / ABOUT).write_text(about.model_dump_json())
    return about


def _about(
    spec: DataSpec, data: Data, form: Form, sizes: dict[SampleSplit, int], left_out: dict[SampleSplit, int]
) -> SamplesAbout:
    scaling = {}
    if isinstance(data.input, ImageInput):
        scaling = {"scale": data.input.scale, "offset": data.input.offset}
    return SamplesAbout(
        dataset=spec.dataset,
        form=form,
        labels=data.labels,
        sizes=sizes,
        left_out=left_out,
        record=data.record,
        **scaling,
    )


def _without_padding(rows: Array) -> Array:
    found = np.empty(len(rows), object)
    for i, row in enumerate(rows.tolist()):
        found[i] = [word for word in row if word]
    return found


def _write_images(folder: Path, name: str, x: Array, most_bytes: int) -> int:
    """Write the first images; return how many."""
    count = min(len(x), max(1, most_bytes // max(1, x[:1].nbytes)))
    np.save(folder / f"{name}.pixels.npy", x[:count])
    return count


def _write_texts(folder: Path, name: str, x: Array, most_bytes: int) -> int:
    contents = [str(text).encode("utf-8", "replace") for text in x]
    count, ends = _fitting([len(content) for content in contents], most_bytes)
    np.save(folder / f"{name}.texts.npy", np.frombuffer(b"".join(contents[:count]), np.uint8))
    np.save(folder / f"{name}.ends.npy", ends)
    return count


def _write_words(folder: Path, name: str, x: Array, most_bytes: int) -> int:
    count, ends = _fitting([4 * len(row) for row in x], most_bytes)
    words = np.fromiter((word for row in x[:count] for word in row), np.int32)
    np.save(folder / f"{name}.words.npy", words)
    np.save(folder / f"{name}.ends.npy", ends // 4)
    return count


def _fitting(sizes: Sequence[int], most_bytes: int) -> tuple[int, Array]:
    """How many of the first samples have most_bytes together, and where each of them ends."""
    ends = np.cumsum(np.asarray(sizes, np.int64))
    count = int(np.searchsorted(ends, most_bytes, side="right"))
    return count, ends[:count]


def main(arguments: Sequence[str]) -> None:
    """Write the samples. If that fails, print why as one JSON document."""
    task, folder = arguments
    try:
        write_samples(DataSpec.model_validate_json(task), Path(folder))
    except TunerError as error:
        print(json.dumps({"message": error.message, "remedy": error.remedy}))
        sys.exit(FixInputError.exit_code)
    except MemoryError:
        print(json.dumps({"message": "the data set does not fit into memory", "remedy": "use fewer samples"}))
        sys.exit(FixInputError.exit_code)
    except Exception as error:  # noqa: BLE001 - whatever a library raises for a damaged file
        print(json.dumps({"message": f"the data set cannot be read: {in_one_line(error)}", "remedy": ""}))
        sys.exit(FixInputError.exit_code)


if __name__ == "__main__":
    main(sys.argv[1:])
