"""A study's best model as files of this machine: what is told, packed and predicted with.

Of a study in an object store any machine has them: the one that ran it in the study's folder, the others brought
from there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serve_app.winner_cache import bring, lying_here, published, version_of
from tuner.errors import FixInputError
from tuner.store import StudyRow
from tuner.study import storage
from tuner.study.paths import StudyPaths


class NotSavedError(FixInputError):
    """Wait for the study's end, or resume it."""


@dataclass(frozen=True)
class Winner:
    """The model of a study's best trial at the time of asking."""

    study: str
    folder: Path
    """Holds model.keras and metadata.json, on the machine that asked."""
    version: str
    """Another one for another model, also of the same study."""
    metadata: dict[str, Any]
    store: str | None = None
    """The study's part of an object store; None: all its files are in its folder."""

    @property
    def labels(self) -> list[str]:
        return list(self.metadata["labels"])

    @property
    def preprocessing(self) -> dict[str, Any]:
        return dict(self.metadata["preprocessing"])


def is_saved(study: StudyRow) -> bool:
    """Whether there is a winner. One in an object store may be on its way there still."""
    if _metadata(StudyPaths(Path(study.folder))) is not None:
        return True
    return storage.address_of(study.spec) is not None and study.test_accuracy is not None


def find(study: StudyRow) -> Winner:
    """The study's winner.

    Raises:
        NotSavedError: it has none yet.
        TryAgainError: it is in an object store that cannot be read at the moment.
    """
    own = StudyPaths(Path(study.folder))
    store = storage.address_of(study.spec)
    if store is not None:
        # An object store is asked only for what is not here: the log tells which model is meant.
        for paths in (own, *lying_here(study.name)):
            text = _metadata(paths)
            if text is not None and _is_meant(text, study):
                return _winner(study, paths, text, store)
        text = published(study.name, store)
        if text is not None:
            return _winner(study, bring(study.name, store, version_of(text)), text, store)
    text = _metadata(own)
    if text is None:
        ends = "wait until it has ended" if study.alive else f"resume study {study.name}: it is saved at its end"
        raise NotSavedError(f"study {study.name!r} has saved no best model yet", remedy=ends)
    return _winner(study, own, text, store)


def on_this_machine(winner: Winner) -> Path:
    """The folder with the winner's files, wherever it was found.

    Raises:
        TryAgainError: it is in an object store that cannot be read at the moment, or holds a better one by now.
    """
    text = _metadata(StudyPaths(winner.folder.parent))
    if winner.store is None or (text is not None and version_of(text) == winner.version):
        return winner.folder
    return bring(winner.study, winner.store, winner.version).best_model


def _winner(study: StudyRow, paths: StudyPaths, text: str, store: str | None) -> Winner:
    return Winner(study.name, paths.best_model, version_of(text), json.loads(text), store)


def _metadata(paths: StudyPaths) -> str | None:
    """Of the model that is saved there; None: none is."""
    try:
        return paths.metadata.read_text(encoding="utf-8") if paths.model.is_file() else None
    except FileNotFoundError:
        return None


def _is_meant(text: str, study: StudyRow) -> bool:
    """Whether these metadata are of the model that the study's log has told last."""
    told = json.loads(text)
    tested = (told.get("test_accuracy"), told.get("test_loss"))
    return None not in tested and tested == (study.test_accuracy, study.test_loss)
