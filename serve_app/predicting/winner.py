"""A study's best model as it is on disk: what is predicted with."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tuner.errors import FixInputError
from tuner.store import Store
from tuner.study.paths import StudyPaths


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


def find(store: Store, name: str) -> Winner:
    """The study's winner.

    Raises:
        UnknownStudyError: there is no such study.
        FixInputError: it has no model yet.
    """
    study = store.study(name)
    paths = StudyPaths(Path(study.folder))
    try:
        text = paths.metadata.read_text()
    except FileNotFoundError:
        remedy = (
            "wait until it has ended" if study.alive else f"resume study {name}: its best model is saved at its end"
        )
        raise FixInputError(f"study {name!r} has no best model yet", remedy=remedy) from None
    version = hashlib.sha256(text.encode()).hexdigest()[:8]
    return Winner(name, paths.best_model, version, json.loads(text))
