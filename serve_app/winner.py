"""A study's best model as files of this machine.

If the study is in an object store, the machine that ran it has the files in the study's folder, and other machines
download them to a cache (`serve_app.winner_cache`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serve_app.winner_cache import cached, download, readable_store, version_of
from tuner.errors import FixInputError, TryAgainError
from tuner.store import StudyRow
from tuner.study import storage
from tuner.study.paths import StudyPaths
from tuner.study.saved_model import DamagedModelError, SavedModel, check_content, read_model, usable_model


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
    """Whether the study has a usable best model. In an object store it may still be being uploaded."""
    if usable_model(StudyPaths(Path(study.folder)).best_model, study.name) is not None:
        return True
    return storage.address_of(study.spec) is not None and study.test_accuracy is not None


def find(study: StudyRow) -> Winner:
    """The study's best model.

    Raises:
        NotSavedError: it has none.
        DamagedModelError: it cannot be used.
        TryAgainError: its object store cannot be read now.
    """
    own = StudyPaths(Path(study.folder))
    store = storage.address_of(study.spec)
    if store is not None:
        # Ask the object store only if no local model has the test scores that the study's log says.
        for paths in (own, *cached(study.name)):
            saved = usable_model(paths.best_model, study.name)
            if saved is not None and saved.is_tested_as(study):
                return _winner(study, saved, store)
        with readable_store(study.name, "best model"):
            text = storage.published_metadata(store)
        if text is not None:
            saved = read_model(download(study.name, store, version_of(text)).best_model, study.name)
            if saved is not None:
                return _winner(study, saved, store)
    saved = read_model(own.best_model, study.name)
    if saved is None:
        remedy = "wait until it has ended" if study.alive else f"resume study {study.name}, which saves it at its end"
        raise NotSavedError(f"study {study.name!r} has saved no best model yet", remedy=remedy)
    return _winner(study, saved, store)


def on_this_machine(winner: Winner) -> Path:
    """The folder of the files on this machine, which were read and are those of the winner.

    Raises:
        DamagedModelError: the model cannot be used.
        TryAgainError: it cannot be downloaded, or was replaced.
    """
    folder = winner.folder
    if winner.store is not None and not _is(winner, usable_model(folder, winner.study)):
        folder = download(winner.study, winner.store, winner.version).best_model
    saved = read_model(folder, winner.study)
    try:
        if saved is not None and _is(winner, saved):
            check_content(saved.file, saved.metadata, winner.study)
            return folder
    except (DamagedModelError, FileNotFoundError):
        if _is(winner, usable_model(folder, winner.study)):
            raise
    raise TryAgainError(f"study {winner.study!r} is saving another model", remedy="try again")


def _winner(study: StudyRow, saved: SavedModel, store: str | None) -> Winner:
    return Winner(study.name, saved.file.parent, version_of(saved.text), saved.metadata, store)


def _is(winner: Winner, saved: SavedModel | None) -> bool:
    return saved is not None and version_of(saved.text) == winner.version
