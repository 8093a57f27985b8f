"""Finds the samples below a folder, images by their content or texts by their suffix, and what else lies there.

Files that programs leave behind, copies and masks are never samples: hidden files, thumbnails, `photo (1).png` with the
bytes of `photo.png`, `photo_mask.png` beside `photo.png`.
"""

from __future__ import annotations

import filecmp
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from tuner.data_report import Note
from tuner.datasets.image_file import ImageHeader, image_header, image_suffixes
from tuner.datasets.report import left_out_files, named

_OF_PROGRAMS = {
    *("thumbs.db", "ehthumbs.db", "desktop.ini", "picasa.ini", "icon\r"),
    *("__macosx", "__pycache__", "@eadir", "@recycle", "#recycle", "$recycle.bin"),
    *("lost+found", "system volume information"),
}
_THUMBNAILS = {"thumbnails", "_thumbnails"}
_COPY = re.compile(
    r"(?P<stem>.+?)(?: ?- (?:Copy|Kopie|Copie|copia|Copia)(?: ?\(\d+\))?|[ _-]copy ?\d*|[ _]?\(\d+\))", re.IGNORECASE
)
_COPY_OF = re.compile(r"(?:copy of|kopie von|copie de|copia de) (?P<stem>.+)", re.IGNORECASE)
_MASK = re.compile(r"(?P<stem>.+)[_-](?:mask|masks|gt|seg|segmentation|annotation)(?:_?\d+)?", re.IGNORECASE)


@dataclass(frozen=True)
class FoundSample:
    """A file with one image or text; the header is None of a text, and of an image file that cannot be read."""

    path: Path
    header: ImageHeader | None


@dataclass
class SampleFolder:
    """A folder, its files by kind, and its subfolders, all sorted by name."""

    path: Path
    noun: Literal["image", "text"] = "image"
    """What a sample is."""
    samples: list[FoundSample] = field(default_factory=list)
    others: list[Path] = field(default_factory=list)
    of_programs: list[Path] = field(default_factory=list)
    copies: list[Path] = field(default_factory=list)
    masks: list[Path] = field(default_factory=list)
    folders: list[SampleFolder] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def with_samples(self) -> list[SampleFolder]:
        """The subfolders that hold samples at any depth."""
        return [folder for folder in self.folders if folder.size]

    @property
    def size(self) -> int:
        """Number of samples at any depth."""
        return len(self.samples) + sum(folder.size for folder in self.folders)

    @property
    def held(self) -> str:
        """What a folder without samples holds, such as `12 .heic, 1 .txt`."""
        suffixes = Counter(file.suffix.lower() or "other" for folder in self.every() for file in folder.others)
        return ", ".join(f"{count:,} {suffix}" for suffix, count in suffixes.most_common(3)) or "empty"

    def every(self) -> Iterator[SampleFolder]:
        """Yield this folder and all folders below it."""
        yield self
        for folder in self.folders:
            yield from folder.every()


def scan(path: Path) -> SampleFolder:
    """Return what lies in a folder, with the header of every image as its samples.

    Raises OSError for a folder that cannot be read; for a file, `image_set` does.
    """
    found = SampleFolder(path)
    files = []
    for entry in sorted(path.iterdir(), key=lambda one: one.name):
        folder = entry.is_dir()
        if _is_of_programs(entry.name) or (folder and entry.name.lower() in _THUMBNAILS):
            found.of_programs.append(entry)
        elif folder and not entry.is_symlink():
            found.folders.append(scan(entry))
        elif folder:
            if not path.resolve().is_relative_to(entry.resolve()):  # a link to a folder above would never end
                found.folders.append(scan(entry))
        else:
            files.append(entry)
    names = {file.name: file for file in files}
    for file in files:
        if _is_copy(file, names):
            found.copies.append(file)
        elif _is_mask(file, names):
            found.masks.append(file)
        elif (image := _found_image(file)) is not None:
            found.samples.append(image)
        else:
            found.others.append(file)
    return found


def with_texts(root: SampleFolder) -> SampleFolder:
    """Return the same folder with its text files as samples, if it holds no image and most of its files are texts."""
    kinds = Counter(file.suffix.lower() for folder in root.every() for file in folder.others)
    (kind, count), *_ = kinds.most_common(1) or [("", 0)]
    # Files without a suffix may be anything, unless they lie in subfolders.
    texts = kind == ".txt" or (kind == "" and not any(file.suffix == "" for file in root.others))
    return _of_texts(root, kind) if texts and root.size == 0 and count * 2 > kinds.total() else root


def _of_texts(folder: SampleFolder, suffix: str) -> SampleFolder:
    others: dict[bool, list[Path]] = {True: [], False: []}
    for file in folder.others:
        others[file.suffix.lower() == suffix].append(file)
    return replace(
        folder,
        noun="text",
        samples=[FoundSample(file, None) for file in others[True]],
        others=others[False],
        folders=[_of_texts(one, suffix) for one in folder.folders],
    )


def tree_notes(root: SampleFolder) -> list[Note]:
    """Return the notes on all files below a folder that are no samples."""
    folders = list(root.every())

    def names(kind: str) -> list[str]:
        return [str(path.relative_to(root.path)) for folder in folders for path in getattr(folder, kind)]

    notes = left_out_files(names("others"))
    left_out = {"of_programs": "hidden or written by other programs", "copies": f"copies of other {root.noun}s"}
    for kind, what in left_out.items():
        if found := names(kind):
            notes.append(Note(kind="left_out", text=f"{_files(len(found))}, {what} ({named(found)})"))
    if found := names("masks"):
        notes.append(Note(kind="left_out", text=f"{_files(len(found))}, masks of other images ({named(found)})"))
    return notes


def _files(count: int) -> str:
    return "1 file or folder" if count == 1 else f"{count:,} files or folders"


def _is_of_programs(name: str) -> bool:
    return name.startswith((".", "~$")) or name.lower() in _OF_PROGRAMS


def _is_copy(file: Path, names: dict[str, Path]) -> bool:
    match = _COPY.fullmatch(file.stem) or _COPY_OF.fullmatch(file.stem)
    original = None if match is None else names.get(match["stem"] + file.suffix)
    return original is not None and filecmp.cmp(original, file, shallow=False)


def _is_mask(file: Path, names: dict[str, Path]) -> bool:
    match = _MASK.fullmatch(file.stem)
    return match is not None and any(match["stem"] + suffix in names for suffix in image_suffixes())


def _found_image(file: Path) -> FoundSample | None:
    try:
        return FoundSample(file, image_header(file))
    except (OSError, ValueError, SyntaxError, EOFError, LookupError, TypeError, OverflowError):
        # `image_set` reads it again and says why it fails.
        return FoundSample(file, None) if file.suffix.lower() in image_suffixes() else None
