"""The store of the process that runs a study: it waits for a database that is away, and writes each event once."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from tuner.errors import TunerError
from tuner.events import DurableEvent, StudyStatus
from tuner.spec import StudySpec
from tuner.store.lease import Lease
from tuner.store.store import Store
from tuner.store.transactions import Retry, Transactions


class DriverStore(Store):
    """The same database for the holder of a study's lease.

    Every read and write waits for a database that is away. An event is written once, though the answer to a commit may
    be lost; nothing is written after the lease was lost. Once a call failed for good, every later one fails at once
    with the same error, and `lost` holds it.

    Args:
        store: Opened store, which stays the owner of the connections.
        lease: Checked with each append; None: not checked.
        on_lost: Called once with the error that `lost` holds from then on.
    """

    def __init__(self, store: Store, retry: Retry, lease: Lease | None, on_lost: Callable[[TunerError], None]) -> None:
        super().__init__(Transactions(store._transactions.engine, retry, on_lost))
        self._store, self._lease = store, lease

    @property
    def lost(self) -> TunerError | None:
        """The reason why this run can no longer use the database; None: it can."""
        return self._transactions.lost

    def append(self, study_name: str, event: DurableEvent, *, spec: StudySpec | None = None) -> int:
        return self._append(study_name, event, spec=spec, key=uuid.uuid4().hex, lease=self._lease)

    def append_end(self, study_name: str, event: StudyStatus) -> None:
        """Append the end of a run that failed, with the database's time: tried once, even if `lost` is set."""
        event = event.model_copy(update={"time": self._store.now()})
        self._store._append(study_name, event, lease=self._lease)
