"""A study's best model as it is on disk: what is told, packed and predicted with."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tuner.errors import FixInputError
from tuner.store import StudyRow
from tuner.study.paths import StudyPaths


class NotSavedError(FixInputError):
    """Wait for the study's end, or resume it."""


@dataclass(frozen=True)
class Winner:
    """The model of a study's best trial at the time of asking."""

    study: str
    folder: Path
    """Holds model.keras and metadata.json."""
    version: str
    """Another one for another model, also of the same study."""
    metadata: dict[str, Any]

    @property
    def labels(self) -> list[str]:
        return list(self.metadata["labels"])

    @property
    def preprocessing(self) -> dict[str, Any]:
        return dict(self.metadata["preprocessing"])


def is_saved(study: StudyRow) -> bool:
    """Whether there is a winner."""
    paths = StudyPaths(Path(study.folder))
    return paths.model.is_file() and paths.metadata.is_file()


def find(study: StudyRow) -> Winner:
    """The study's winner.

    Raises:
        NotSavedError: it has none yet.
    """
    paths = StudyPaths(Path(study.folder))
    try:
        text = paths.metadata.read_text(encoding="utf-8") if paths.model.is_file() else None
    except FileNotFoundError:
        text = None
    if text is None:
        ends = "wait until it has ended" if study.alive else f"resume study {study.name}: it is saved at its end"
        raise NotSavedError(f"study {study.name!r} has saved no best model yet", remedy=ends)
    version = hashlib.sha256(text.encode()).hexdigest()[:8]
    return Winner(study.name, paths.best_model, version, json.loads(text))
