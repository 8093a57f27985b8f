"""A study's best model as files of this machine.

If the study is in an object store, the machine that ran it has the files in the study's folder, and other machines
download them to a cache (`serve_app.winner_cache`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serve_app.winner_cache import cached, download, readable_store, version_of
from tuner.errors import FixInputError
from tuner.store import StudyRow
from tuner.study import storage
from tuner.study.paths import StudyPaths


class NotSavedError(FixInputError):
    """The study has no best model yet: wait until the study ends, or resume it."""


@dataclass(frozen=True)
class Winner:
    """The best model of a study, at the time it was looked up."""

    study: str
    folder: Path
    """Folder with model.keras and metadata.json, on the machine that looked it up."""
    version: str
    """Differs between models, also of one study."""
    metadata: dict[str, Any]
    store: str | None = None
    """Address of the study's part of an object store; None: all its files are in its folder."""


def is_saved(study: StudyRow) -> bool:
    """Whether the study has a best model. In an object store it may still be being uploaded."""
    if _metadata(StudyPaths(Path(study.folder))) is not None:
        return True
    return storage.address_of(study.spec) is not None and study.test_accuracy is not None


def find(study: StudyRow) -> Winner:
    """The study's best model. Raises NotSavedError if it has none, TryAgainError if its store cannot be read now."""
    own = StudyPaths(Path(study.folder))
    store = storage.address_of(study.spec)
    if store is not None:
        # Ask the object store only if no local model has the test scores that the study's log says.
        for paths in (own, *cached(study.name)):
            text = _metadata(paths)
            if text is not None and _is_current(text, study):
                return _winner(study, paths, text, store)
        with readable_store(study.name, "best model"):
            text = storage.published_metadata(store)
        if text is not None:
            return _winner(study, download(study.name, store, version_of(text)), text, store)
    text = _metadata(own)
    if text is None:
        remedy = "wait until it has ended" if study.alive else f"resume study {study.name}, which saves it at its end"
        raise NotSavedError(f"study {study.name!r} has saved no best model yet", remedy=remedy)
    return _winner(study, own, text, store)


def on_this_machine(winner: Winner) -> Path:
    """The folder of the files on this machine. Raises TryAgainError if they cannot be downloaded, or were replaced."""
    text = _metadata(StudyPaths(winner.folder.parent))
    if winner.store is None or (text is not None and version_of(text) == winner.version):
        return winner.folder
    return download(winner.study, winner.store, winner.version).best_model


def _winner(study: StudyRow, paths: StudyPaths, text: str, store: str | None) -> Winner:
    return Winner(study.name, paths.best_model, version_of(text), json.loads(text), store)


def _metadata(paths: StudyPaths) -> str | None:
    """The text of the saved model's metadata; None: no model is saved there."""
    try:
        return paths.metadata.read_text(encoding="utf-8") if paths.model.is_file() else None
    except FileNotFoundError:
        return None


def _is_current(text: str, study: StudyRow) -> bool:
    """Whether these metadata belong to the last model in the study's log."""
    metadata = json.loads(text)
    tested = (metadata.get("test_accuracy"), metadata.get("test_loss"))
    return None not in tested and tested == (study.test_accuracy, study.test_loss)
