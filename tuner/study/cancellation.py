"""Stops a study that another process runs, on this machine or another: the database carries the request."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

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


def ended_since(store: Store, name: str, sequence: int) -> bool:
    """Whether the study ended after the event of that number."""
    later = (event for _, event in store.read(name, sequence))
    return any(isinstance(event, StudyStatus) and event.status != "running" for event in later)


def end_run(store: Store, name: str, after: int, status: Literal["cancelled", "failed"], reason: str) -> None:
    """Write the end of a run whose process is gone, or never got to begin, unless the study has ended since.

    Args:
        after: The number of the study's latest event when the run was asked for.

    Raises:
        FixInputError: a process runs it.
    """
    _mark_ended(store, name, status, reason, still_open=lambda: not ended_since(store, name, after))


def _mark_ended(
    store: Store, name: str, status: Literal["cancelled", "failed"], reason: str, *, still_open: Callable[[], bool]
) -> None:
    """Holds the lease meanwhile: somebody may resume the study at this very moment."""
    lease = Lease.new()
    before = store.study(name)
    store.take_lease(name, lease)
    try:
        if still_open():
            # It ran until then, as far as anybody knows.
            last_seen = before.heartbeat_at if before.status == "running" else None
            store.append(name, StudyStatus(status=status, reason=reason, time=last_seen or now()))
    finally:
        store.release_lease(name, lease)


def _mark_cancelled(store: Store, name: str) -> None:
    _mark_ended(store, name, "cancelled", CANCELLED, still_open=lambda: store.study(name).status == "running")
