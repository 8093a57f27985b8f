"""Deletes a study with all its files and records, or only the models of other trials than the best one."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

from tuner.errors import TryAgainError
from tuner.store import Lease, Store, StudyRow
from tuner.study import storage
from tuner.study.kept_models import KeptModels, kept_models
from tuner.study.paths import MODELS

OPTUNA_TABLE = "studies"
"""One of Optuna's tables: a database has it once a study was exported to Optuna."""
_ATTEMPTS, _PAUSE_S = 20, 0.5


def delete(store: Store, name: str) -> None:
    """Delete a study that is not running: Optuna's record, its folder, its rows.

    The rows are deleted last, so that another call can finish an interrupted deletion.

    Raises:
        FixInputError: a process runs the study.
        TryAgainError: its folder or its files in an object store cannot be deleted now.
    """
    lease = Lease.new()
    study = store.study(name)
    folder = Path(study.folder)
    store.take_lease(name, lease)  # no process may resume it meanwhile
    try:
        if store.has_table(OPTUNA_TABLE):
            from tuner.study.optuna_export import delete_export  # Optuna takes a second to import

            delete_export(store.url, name)
        _remove(folder)
        storage.remove(storage.paths_of(study.spec, folder.parent))
        store.delete_study(name)
    except BaseException:  # also after an interrupt the study must not look as if it were running
        store.release_lease(name, lease)
        raise


def disk_bytes(study: StudyRow) -> int | None:
    """Bytes of the files in the study's folder, which a deletion frees; None: this machine does not have the folder."""
    folder = Path(study.folder)
    if not folder.is_dir():
        return None
    return sum(_size(Path(place) / name) for place, _, names in os.walk(folder) for name in names)


def delete_kept_models(store: Store, name: str) -> KeptModels:
    """Delete the models that a study keeps of other trials than the best one; return what was deleted.

    Raises:
        FixInputError: a process runs the study.
        TryAgainError: its folder or its files in an object store cannot be deleted now.
    """
    lease = Lease.new()
    study = store.study(name)
    paths = storage.paths_of(study.spec, Path(study.folder).parent)
    store.take_lease(name, lease)
    try:
        known = kept_models(paths)
        _remove(paths.models)
        storage.remove(paths, MODELS)
    finally:
        store.release_lease(name, lease)
    return known


def _size(file: Path) -> int:
    try:
        return file.lstat().st_size
    except OSError:
        return 0  # deleted meanwhile


def _remove(folder: Path) -> None:
    """Delete a folder, to which workers of a run that has just ended may still be writing."""
    for _ in range(_ATTEMPTS):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(_PAUSE_S)
    remedy = "check its permissions and that no process writes to it"
    raise TryAgainError(f"cannot delete the folder {folder}", remedy=remedy)
