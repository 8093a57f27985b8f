"""The store as the process sees it that runs a study: it waits for a database that is away, and writes once."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TypeVar

from tuner.errors import TunerError
from tuner.events import DurableEvent
from tuner.spec import StudySpec
from tuner.store.lease import Lease
from tuner.store.retry import Retry
from tuner.store.rows import EpochRow, StudyRow, TrialRow
from tuner.store.store import Store

T = TypeVar("T")


class DrivenStore(Store):
    """The same database for the holder of a study's lease: what a run asks and writes is tried again for a while.

    Promises: an event is written once, though the answer to a commit may be lost; nothing is written after the lease
    was lost. Once a call failed for good, every later one fails at once with the same error, in whatever thread or
    library it comes up, and `lost` holds it.
    """

    def __init__(self, store: Store, patience: Retry, lease: Lease, on_lost: Callable[[TunerError], None]) -> None:
        """`store` stays the owner of the connections. `on_lost` is called once, with what `lost` holds then."""
        super().__init__(store._engine)
        self._patience, self._lease, self._on_lost = patience, lease, on_lost
        self._lost: TunerError | None = None

    @property
    def lost(self) -> TunerError | None:
        """Why this run can no longer use the database; None: it can."""
        return self._lost

    def append(self, study_name: str, event: DurableEvent) -> int:
        key = uuid.uuid4().hex
        return self._tried(lambda: self._append(study_name, event, key=key, lease=self._lease))

    def last_word(self, study_name: str, event: DurableEvent) -> None:
        """Append how a run ended that ended badly: tried once, also when all else was given up."""
        self._append(study_name, event, key=None, lease=self._lease)

    def update_spec(self, name: str, spec: StudySpec, *, folder: str | None = None) -> None:
        self._tried(lambda: Store.update_spec(self, name, spec, folder=folder))

    def studies(self) -> list[StudyRow]:
        return self._tried(lambda: Store.studies(self))

    def study(self, name: str) -> StudyRow:
        return self._tried(lambda: Store.study(self, name))

    def trials(self, study_name: str) -> list[TrialRow]:
        return self._tried(lambda: Store.trials(self, study_name))

    def epochs(self, study_name: str, trial_number: int | None = None) -> list[EpochRow]:
        return self._tried(lambda: Store.epochs(self, study_name, trial_number))

    def _tried(self, action: Callable[[], T]) -> T:
        if self._lost is not None:
            raise self._lost
        try:
            return self._patience(action)
        except TunerError as error:
            self._lost = error
            self._on_lost(error)
            raise
