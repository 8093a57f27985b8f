"""Stops a study that another process runs, on this machine or another, by a request in the database."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

from tuner.errors import FixInputError, UnknownStudyError
from tuner.events import ENDED, StudyStatus
from tuner.settings import Settings
from tuner.store import Store, StudyRow
from tuner.study.lease import CANCELLED, brief_lease
from tuner.study.result import StudyResult, view

NOT_STARTED = "cancelled before it started"
WAIT_S = 120.0
_LOOK_S = 0.25


def cancel(name: str, *, settings: Settings | None = None, wait_s: float = WAIT_S) -> StudyResult:
    """Stop a running study, as Ctrl-C in its own terminal does; `tuner.resume` continues it.

    Waits at most `wait_s` seconds until the study has saved and tested its best model. If the status of the result is
    still `running`, the study will end later.

    Raises:
        UnknownStudyError: no study has this name.
        FixInputError: the study is not running.
    """
    with Store.open((settings or Settings()).store_url(), create=False) as store:
        request_stop(store, name)
        wait_for_end(store, name, wait_s)
        return StudyResult(view(store, name))


def request_stop(store: Store, name: str) -> StudyRow:
    """Ask the study's process to stop, or mark the study as cancelled if no process runs it; return the study.

    If the study is still `alive`, its process will end it. A process that was to begin it does not. Raises
    FixInputError if the study has ended.
    """
    if store.request_cancel(name):
        return store.study(name)
    study = store.study(name)
    if study.status in ENDED:
        remedy = f"see `tuner show {name}`" if study.status == "completed" else f"`tuner resume {name}` continues it"
        raise FixInputError(f"study {name!r} is not running: it is {study.status}", remedy=remedy)
    try:
        _mark_cancelled(store, name)
    except UnknownStudyError:
        raise
    except FixInputError:  # a process has just begun it
        store.request_cancel(name)
    return store.study(name)


def wait_for_end(store: Store, name: str, wait_s: float = WAIT_S) -> StudyRow:
    """Wait until the study's process has ended or is gone, at most `wait_s` seconds; returns the study after that."""
    until = time.monotonic() + wait_s
    study = store.study(name)
    while study.alive and time.monotonic() < until:
        time.sleep(_LOOK_S)
        study = store.study(name)
    if study.status not in ENDED and not study.alive:
        _mark_cancelled(store, name)
        study = store.study(name)
    return study


def ended_since(store: Store, name: str, sequence: int) -> bool:
    """Returns whether the study ended after the event of that number."""
    later = (event for _, event in store.read(name, sequence))
    return any(isinstance(event, StudyStatus) and event.status in ENDED for event in later)


def end_run(store: Store, name: str, after: int, status: Literal["cancelled", "failed"], reason: str) -> None:
    """Append the end of a run whose process is gone or could not begin, unless the study ended after event `after`.

    Raises FixInputError if a process runs the study.
    """
    _mark_ended(store, name, status, reason, still_open=lambda: not ended_since(store, name, after))


def _mark_ended(
    store: Store, name: str, status: Literal["cancelled", "failed"], reason: str, *, still_open: Callable[[], bool]
) -> None:
    """Hold the lease and append the end: another process may resume the study at the same moment."""
    before = store.study(name)
    with brief_lease(store, name):
        if still_open():
            # It ran at least until its last heartbeat.
            last_seen = before.heartbeat_at if before.status == "running" else None
            store.append(name, StudyStatus(status=status, reason=reason, time=last_seen or store.now()))


def _mark_cancelled(store: Store, name: str) -> None:
    reason = NOT_STARTED if store.study(name).status == "created" else CANCELLED
    _mark_ended(store, name, "cancelled", reason, still_open=lambda: store.study(name).status not in ENDED)
