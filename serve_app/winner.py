"""A study's best model, or the kept model of another trial, as files of this machine.

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
from tuner.study.kept_models import kept_models, models_to_keep
from tuner.study.paths import StudyPaths
from tuner.study.saved_model import DamagedModelError, SavedModel, check_content, read_model, usable_model


class NotSavedError(FixInputError):
    """The study has no best model yet, or did not keep the model of this trial: do what the remedy says."""


@dataclass(frozen=True)
class Winner:
    """The best model of a study, or the kept one of another trial, at the time it was looked up."""

    study: str
    folder: Path
    """Folder with model.keras and metadata.json, on the machine that looked it up."""
    version: str
    """Differs between models, also of one study."""
    metadata: dict[str, Any]
    store: str | None = None
    """Address of the study's part of an object store; None: all its files are in its folder."""
    kept_trial: int | None = None
    """Number of the trial whose kept model this is; None: the best model."""


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


def find_trial(study: StudyRow, number: int) -> Winner:
    """The best model if it is that of this trial, else the kept model of the trial.

    Raises the errors of `find`; NotSavedError also if the trial's model was not kept.
    """
    if number == study.best_trial_number:
        best = find(study)
        if best.metadata["trial_number"] == number:
            return best
    saved = read_model(StudyPaths(Path(study.folder)).kept_model(number), study.name, best=False)
    if saved is None:
        raise NotSavedError(f"the model of trial {number} was not kept", remedy=_how_to_keep(study))
    return Winner(study.name, saved.file.parent, version_of(saved.text), saved.metadata, kept_trial=number)


def kept_trials(study: StudyRow, winner: Winner) -> list[int]:
    """Numbers of the trials whose models are on this machine, and of the best one, in ascending order."""
    return sorted({*kept_models(StudyPaths(Path(study.folder))).trials, winner.metadata["trial_number"]})


def _how_to_keep(study: StudyRow) -> str:
    kept = models_to_keep(study.spec)
    if kept != "best" and study.alive:
        return "wait until the study has ended, which saves the models of its trials"
    if kept == "all":
        return "choose a trial that was completed: only their models are kept, on the machine that ran the study"
    return "start a study with keep_models=all, which keeps the model of every completed trial"


def on_this_machine(winner: Winner) -> Path:
    """The folder of the files on this machine, which were read and are those of the winner.

    Raises:
        DamagedModelError: the model cannot be used.
        TryAgainError: it cannot be downloaded, or was replaced.
    """
    folder = winner.folder
    if winner.store is not None and not _is(winner, usable_model(folder, winner.study)):
        folder = download(winner.study, winner.store, winner.version).best_model
    saved = read_model(folder, winner.study, best=winner.kept_trial is None)
    try:
        if saved is not None and _is(winner, saved):
            check_content(saved.file, saved.metadata, winner.study)
            return folder
    except (DamagedModelError, FileNotFoundError):
        if _is(winner, usable_model(folder, winner.study, best=winner.kept_trial is None)):
            raise
    raise TryAgainError(f"study {winner.study!r} is saving another model", remedy="try again")


def _winner(study: StudyRow, saved: SavedModel, store: str | None) -> Winner:
    return Winner(study.name, saved.file.parent, version_of(saved.text), saved.metadata, store)


def _is(winner: Winner, saved: SavedModel | None) -> bool:
    return saved is not None and version_of(saved.text) == winner.version
