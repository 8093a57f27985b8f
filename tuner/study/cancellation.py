"""Stops a study that another process runs, on this machine or another: the database carries the request."""

from __future__ import annotations

import time

from tuner.errors import FixInputError
from tuner.events import StudyStatus, now
from tuner.settings import Settings
from tuner.store import Lease, Store, StudyRow
from tuner.study.lease import CANCELLED
from tuner.study.result import StudyResult, view

WAIT_S = 120.0
_LOOK_S = 0.25


def cancel(name: str, *, settings: Settings | None = None, wait_s: float = WAIT_S) -> StudyResult:
    """Stop a study that runs, as Ctrl-C in its own terminal does; `tuner.resume` goes on with it.

    Waits until the study has ended: its trials end within a batch, then its best model is saved and tested.

    Args:
        wait_s: Longest wait. A result whose status is `running` still has been asked, and will end.

    Raises:
        UnknownStudyError: there is no such study.
        FixInputError: it does not run.
    """
    with Store.open((settings or Settings()).store_url()) as store:
        ask_to_stop(store, name)
        wait_for_end(store, name, wait_s)
        return StudyResult(view(store, name))


def ask_to_stop(store: Store, name: str) -> StudyRow:
    """Ask the process that runs the study to stop; one whose process is gone is marked as cancelled at once.

    Returns:
        The study as it stands then; `alive` tells whether there is something to wait for.

    Raises:
        FixInputError: it does not run.
    """
    study = store.study(name)
    if store.request_cancel(name):
        return store.study(name)
    if study.status != "running":
        remedy = f"`tuner show {name}` tells more" if study.status == "completed" else f"`tuner resume {name}` goes on"
        raise FixInputError(f"study {name!r} does not run: it is {study.status}", remedy=remedy)
    _mark_cancelled(store, name)
    return store.study(name)


def wait_for_end(store: Store, name: str, wait_s: float = WAIT_S) -> StudyRow:
    """The study once its process has ended or is gone, or as it stands after so many seconds."""
    until = time.monotonic() + wait_s
    study = store.study(name)
    while study.alive and time.monotonic() < until:
        time.sleep(_LOOK_S)
        study = store.study(name)
    if study.status == "running" and not study.alive:
        _mark_cancelled(store, name)
        study = store.study(name)
    return study


def _mark_cancelled(store: Store, name: str) -> None:
    """End a study whose process is gone. Holds the lease meanwhile: somebody may resume it at this very moment."""
    lease = Lease.of_this_process()
    last_seen = store.study(name).heartbeat_at
    store.take_lease(name, lease)
    try:
        if store.study(name).status == "running":
            # It ran until then, as far as anybody knows.
            store.append(name, StudyStatus(status="cancelled", reason=CANCELLED, time=last_seen or now()))
    finally:
        store.release_lease(name, lease)
