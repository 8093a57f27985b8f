"""Users' own named data sets: uploaded ones, and those registered by `tuner datasets add`.

results/.datasets/
  <name>/
    dataset.json     kind, size, and the path of its file or folder
    report.json      what was found in it
    <name>.npz       an uploaded file; a registered one is not copied
  .unfinished-<x>/   an upload under way, whose process holds a lock on .unfinished-<x>.lock

A data set is added by one rename, so it appears whole or not at all, and two processes cannot add the same name. The
folder starts with a dot, which study names cannot.
"""

from __future__ import annotations

import errno
import logging
import os
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tuner.data_report import DataReport
from tuner.datasets.catalogue import dataset_names
from tuner.datasets.uploads import FOLDER
from tuner.errors import CannotWriteError, FixInputError, nearest
from tuner.events import now
from tuner.spec_parts import NAME

log = logging.getLogger("tuner.datasets")

ENTRY, REPORT = "dataset.json", "report.json"
_UNFINISHED, _LOCK = ".unfinished-", ".lock"


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
    size_bytes: int | None = Field(default=None, description="Size of an uploaded one; null: not known.")
    report: DataReport | None = Field(default=None, description="What was found in it; null: added by an older tuner.")


class Registry:
    """The own data sets in a results folder.

    Adding one raises NameTakenError if its name is taken, FixInputError if the name is not valid, and CannotWriteError
    if the folder is not writable or its disk is full.
    """

    def __init__(self, results_dir: Path) -> None:
        """Create the registry; nothing is written until a data set is added."""
        self._folder = results_dir.absolute() / FOLDER

    def entries(self) -> list[OwnDataset]:
        """Return all data sets without their reports, sorted by name; incomplete ones are skipped."""
        if not self._folder.is_dir():
            return []
        found = (self._entry(path.name) for path in sorted(self._folder.iterdir()))
        return [entry for entry in found if entry is not None]

    def used_bytes(self) -> int:
        """Return the size of all uploaded files, with those of uploads under way."""
        known = {entry.name: entry.size_bytes for entry in self.entries() if entry.size_bytes is not None}
        others = (path for path in self._folder.glob("*") if path.name not in known)
        return sum(known.values()) + sum(map(_size_bytes, others))

    def sweep(self) -> None:
        """Delete what is left of uploads whose process was killed. Those under way stay, of whatever process."""
        for unfinished in [path for path in self._folder.glob(f"{_UNFINISHED}*") if path.is_dir()]:
            with suppress(OSError), _claimed(unfinished):
                log.info("deleting %d bytes of an unfinished upload", _size_bytes(unfinished))
                shutil.rmtree(unfinished, ignore_errors=True)

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
        unfinished = self._unfinished()
        try:
            (self._folder / name).rename(unfinished)  # it disappears at once and whole
        except FileNotFoundError:
            raise FixInputError(f"data set {name!r} was just removed", remedy="it is gone already") from None
        except OSError as error:
            raise self._cannot_write(error) from None
        shutil.rmtree(unfinished, ignore_errors=True)  # `sweep` deletes what stays
        return entry

    @contextmanager
    def new_folder(self, name: str) -> Iterator[Path]:
        """Context manager with a new folder, which is deleted at the end unless the data set was added."""
        self.check_name(name)
        unfinished = self._unfinished()
        with ExitStack() as until_end:
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                until_end.enter_context(_claimed(unfinished))
                unfinished.mkdir()
            except OSError as error:
                raise self._cannot_write(error) from None
            until_end.callback(shutil.rmtree, unfinished, ignore_errors=True)
            yield unfinished

    def _unfinished(self) -> Path:
        return self._folder / f"{_UNFINISHED}{uuid.uuid4().hex}"

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
            size_bytes=_size_bytes(folder),
            report=report,
        )
        try:
            (folder / REPORT).write_text(report.model_dump_json(indent=2) + "\n")
            (folder / ENTRY).write_text(entry.model_dump_json(indent=2, exclude={"report"}) + "\n")
            folder.rename(self._folder / name)  # fails if another process has added the name
        except OSError as error:
            if error.errno in (errno.EEXIST, errno.ENOTEMPTY):
                raise _name_taken(name) from None
            raise self._cannot_write(error) from None
        return entry

    def _cannot_write(self, error: OSError) -> CannotWriteError:
        return CannotWriteError(
            f"cannot write to {self._folder}: {error.strerror}", remedy="set TUNER_RESULTS_DIR to another folder"
        )

    def find(self, name: str) -> OwnDataset | None:
        """Return the data set with this name; None if there is none, or if its folder is not complete."""
        entry = self._entry(name)
        if entry is None or entry.report is not None:  # one that an older tuner added
            return entry
        try:
            report = DataReport.model_validate_json((self._folder / name / REPORT).read_bytes())
        except (OSError, ValidationError):
            return entry
        return entry.model_copy(update={"report": report})

    def _entry(self, name: str) -> OwnDataset | None:
        """Return the data set with this name without its report, which has a line for each of thousands of classes."""
        if not re.fullmatch(NAME, name):
            return None
        try:
            return OwnDataset.model_validate_json((self._folder / name / ENTRY).read_bytes())
        except (OSError, ValidationError):
            return None


@contextmanager
def _claimed(unfinished: Path) -> Iterator[None]:
    """Context manager in which this process alone holds the lock on a folder; one that is killed holds it no more.

    The lock exists before its folder and until the folder is gone. Raises BlockingIOError if another process holds it.
    """
    import fcntl  # not on Windows, where nothing is uploaded

    lock = unfinished.with_name(unfinished.name + _LOCK)
    with lock.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)


def _size_bytes(folder: Path) -> int:
    """The size of all files below a folder; those that are deleted meanwhile count nothing."""
    size_bytes = 0
    for inside, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                size_bytes += Path(inside, name).lstat().st_size
    return size_bytes


def _name_taken(name: str) -> NameTakenError:
    return NameTakenError(f"data set {name!r} already exists", remedy="choose another name")
