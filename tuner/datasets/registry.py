"""Users' own named data sets: uploaded ones, and those registered by `tuner datasets add`.

results/.datasets/
  <name>/
    dataset.json     kind, size, and the path of its file or folder
    <name>.npz       an uploaded file; a registered one is not copied

A data set is added by one rename, so it appears whole or not at all, and two processes cannot add the same name. The
folder starts with a dot, which study names cannot.
"""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tuner.data_report import DataReport
from tuner.datasets.catalogue import dataset_names
from tuner.errors import FixInputError, nearest
from tuner.events import now
from tuner.spec_parts import NAME

FOLDER = ".datasets"
ENTRY = "dataset.json"
SUFFIXES = ("npz", "csv", "jsonl", "parquet")
_UNFINISHED = ".unfinished-"


class NameTakenError(FixInputError):
    """Choose another name."""


class OwnDataset(BaseModel):
    """One own data set."""

    model_config = ConfigDict(frozen=True)

    name: str
    kind: Literal["image", "text"]
    samples: int = Field(description="Number of training, validation and test samples together.")
    classes: int
    source: Literal["uploaded", "registered"]
    path: str = Field(description="Absolute path of its file or folder.")
    added_at: datetime
    report: DataReport | None = Field(default=None, description="What was found in it; null: added by an older tuner.")


class Registry:
    """The own data sets in a results folder.

    Adding one raises NameTakenError if its name is taken, and FixInputError if the name is not valid or the folder not
    writable.
    """

    def __init__(self, results_dir: Path) -> None:
        """Create the registry; nothing is written until a data set is added."""
        self._folder = results_dir.absolute() / FOLDER

    def entries(self) -> list[OwnDataset]:
        """Return all data sets, sorted by name; incomplete ones are skipped."""
        if not self._folder.is_dir():
            return []
        found = (self.find(path.name) for path in sorted(self._folder.iterdir()))
        return [entry for entry in found if entry is not None]

    def register(self, name: str, path: Path, report: DataReport) -> OwnDataset:
        """Register an inspected file or folder under a name; it is not copied."""
        with self.new_folder(name) as folder:
            return self._add(folder, name, "registered", path.absolute(), report)

    def add_uploaded(self, folder: Path, name: str, file: Path, report: DataReport) -> OwnDataset:
        """Add an inspected, uploaded file in the folder of `new_folder`."""
        return self._add(folder, name, "uploaded", self._folder / name / file.name, report)

    def remove(self, name: str) -> OwnDataset:
        """Remove a data set: the file of an uploaded one too; a registered file or folder stays.

        Raises FixInputError if there is none of this name.
        """
        entry = self.find(name)
        if entry is None:
            added = [own.name for own in self.entries()]
            remedy = nearest(name, added) if added else "none was added"
            if name in dataset_names():
                remedy = "it is built in"
            raise FixInputError(f"no data set {name!r} was added", remedy=remedy)
        unfinished = self._folder / f"{_UNFINISHED}{uuid.uuid4().hex}"
        (self._folder / name).rename(unfinished)  # it disappears at once and whole
        shutil.rmtree(unfinished, ignore_errors=True)
        return entry

    @contextmanager
    def new_folder(self, name: str) -> Iterator[Path]:
        """Context manager with a new folder, which is deleted at the end unless the data set was added."""
        self.check_name(name)
        unfinished = self._folder / f"{_UNFINISHED}{uuid.uuid4().hex}"
        try:
            unfinished.mkdir(parents=True)
        except OSError as error:
            raise FixInputError(
                f"cannot write to {self._folder}: {error.strerror}", remedy="set TUNER_RESULTS_DIR to another folder"
            ) from None
        try:
            yield unfinished
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)

    def check_name(self, name: str) -> None:
        """Check that a name is valid and free."""
        if not re.fullmatch(NAME, name):
            raise FixInputError(
                f"{name!r} is not a valid name of a data set",
                remedy="use 1 to 80 letters, digits, '.', '_' or '-', starting with a letter or digit",
            )
        if name in dataset_names() or self.find(name) is not None:
            raise _name_taken(name)

    def _add(
        self, folder: Path, name: str, source: Literal["uploaded", "registered"], path: Path, report: DataReport
    ) -> OwnDataset:
        entry = OwnDataset(
            name=name,
            kind=report.kind,
            samples=report.size,
            classes=len(report.classes),
            source=source,
            path=str(path),
            added_at=now(),
            report=report,
        )
        (folder / ENTRY).write_text(entry.model_dump_json(indent=2) + "\n")
        try:
            folder.rename(self._folder / name)  # fails if another process has added the name
        except OSError:
            raise _name_taken(name) from None
        return entry

    def find(self, name: str) -> OwnDataset | None:
        """Return the data set with this name; None if there is none, or if its folder is not complete."""
        if not re.fullmatch(NAME, name):
            return None
        try:
            return OwnDataset.model_validate_json((self._folder / name / ENTRY).read_bytes())
        except (OSError, ValidationError):
            return None


def _name_taken(name: str) -> NameTakenError:
    return NameTakenError(f"data set {name!r} already exists", remedy="choose another name")
