"""Reads folders of images or texts by class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from tuner.data import Array
from tuner.data_report import Note
from tuner.datasets.folder_layout import folder_layout, remedy
from tuner.datasets.raw_samples import EncodedImages, ImageSample, PartName, RawSamples, read_errors
from tuner.datasets.report import named
from tuner.datasets.sample_tree import FoundSample, SampleFolder, scan, tree_notes, with_texts
from tuner.datasets.table_files import decoded_text
from tuner.errors import FixInputError

Labelled = tuple[FoundSample, str]
"""A file and the name of its class."""


def read_folder(folder: Path) -> EncodedImages | RawSamples:
    """Return the images of `folder`, whose subfolders are the classes, or its texts if it holds no images.

    A text is a .txt file, or a file without a suffix. Nested folders belong to their class. Folders named like parts of
    a split (`Training`, `valid`, `seg_test`) hold the classes of that part. Validation and test parts are the official
    ones; samples without labels are left out. Notes say how the folder was understood and what was left out. Names that
    may be parts or classes, and all problems of all classes, are a FixInputError.
    """
    with read_errors(folder, "a folder of images or texts by class"):
        tree = with_texts(scan(folder))
    layout = folder_layout(tree)
    classes = {top.name for folders in layout.parts.values() for top in folders}
    if len(classes) == 1:
        raise FixInputError(f"{folder} has only the class {classes.pop()!r}", remedy=remedy(tree))
    found = {part: list(_by_class(folders)) for part, folders in layout.parts.items()}
    counts = {
        part: dict.fromkeys((top.name for top in layout.parts[part]), 0) | Counter(label for _, label in samples)
        for part, samples in found.items()
    }
    _check_classes(tree, counts, {top.name: top for top in layout.parts["train"]})
    notes = (*layout.notes, *tree_notes(tree))
    if tree.noun == "text":
        return _texts(folder, found, notes)
    images = {
        part: [ImageSample(str(one.path.relative_to(folder)), one.path, label, one.header) for one, label in samples]
        for part, samples in found.items()
    }
    return EncodedImages(str(folder), images, notes=notes)


def _by_class(folders: Sequence[SampleFolder]) -> Iterator[Labelled]:
    for top in folders:
        for folder in top.every():
            for sample in folder.samples:
                yield sample, top.name


def _texts(folder: Path, found: Mapping[PartName, Sequence[Labelled]], notes: Sequence[Note]) -> RawSamples:
    """Return the texts of the files and their labels."""
    encodings: Counter[str] = Counter()
    arrays: dict[PartName, tuple[Array, Array]] = {}
    for part, samples in found.items():
        texts = np.empty(len(samples), object)
        for number, (sample, _) in enumerate(samples):
            with read_errors(sample.path, "a text file"):
                texts[number], encoding = decoded_text(sample.path.read_bytes(), sample.path)
            encodings[encoding] += 1
        arrays[part] = texts, np.array([label for _, label in samples], object)
    others = [
        Note(kind="read", text=f"{count:,} {'text' if count == 1 else 'texts'} in {encoding}, not UTF-8")
        for encoding, count in encodings.items()
        if encoding != "UTF-8"
    ]
    x_test, y_test = arrays.get("test", (None, None))
    x_val, y_val = arrays.get("validation", (None, None))
    return RawSamples(str(folder), *arrays["train"], x_test, y_test, x_val, y_val, notes=(*notes, *others))


def _check_classes(
    tree: SampleFolder, counts: Mapping[PartName, Mapping[str, int]], folders: Mapping[str, SampleFolder]
) -> None:
    """Raise one error that names all problems of all classes."""
    train, noun = counts["train"], tree.noun
    needed = 1 if "validation" in counts else 2
    problems = []
    every = sorted({label for of in counts.values() for label in of})
    folded: dict[str, list[str]] = {}
    for label in every:
        folded.setdefault(label.strip().casefold(), []).append(label)
    if twins := [" and ".join(labels) for labels in folded.values() if len(labels) > 1]:
        problems.append(f"classes that differ in case only: {named(twins)}")
    if empty := [f"{label} ({folders[label].held})" for label, count in train.items() if count == 0]:
        problems.append(f"class folders without readable {noun}s: {named(empty)}")
    if few := [label for label, count in train.items() if 0 < count < needed]:
        problems.append(f"classes with 1 {noun}, which need at least 2: {named(few)}")
    for part in counts.keys() - {"train"}:
        if unknown := [label for label, count in counts[part].items() if count and label not in train]:
            problems.append(f"classes in the {part} part but not in the training part: {named(unknown)}")
    if problems:
        helps = f"add {noun}s, or rename or remove these folders"
        raise FixInputError(f"{tree.path}: {'; '.join(problems)}", remedy=helps)
