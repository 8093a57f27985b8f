"""Own data sets that have a name: what was uploaded, and what the operator registered.

results/.datasets/
  <name>/
    dataset.json     what it is, and where its file or folder is
    <name>.npz       an uploaded file; a registered one stays where it is

A data set appears whole or not at all, by one rename, and a name is given once: any number of processes may add. Its
folder begins with a dot, as no study's does.
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

from tuner.datasets.catalogue import names
from tuner.errors import FixInputError
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
    samples: int = Field(description="Of training, validation and test together.")
    classes: int
    source: Literal["uploaded", "registered"]
    path: str = Field(description="Its file or folder, absolute.")
    added_at: datetime


class Registry:
    """The own data sets below a results folder."""

    def __init__(self, results_dir: Path) -> None:
        """Nothing is written until something is added."""
        self._folder = results_dir.absolute() / FOLDER

    def entries(self) -> list[OwnDataset]:
        """All of them, by name. What is no entry, such as one that is being written, is passed over."""
        if not self._folder.is_dir():
            return []
        found = (self._read(path.name) for path in sorted(self._folder.iterdir()))
        return [entry for entry in found if entry is not None]

    def find(self, name: str) -> OwnDataset | None:
        """The data set of that name; None: there is none."""
        return self._read(name)

    def name_of(self, path: str) -> str | None:
        """The name that the file or folder at `path` was given; None: it has none."""
        return next((entry.name for entry in self.entries() if entry.path == path), None)

    def register(self, name: str, path: Path, kind: Literal["image", "text"], samples: int, classes: int) -> OwnDataset:
        """Give a name to a file or folder that stays where it is, and was checked.

        Raises:
            NameTakenError: another data set has it.
            FixInputError: it is no name, or nothing can be written.
        """
        with self.being_added(name) as folder:
            entry = OwnDataset(
                name=name,
                kind=kind,
                samples=samples,
                classes=classes,
                source="registered",
                path=str(path.absolute()),
                added_at=now(),
            )
            self._finish(folder, entry)
        return entry

    def keep(
        self, folder: Path, name: str, file: Path, kind: Literal["image", "text"], samples: int, classes: int
    ) -> OwnDataset:
        """Keep an uploaded file, which lies in the folder that `being_added` gave, and was checked.

        Raises:
            NameTakenError: another data set took the name meanwhile.
        """
        entry = OwnDataset(
            name=name,
            kind=kind,
            samples=samples,
            classes=classes,
            source="uploaded",
            path=str(self._folder / name / file.name),
            added_at=now(),
        )
        self._finish(folder, entry)
        return entry

    @contextmanager
    def being_added(self, name: str) -> Iterator[Path]:
        """A folder to write into, which is gone after the context unless the data set was kept.

        Raises:
            NameTakenError: another data set has the name.
            FixInputError: it is no name, or nothing can be written.
        """
        self.check_free(name)
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

    def check_free(self, name: str) -> None:
        """See that a name may be given.

        Raises:
            NameTakenError: another data set has it.
            FixInputError: it is no name.
        """
        if not re.fullmatch(NAME, name):
            raise FixInputError(
                f"{name!r} is no name of a data set",
                remedy="use 1 to 80 letters, digits, '.', '_' or '-', beginning with a letter or digit",
            )
        if name in names() or self._read(name) is not None:
            raise self._taken(name)

    def _finish(self, folder: Path, entry: OwnDataset) -> None:
        (folder / ENTRY).write_text(entry.model_dump_json(indent=2) + "\n")
        try:
            folder.rename(self._folder / entry.name)  # refused where another one stands by now
        except OSError:
            raise self._taken(entry.name) from None

    def _taken(self, name: str) -> NameTakenError:
        return NameTakenError(f"there is a data set {name!r} already", remedy="choose another name")

    def _read(self, name: str) -> OwnDataset | None:
        if not re.fullmatch(NAME, name):
            return None
        try:
            return OwnDataset.model_validate_json((self._folder / name / ENTRY).read_bytes())
        except (OSError, ValidationError):
            return None
