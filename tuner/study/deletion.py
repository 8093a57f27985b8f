"""Removes a study for good: its files, Optuna's record of it, its rows."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

from tuner.errors import FixInputError
from tuner.store import Lease, Store
from tuner.study.optuna_record import forget

log = logging.getLogger("tuner.study")


def delete(store: Store, name: str) -> None:
    """Remove a study that nobody runs. Its rows go last: what was interrupted can be asked for again.

    Raises:
        UnknownStudyError: there is no such study.
        FixInputError: a process runs it, or its folder cannot be removed.
    """
    folder = Path(store.study(name).folder)
    lease = Lease.of_this_process()
    store.take_lease(name, lease)  # nobody resumes it meanwhile
    try:
        if folder.exists():
            shutil.rmtree(folder)
        forget(store.url, name)
        store.delete_study(name)
    except OSError as error:
        raise FixInputError(
            f"cannot remove the folder {folder}: {error.strerror}", remedy="make it writable, then delete again"
        ) from None
    finally:
        _release(store, name, lease)
    log.info("study %s was deleted", name)


def _release(store: Store, name: str, lease: Lease) -> None:
    """Give the lease of a study back that is there still."""
    try:
        store.release_lease(name, lease)
    except FixInputError:
        log.debug("study %s has no lease to give back", name)
