"""Holds the lease of a study for this process: renews it, and looks for what people ask of the study."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tuner.errors import FixInputError, LeaseLostError, TryAgainError
from tuner.store import Changes, DriverStore, Lease, Retry, Store
from tuner.study.stop_signal import StopSignal

log = logging.getLogger("tuner.study")

POLL_S = 0.5
"""Seconds between two looks for what people ask: to end the study or a trial, or other numbers of workers."""
RENEW_S = 5.0
"""Seconds between two renewals of the lease, which is lost after six times as long."""
LOCK_WAIT_S = 5.0
"""Longest wait of one call for a locked file: Ctrl-C is noticed between two calls."""
_JOIN_S = 10.0
CANCELLED = "cancelled on request"


@contextmanager
def hold_lease(name: str, url: str, signal: StopSignal) -> Iterator[DriverStore]:
    """Context manager that holds the study's lease and yields the store to run the study with.

    A cancel request sets the signal, and so does a fault that ends the run: an unavailable database, a lost lease. The
    signal also holds which trials people cancel and how many shall train at once.

    Raises:
        FixInputError: another process runs the study, or the database must be repaired.
        TryAgainError: the database stayed away.
    """
    lease = Lease.new()
    retry = Retry(hurried=lambda: signal.stop is not None and signal.stop.status == "cancelled")
    with retry(lambda: Store.open(url, lock_wait_s=LOCK_WAIT_S, create=False)) as store:
        retry(lambda: store.take_lease(name, lease))
        ended = threading.Event()
        heartbeat = threading.Thread(
            target=_heartbeat, args=(store, name, lease, signal, ended), name=f"tuner-lease-{name}", daemon=True
        )
        heartbeat.start()
        try:
            yield DriverStore(store, retry, lease, lambda error: signal.request("failed", str(error)))
        finally:
            ended.set()
            heartbeat.join(_JOIN_S)
            _release(store, name, lease)


@contextmanager
def brief_lease(store: Store, name: str) -> Iterator[None]:
    """Context manager in which this process alone may change the study, for a moment and without renewal.

    Raises FixInputError if another process runs the study, or changes it in this way.
    """
    lease = Lease.new()
    store.take_lease(name, lease)
    try:
        yield
    finally:
        _release(store, name, lease)


def _release(store: Store, name: str, lease: Lease) -> None:
    try:
        store.release_lease(name, lease)
    except (FixInputError, TryAgainError) as error:
        log.warning("the lease cannot be released and stays until it runs out: %s", error)


def _heartbeat(store: Store, name: str, lease: Lease, signal: StopSignal, ended: threading.Event) -> None:
    renewed = time.monotonic()
    changes = Changes(store)
    failed = False
    while not ended.wait(POLL_S):
        try:
            if store.cancel_requested(name, lease):
                signal.request("cancelled", CANCELLED)
            signal.workers, signal.trials_to_cancel = changes.asked(name)
            if time.monotonic() - renewed >= RENEW_S:
                store.renew_lease(name, lease)
                renewed = time.monotonic()
            failed = False
        except LeaseLostError as error:
            signal.request("failed", str(error))
            return
        except (FixInputError, TryAgainError):
            # The driver's own store reports the fault, and decides when it lasts too long.
            log.debug("the lease cannot be renewed now", exc_info=True)
        except Exception:  # any error: without this thread the study would lose its lease without a message
            log.log(logging.DEBUG if failed else logging.ERROR, "the lease's heartbeat failed; retrying", exc_info=True)
            failed = True
