"""Holds a study for this process: signs of life for all others to see, an ear for `tuner cancel`."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tuner.errors import FixInputError, LeaseLostError
from tuner.store import DriverStore, Lease, Retry, Store
from tuner.study.stop_signal import StopSignal

log = logging.getLogger("tuner.study")

POLL_S = 0.5
"""How often the database is asked whether the study is to be cancelled."""
RENEW_S = 5.0
"""How often the lease is renewed; it lasts six times as long."""
LOCK_WAIT_S = 5.0
"""Longest single wait for a locked file: between two of them Ctrl-C is heard."""
_END_S = 10.0
CANCELLED = "cancelled on request"


@contextmanager
def hold_lease(name: str, url: str, signal: StopSignal) -> Iterator[DriverStore]:
    """Within it this process, and no other, runs the study; gives the store to run it with.

    `tuner cancel` sets the signal, and so does what ends the run for good: a database that stayed away, a lost lease.

    Raises:
        UnknownStudyError: there is no such study.
        FixInputError: another process runs it already, or the database cannot be used.
    """
    lease = Lease.new()
    patience = Retry(hurried=lambda: signal.stop is not None and signal.stop.status == "cancelled")
    with Store.open(url, lock_wait_s=LOCK_WAIT_S) as store:
        store.take_lease(name, lease)
        ended = threading.Event()
        pulse = threading.Thread(
            target=_pulse, args=(store, name, lease, signal, ended), name=f"tuner-lease-{name}", daemon=True
        )
        pulse.start()
        try:
            yield DriverStore(store, patience, lease, lambda error: signal.request("failed", str(error)))
        finally:
            ended.set()
            pulse.join(_END_S)
            try:
                store.release_lease(name, lease)
            except FixInputError as error:
                log.warning("the lease stays until it runs out: %s", error)


def _pulse(store: Store, name: str, lease: Lease, signal: StopSignal, ended: threading.Event) -> None:
    """Renews the lease and looks for a request, whatever the rest of the process waits for."""
    renewed = time.monotonic()
    while not ended.wait(POLL_S):
        try:
            if store.cancel_requested(name, lease):
                signal.request("cancelled", CANCELLED)
            if time.monotonic() - renewed >= RENEW_S:
                store.renew_lease(name, lease)
                renewed = time.monotonic()
        except LeaseLostError as error:
            signal.request("failed", str(error))
            return
        except FixInputError:
            # Whoever must write says what is wrong, and decides when it is too long.
            log.debug("no sign of life could be given", exc_info=True)
