"""Reads folders of images by class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from tuner.datasets.folder_layout import Layout, folder_layout, remedy
from tuner.datasets.image_tree import ImageFolder, scan, tree_notes
from tuner.datasets.raw_samples import EncodedImages, ImageSample, PartName, read_errors
from tuner.datasets.report import named
from tuner.errors import FixInputError


def read_folder(folder: Path) -> EncodedImages:
    """Return the images of `folder`, whose subfolders are the classes; nested folders belong to their class.

    Folders named like parts of a split (`Training`, `valid`, `seg_test`) hold the classes of that part. Validation and
    test parts are the official ones; images without labels are left out. Notes say how the folder was understood and
    what was left out. Names that may be parts or classes, and all problems of all classes, are a FixInputError.
    """
    with read_errors(folder, "a folder of images by class"):
        tree = scan(folder)
    layout = folder_layout(tree)
    classes = {top.name for folders in layout.parts.values() for top in folders}
    if len(classes) == 1:
        raise FixInputError(f"{folder} has only the class {classes.pop()!r}", remedy=remedy(tree))
    parts = {part: [_sample(layout, *found) for found in _by_class(folders)] for part, folders in layout.parts.items()}
    counts = {part: _counts(samples, layout.parts[part]) for part, samples in parts.items()}
    _check_classes(folder, counts, {top.name: top for top in layout.parts["train"]})
    return EncodedImages(str(folder), parts, notes=(*layout.notes, *tree_notes(tree)))


Found = tuple[ImageFolder, str, int]


def _by_class(folders: list[ImageFolder]) -> Iterator[Found]:
    for top in folders:
        for folder in top.every():
            for number in range(len(folder.images)):
                yield folder, top.name, number


def _sample(layout: Layout, folder: ImageFolder, label: str, number: int) -> ImageSample:
    image = folder.images[number]
    return ImageSample(str(image.path.relative_to(layout.root.path)), image.path, label, image.header)


def _counts(samples: list[ImageSample], folders: list[ImageFolder]) -> dict[str, int]:
    counts = {folder.name: 0 for folder in folders}
    for sample in samples:
        counts[str(sample.label)] += 1
    return counts


def _check_classes(folder: Path, counts: dict[PartName, dict[str, int]], folders: Mapping[str, ImageFolder]) -> None:
    """Raise one error that names all problems of all classes."""
    train = counts["train"]
    needed = 1 if "validation" in counts else 2
    problems = []
    every = sorted({label for of in counts.values() for label in of})
    folded: dict[str, list[str]] = {}
    for label in every:
        folded.setdefault(label.strip().casefold(), []).append(label)
    if twins := [" and ".join(labels) for labels in folded.values() if len(labels) > 1]:
        problems.append(f"classes that differ in case only: {named(twins)}")
    if empty := [f"{label} ({folders[label].held})" for label, count in train.items() if count == 0]:
        problems.append(f"class folders without readable images: {named(empty)}")
    if few := [label for label, count in train.items() if 0 < count < needed]:
        problems.append(f"classes with 1 image, which need at least 2: {named(few)}")
    for part in counts.keys() - {"train"}:
        if unknown := [label for label, count in counts[part].items() if count and label not in train]:
            problems.append(f"classes in the {part} part but not in the training part: {named(unknown)}")
    if problems:
        raise FixInputError(f"{folder}: {'; '.join(problems)}", remedy="add images, or rename or remove these folders")
