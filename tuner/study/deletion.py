"""Removes a study with everything that is kept of it."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from tuner.errors import TryAgainError
from tuner.store import Lease, Store
from tuner.study import storage

_ATTEMPTS, _PAUSE_S = 20, 0.5


def delete(store: Store, name: str) -> None:
    """Remove a study that does not run: Optuna's record, its folder, its rows.

    The rows go last: what was cut short is done by another call.

    Raises:
        UnknownStudyError: there is no such study.
        FixInputError: a process runs it.
        TryAgainError: its folder, or what it has in an object store, cannot be removed.
    """
    lease = Lease.new()
    study = store.study(name)
    folder = Path(study.folder)
    store.take_lease(name, lease)  # nobody may resume it meanwhile
    try:
        from tuner.study.optuna_record import forget  # Optuna takes a second to import

        forget(store.url, name)
        _remove(folder)
        storage.remove(storage.paths_of(study.spec, folder.parent))
        store.delete_study(name)
    except BaseException:  # an interrupt too must leave no study that seems to run; it goes on
        store.release_lease(name, lease)
        raise


def _remove(folder: Path) -> None:
    """Remove a folder. Workers of a run that has just ended may still be writing to it."""
    for _ in range(_ATTEMPTS):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(_PAUSE_S)
    raise TryAgainError(
        f"cannot remove the folder {folder}", remedy="see that it is yours and that nothing writes to it"
    )
