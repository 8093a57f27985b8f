"""What people change in studies: notes, tags, stars, the number of concurrent trials, and trials that they cancel.

Anyone may change them at any time, without the study's lease. A change is one event, appended in a transaction of its
own: it waits for the transaction of the study's driver, if that one writes at the moment, and its event gets the next
number. A change to what is there already writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa

from tuner.errors import FixInputError
from tuner.events import StudyChanged, StudyField, TrialChanged, TrialField
from tuner.store import tables
from tuner.store.store import Store


class Asked(NamedTuple):
    """What people ask of the process that runs a study."""

    workers: int | None
    """Most trials that train at once; None: as the study began."""
    cancelled_trials: frozenset[int]
    """Numbers of the running trials that shall end."""


class Changes:
    """Changes in the studies of a store. Raises the same errors as the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def change_study(self, name: str, values: Mapping[StudyField, Any]) -> None:
        """Replace these fields of a study, of which only the note may be None."""
        row = self._store.study(name)
        before = {"note": row.note, "tags": row.tags, "concurrent_workers": row.workers}
        changed = {field: value for field, value in values.items() if before[field] != value}
        if changed:
            self._store.append(name, StudyChanged(changed=tuple(changed), time=self._store.now(), **changed))

    def change_trial(self, name: str, number: int, values: Mapping[TrialField, Any]) -> None:
        """Replace the note or the star of a trial. Raises FixInputError if the study has no such trial."""
        before = self._trial(name, number)
        changed = {field: value for field, value in values.items() if before[field] != value}
        if changed:
            event = TrialChanged(trial_number=number, changed=tuple(changed), time=self._store.now(), **changed)
            self._store.append(name, event)

    def cancel_trial(self, name: str, number: int) -> None:
        """Ask the study's process to end one trial, which is never trained again; asking again changes nothing.

        Raises FixInputError if the trial does not run.
        """
        study = self._store.study(name)
        if study.current_status != "running":
            raise FixInputError(
                f"study {name!r} is {study.current_status}: none of its trials runs", remedy=f"`tuner show {name}`"
            )
        if self._trial(name, number)["cancel_requested_at"] is not None:
            return
        at = self._store.now()
        event = TrialChanged(trial_number=number, changed=("cancel_requested_at",), cancel_requested_at=at, time=at)

        def must_run(connection: sa.Connection, study_id: int) -> None:
            status = connection.scalar(_STATUS, {"study_id": study_id, "number": number})
            if status != "running":  # it may have ended since it was read
                raise FixInputError(
                    f"trial {number} of study {name!r} does not run: it is {status}", remedy=f"`tuner show {name}`"
                )

        self._store._append(name, event, guard=must_run)

    def asked(self, name: str) -> Asked:
        """What people ask of the process that runs the study."""

        def read(connection: sa.Connection, study_id: int) -> Asked:
            workers = connection.scalar(_WORKERS, {"study_id": study_id})
            return Asked(workers, frozenset(connection.scalars(_CANCELLED, {"study_id": study_id})))

        return self._store._read_study(name, read)

    def _trial(self, name: str, number: int) -> dict[str, Any]:
        """The fields of a trial that people change, and its status."""
        query = sa.select(_T.note, _T.starred, _T.cancel_requested_at).where(_T.trial_number == number)
        rows = self._store._rows(name, tables.trials, query)
        if not rows:
            raise FixInputError(f"study {name!r} has no trial {number}", remedy=f"`tuner show {name}`")
        return rows[0]


# Made once: to build a statement takes longer than to run it.
_T = tables.trials.c
_STATUS = sa.select(_T.status).where(_T.study_id == sa.bindparam("study_id"), _T.trial_number == sa.bindparam("number"))
_WORKERS = sa.select(tables.studies.c.workers).where(tables.studies.c.id == sa.bindparam("study_id"))
_CANCELLED = sa.select(_T.trial_number).where(
    _T.study_id == sa.bindparam("study_id"), _T.status == "running", _T.cancel_requested_at.is_not(None)
)
