"""Reads a saved model: `model.keras` and the `metadata.json` beside it.

Whatever makes them unusable is one error that names the file and the remedy. It is found without TensorFlow: a
truncated or foreign model file; metadata that are empty, no JSON, incomplete, of wrong types, of another study or
unreadable.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tuner.data import Background
from tuner.errors import FixInputError
from tuner.events import Refit
from tuner.spec_parts import ImageFit, one_line
from tuner.store import StudyRow
from tuner.study import storage
from tuner.study.class_scores import ClassScores
from tuner.study.paths import METADATA_FILE, MODEL_FILE, StudyPaths

CHECKSUM = "model_sha256"
"""Key of the metadata with the checksum of the model's file; models of earlier versions have none."""
_PART = "config.json"
"""A part of every .keras file, which is a zip file."""


class DamagedModelError(FixInputError):
    """Resume the study, which saves its best model again, or restore the file that the message names."""


@dataclass(frozen=True)
class SavedModel:
    """A saved model that can be used, as far as its metadata and the parts of its file show."""

    file: Path
    text: str
    """The content of metadata.json."""
    metadata: dict[str, Any]

    @property
    def trial_number(self) -> int:
        return int(self.metadata["trial_number"])

    @property
    def refitted(self) -> bool:
        return self.metadata.get("refit") is not None

    def is_tested_as(self, study: StudyRow) -> bool:
        """Whether its scores on test data are those of the study's last saved model."""
        tested = self.metadata.get("test_accuracy"), self.metadata.get("test_loss")
        return None not in tested and tested == (study.test_accuracy, study.test_loss)

    def belongs_to(self, study: StudyRow) -> bool:
        """Whether it is the study's best model, with the recorded test."""
        return self.trial_number == study.best_trial_number and self.is_tested_as(study)


def read_model(folder: Path, study: str, *, best: bool = True) -> SavedModel | None:
    """The model of a study in a folder; None: no model is saved there.

    Args:
        best: Whether it is the study's best model, which has scores on test data and can be saved again.

    Raises:
        DamagedModelError: it cannot be used.
    """
    file = folder / MODEL_FILE
    try:
        if not file.is_file():
            return None
        text = (folder / METADATA_FILE).read_text(encoding="utf-8")
        metadata = _parsed(text, study, best=best)
        _check_parts(file, study, best=best)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UnicodeDecodeError:
        _refuse(study, f"{METADATA_FILE} is not valid JSON", best=best)
    except OSError as error:
        name = Path(error.filename or file).name
        _refuse(study, f"{name} cannot be read: {error.strerror or type(error).__name__}", best=best)
    return SavedModel(file, text, metadata)


def usable_model(folder: Path, study: str, *, best: bool = True) -> SavedModel | None:
    """As `read_model`; None also for a damaged model, which the study's end saves again."""
    try:
        return read_model(folder, study, best=best)
    except DamagedModelError:
        return None


def is_lost(study: StudyRow) -> bool:
    """Whether a study that has a best trial has no usable model of it, so that a resume must save it again."""
    if study.best_trial_number is None:
        return False
    if usable_model(StudyPaths(Path(study.folder)).best_model, study.name) is not None:
        return False
    address = storage.address_of(study.spec)
    if address is None:
        return True
    try:
        text = storage.published_metadata(address)
        return text is None or not _parsed(text, study.name, best=True)
    except DamagedModelError:
        return True
    except OSError:
        return False  # it cannot be seen now


def checksum(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def check_content(file: Path, metadata: Mapping[str, Any], study: str) -> None:
    """Raise DamagedModelError if a model's file is not the one that its metadata describe. Reads the whole file."""
    known = metadata.get(CHECKSUM)
    if known is not None and checksum(file) != known:
        best = metadata.get("test_accuracy") is not None
        _refuse(study, f"{MODEL_FILE} is not the file that {METADATA_FILE} describes", best=best)


class _Preprocessing(BaseModel):
    """What a caller of the model must know."""

    model_config = ConfigDict(extra="allow")

    input: str
    shape: list[int | str] = Field(min_length=1)
    raw_range: tuple[float, float] | None = None
    image_fit: ImageFit = "stretch"
    fill: float = 0.0
    background: Background | None = None
    white: float | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.input != "pixels":
            return self
        if self.raw_range is None:
            raise ValueError("raw_range is missing")
        if len(self.shape) != 4 or not all(isinstance(side, int) and side > 0 for side in self.shape[1:]):
            raise ValueError("shape must be samples, height, width and channels")
        if "image_fit" in self.model_fields_set and "fill" not in self.model_fields_set:
            raise ValueError("fill is missing")
        return self


class _Versions(BaseModel):
    tensorflow: str
    keras: str


class _Metadata(ClassScores):
    """The keys of metadata.json without which a model cannot be used or described."""

    model_config = ConfigDict(extra="allow")

    study: str
    trial_number: int = Field(ge=1)
    val_accuracy: float
    test_accuracy: float | None = None
    test_loss: float | None = None
    labels: list[str] = Field(min_length=1)
    preprocessing: _Preprocessing
    spec: dict[str, Any]
    versions: _Versions
    refit: Refit | None = None
    model_sha256: str | None = None


def _parsed(text: str, study: str, *, best: bool) -> dict[str, Any]:
    """The metadata in the text of a metadata.json. Raises DamagedModelError if they cannot be those of the study."""
    if not text.strip():
        _refuse(study, f"{METADATA_FILE} is empty", best=best)
    try:
        metadata: dict[str, Any] = json.loads(text, parse_constant=_no_number)
        known = _Metadata.model_validate_json(text, strict=True)
    except ValidationError as error:
        _refuse(study, f"{METADATA_FILE}: {one_line({**error.errors()[0], 'input': {}})}", best=best)
    except (ValueError, RecursionError):
        _refuse(study, f"{METADATA_FILE} is not valid JSON", best=best)
    if best and known.test_accuracy is None:
        _refuse(study, f"{METADATA_FILE}: test_accuracy is missing", best=best)
    if known.study != study:
        _refuse(study, f"{METADATA_FILE} is of study {known.study!r}", best=best)
    return metadata


def _check_parts(file: Path, study: str, *, best: bool) -> None:
    """Raise DamagedModelError if the model's file is cut short, or not written by Keras."""
    try:
        with zipfile.ZipFile(file) as parts:
            whole = _PART in parts.namelist()
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError):
        whole = False
    if not whole:
        _refuse(study, f"{MODEL_FILE} is incomplete, or no Keras model", best=best)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not valid JSON")


def _refuse(study: str, what: str, *, best: bool) -> NoReturn:
    remedy = f"`tuner resume {study}` saves it again" if best else "restore its folder from a copy"
    raise DamagedModelError(f"the saved model of study {study!r} is damaged: {what}", remedy=remedy) from None
