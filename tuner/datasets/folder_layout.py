"""Decides which folders of a tree of images or texts are parts of a split, and which are classes.

Whatever may be either stops with the names of the folders and the remedy: classes are never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tuner.data_report import Note, NoteKind
from tuner.datasets.part_names import folded, roles
from tuner.datasets.raw_samples import PartName
from tuner.datasets.report import named
from tuner.datasets.sample_tree import SampleFolder
from tuner.datasets.table_files import SUFFIXES
from tuner.errors import FixInputError

_PART_WORDS: dict[PartName, str] = {"train": "training", "validation": "validation", "test": "test"}
_OF_TEXT = {
    *("", ".txt", ".csv", ".tsv", ".json", ".jsonl", ".xml", ".md", ".html", ".pdf", ".yaml", ".yml", ".log", ".py"),
    *(".ipynb", ".mat", ".npy", ".npz", ".h5", ".hdf5", ".pkl", ".pickle", ".parquet", ".xls", ".xlsx", ".names"),
}
"""Suffixes of files beside samples. A folder of such files is no class."""


@dataclass
class Layout:
    """The class folders of each part, by part; and the remarks on how they were found."""

    root: SampleFolder
    parts: dict[PartName, list[SampleFolder]] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)

    def add_note(self, kind: NoteKind, text: str) -> None:
        self.notes.append(Note(kind=kind, text=text))

    def name(self, folder: SampleFolder) -> str:
        """Return a folder's path below the data set."""
        return str(folder.path.relative_to(self.root.path))


def folder_layout(root: SampleFolder) -> Layout:
    """Return the parts and classes of a folder. Raises FixInputError where the names do not say which is which."""
    layout = Layout(root)
    top = _unwrapped(root)
    if top is not root:
        layout.add_note("read", f"{layout.name(top)} holds the {root.noun}s")
    if not top.with_samples:
        none = f"no class subfolders with {root.noun}s ({root.held})"
        loose = f"{root.noun}s but no class subfolders" if top.samples else none
        raise FixInputError(f"{top.path} has {loose}", remedy=remedy(root))
    by_role = _by_role(root, top)
    parts, plain = by_role.parts, by_role.plain
    for folder in by_role.unlabelled:
        _leave_out(layout, folder)
    levels = [folder for folder in root.every() if top.path.is_relative_to(folder.path)]
    empty = [folder for level in levels for folder in level.folders if not folder.size]
    for folder, role in zip(empty, roles([one.name for one in empty], top.name), strict=True):
        if role is not None:
            layout.add_note("left_out", f"{layout.name(folder)}, which holds no {root.noun}s")
    _add_loose_note(layout, top)
    if parts and plain:
        raise FixInputError(
            f"{root.path} holds parts of a split ({named(f'{layout.name(part)}' for part, _ in parts)}) beside other "
            f"folders of {root.noun}s ({named(layout.name(folder) for folder in plain)})",
            remedy="move the other folders away, or into the parts as classes",
        )
    if not parts:
        layout.parts["train"] = _classes(layout, top, plain)
        return layout
    _add_parts(layout, parts)
    return layout


def remedy(root: SampleFolder) -> str:
    """Return what helps if folders are no classes: a table that may name the labels, or another layout."""
    others = [file for folder in root.every() for file in folder.others]
    layout = f"put the {root.noun}s of each class into a subfolder of its name"
    if root.noun == "text":
        return f"{layout}, or write the texts into a table with the columns text and label"
    suffixes = (".csv", ".tsv", ".jsonl", ".parquet") if root.size else (*SUFFIXES, ".npz")
    tables = [file for file in others if file.suffix.lower() in suffixes]
    if not tables:
        return layout
    return f"{layout}, or give a file such as {min(tables, key=lambda file: 'train' not in file.name.lower())}"


@dataclass
class _ByRole:
    """The subfolders by what their names and contents say."""

    parts: list[tuple[SampleFolder, PartName]] = field(default_factory=list)
    unlabelled: list[SampleFolder] = field(default_factory=list)
    plain: list[SampleFolder] = field(default_factory=list)


def _by_role(root: SampleFolder, top: SampleFolder) -> _ByRole:
    folders = top.with_samples
    found = list(zip(folders, roles([folder.name for folder in folders], top.name), strict=True))
    named_part = [folder for folder, role in found if role in _PART_WORDS]
    nested = [folder for folder in named_part if folder.with_samples]
    plain = [folder for folder, role in found if role is None]
    if named_part and not nested:
        # A folder `train` of images may show trains; one beside `test` does not.
        if len(named_part) == 1 and plain and named_part[0].name.casefold() == "train":
            return _ByRole(unlabelled=[f for f, role in found if role == "unlabelled"], plain=[*plain, *named_part])
        shown = named(folder.name for folder in named_part)
        if plain:
            raise FixInputError(
                f"{top.path} holds folders named like parts of a split ({shown}) beside folders named like classes "
                f"({named(folder.name for folder in plain)})",
                remedy="put the classes into the parts, as in train/cat, or rename what is a class",
            )
        raise FixInputError(
            f"{top.path}: {shown} {_hold(named_part)} {root.noun}s but no class subfolders", remedy=remedy(root)
        )
    result = _ByRole(plain=plain)
    for folder, role in found:
        if role is not None and (role == "unlabelled" or not folder.with_samples):
            result.unlabelled.append(folder)
        elif role is not None:
            result.parts.append((folder, role))
    return result


def _add_parts(layout: Layout, parts: Sequence[tuple[SampleFolder, PartName]]) -> None:
    """Add the class folders of the parts; a part whose only folder of samples is no class has no labels."""
    inner = {id(folder): _unwrapped(folder) for folder, _ in parts}
    labelled = {id(folder): _labelled(layout, inner[id(folder)]) for folder, _ in parts}
    classes = {folded(one.name) for folder, role in parts if role == "train" for one in labelled[id(folder)]}
    if not classes:
        shown = named(layout.name(folder) for folder, _ in parts)
        raise FixInputError(
            f"{layout.root.path} has no training part beside {shown}",
            remedy=f"name the folder of training {layout.root.noun}s train",
        )
    known: list[str] = []
    for folder, part in parts:
        top, folders = inner[id(folder)], labelled[id(folder)]
        if part != "train" and len(folders) == 1 and folded(folders[0].name) not in classes:
            _leave_out(layout, folder)
            continue
        _add_loose_note(layout, top)
        layout.parts.setdefault(part, []).extend(_classes(layout, top, folders))
        known.append(f"{layout.name(folder)} is the {_PART_WORDS[part]} part")
    layout.add_note("read", ", ".join(known))


def _labelled(layout: Layout, top: SampleFolder) -> list[SampleFolder]:
    """Return the class folders of a part; a folder such as `unsup`, whose samples have no labels, is left out."""
    folders = top.with_samples
    found = []
    for folder, role in zip(folders, roles([one.name for one in folders], top.name), strict=True):
        if role == "unlabelled":
            _leave_out(layout, folder)
        else:
            found.append(folder)
    return found


def _unwrapped(folder: SampleFolder) -> SampleFolder:
    """Return the folder, or the one inside that holds the class folders, where each only wraps the next."""
    while not folder.samples and len(folder.with_samples) == 1 and folder.with_samples[0].with_samples:
        folder = folder.with_samples[0]
    return folder


def _classes(layout: Layout, top: SampleFolder, folders: Sequence[SampleFolder]) -> list[SampleFolder]:
    """Return the class folders, with those that hold no sample. Raises FixInputError for a class that holds others."""
    names = {folded(folder.name): folder for folder in folders}
    for folder in folders:
        inside = [folded(one.name) for one in folder.with_samples]
        others = names.keys() - {folded(folder.name)}
        same = others & set(inside)
        if same and (same == others or len(same) > 1):
            raise FixInputError(
                f"{folder.path} holds folders with the names of those beside it "
                f"({named(names[name].name for name in sorted(same))})",
                remedy="remove it if it is a copy of them, or name the folder that holds only classes",
            )
        found = {role for role in roles([one.name for one in folder.with_samples], folder.name) if role is not None}
        if found & set(_PART_WORDS) and (len(found) > 1 or len(inside) == 1):
            raise FixInputError(
                f"{folder.path} is a class that holds parts of a split "
                f"({named(one.name for one in folder.with_samples)})",
                remedy="put the parts on top and the classes into them, as in train/cat",
            )
        if folder.with_samples:
            shown = named(one.name for one in folder.with_samples)
            count = sum(one.size for one in folder.with_samples)
            layout.add_note(
                "read", f"{_samples(top, count)} in subfolders of class {folder.name} ({shown}) belong to that class"
            )
    return [*folders, *_empty_classes(top)]


def _empty_classes(top: SampleFolder) -> list[SampleFolder]:
    """Return the folders without samples that are neither parts nor hold only texts, such as annotations."""
    empty = [folder for folder in top.folders if not folder.size]
    found = []
    for folder, role in zip(empty, roles([one.name for one in empty], top.name), strict=True):
        others = [file.suffix.lower() for one in folder.every() for file in one.others]
        if role is None and (not others or not _OF_TEXT.issuperset(others)):
            found.append(folder)
    return found


def _add_loose_note(layout: Layout, top: SampleFolder) -> None:
    if top.samples:
        shown = named(str(one.path.relative_to(layout.root.path)) for one in top.samples)
        layout.add_note("left_out", f"{_samples(top, len(top.samples))} beside the class folders ({shown})")


def _leave_out(layout: Layout, folder: SampleFolder) -> None:
    layout.add_note("left_out", f"{_samples(folder, folder.size)} in {layout.name(folder)}, which have no labels")


def _samples(folder: SampleFolder, count: int) -> str:
    return f"1 {folder.noun}" if count == 1 else f"{count:,} {folder.noun}s"


def _hold(folders: Iterable[SampleFolder]) -> str:
    return "holds" if len(list(folders)) == 1 else "hold"
