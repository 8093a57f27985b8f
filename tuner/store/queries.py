"""Queries for a part of the studies and trials: pages of studies, single trials and sums; see also `trial_queries`.

A page begins after the last item of the page before it: no item is shown twice or left out if one is added meanwhile.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from tuner.events import Repeat, TrainingSummary, TrialStatus
from tuner.store import lease as leases
from tuner.store import tables
from tuner.store.rows import CurrentStatus, EpochRow, StudyRow, TrialOutcome, TrialRow, TrialTotals, current_status
from tuner.store.store import Store
from tuner.store.study_snapshot import running_epochs, study_query, study_row, trial_totals
from tuner.store.tags import has_tag

StudyOrder = Literal["created_at", "name", "status"]
PageEnd = tuple[str | datetime, str]
"""The end of a page of studies: the last study's value of the column that the page is ordered by, and its name."""


class StoreQueries:
    """Queries of a store. Raises the same errors as the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def studies(
        self,
        *,
        order: StudyOrder = "created_at",
        descending: bool = True,
        after: PageEnd | None = None,
        limit: int = 50,
        statuses: Collection[CurrentStatus] = (),
        datasets: Collection[str] = (),
        containing: str = "",
        tags: Collection[str] = (),
    ) -> list[StudyRow]:
        """At most `limit` studies, ordered by the column `order` and then by name.

        Args:
            after: The end of the page before; None: the first page.
            statuses: Only studies with one of these current statuses; empty: all.
            datasets: Only studies of one of these data sets; empty: all.
            containing: Only studies whose name contains this text, in upper or lower case.
            tags: Only studies with all of these tags.
        """
        key, name = tables.studies.c[order], tables.studies.c.name
        query = study_query().order_by(*((key.desc(), name.desc()) if descending else (key, name)))
        if statuses:
            recorded = {"running" if status == "interrupted" else status for status in statuses}
            query = query.where(tables.studies.c.status.in_(recorded))
        if datasets:
            query = query.where(tables.studies.c.spec["dataset"].as_string().in_(list(datasets)))
        if containing:
            query = query.where(name.icontains(containing, autoescape=True))
        for tag in tags:
            query = query.where(has_tag(tables.studies.c.tags, tag))
        found: list[StudyRow] = []
        while len(found) < limit:
            page = query if after is None else query.where(_after(key, name, after, descending))
            rows = [study_row(row) for row in self._all(page.limit(limit))]
            # The database does not know whether the process of a running study is alive.
            found += [row for row in rows if not statuses or row.current_status in statuses]
            if len(rows) < limit:
                break
            after = getattr(rows[-1], order), rows[-1].name
        return found[:limit]

    def trial(self, study_name: str, number: int) -> TrialRow | None:
        """Return one trial; None if the study has no trial with this number."""
        found = self._whole_trials(study_name, tables.trials.c.trial_number == number)
        return found[0] if found else None

    def running_trials(self, study_name: str) -> list[TrialRow]:
        return self._whole_trials(study_name, tables.trials.c.status == "running")

    def running_epochs(self, study_name: str) -> list[EpochRow]:
        return self._store._read_study(study_name, running_epochs)

    def summaries(self, study_name: str, trial_number: int) -> dict[int, TrainingSummary]:
        """What was kept of a trial's training for figures, by epoch; without the epochs of which nothing was kept."""
        epochs = tables.epochs.c
        kept = sa.select(epochs.epoch, epochs.summary).where(
            epochs.trial_number == trial_number, epochs.summary.is_not(None)
        )
        rows = self._store._rows(study_name, tables.epochs, kept.order_by(epochs.epoch))
        return {row["epoch"]: TrainingSummary.model_validate(row["summary"]) for row in rows}

    def outcomes(self, study_name: str) -> list[TrialOutcome]:
        """The outcome of each trial, by number."""
        trials = tables.trials.c
        query = sa.select(*(trials[name] for name in TrialOutcome._fields)).order_by(trials.trial_number)
        outcomes = [TrialOutcome(**row) for row in self._store._rows(study_name, tables.trials, query)]
        return [
            one if one.repeat is None else one._replace(repeat=Repeat.model_validate(one.repeat)) for one in outcomes
        ]

    def architectures(self, study_name: str, *, after: int = 0, limit: int = 100) -> list[TrialRow]:
        """At most `limit` trials with a number above `after` whose network was built, by number."""
        trials = tables.trials.c
        return self._whole_trials(study_name, (trials.trial_number > after) & trials.architecture.is_not(None), limit)

    def totals(self, study_names: Sequence[str]) -> dict[str, TrialTotals]:
        """The sums over the trials of each of these studies; empty for a study that has no trials or does not exist."""
        return self._store._read(lambda connection: trial_totals(connection, study_names))

    def study_counts(self) -> dict[CurrentStatus, int]:
        """The number of studies, by current status. Reads no spec, which may be long."""
        columns = tables.studies.c
        query = sa.select(
            *(columns[name] for name in ("status", "driver", "lease", "heartbeat_at")),
            leases.database_time.label("at"),
        )
        return Counter(
            current_status(row.status, alive=leases.is_alive(row.driver, row.lease, row.heartbeat_at, row.at))
            for row in self._store._read(lambda connection: connection.execute(query).all())
        )

    def trial_counts(self) -> dict[TrialStatus, int]:
        """The number of trials of all studies, by status."""
        tallies = tables.tallies.c
        together = sa.func.sum(tallies.trials).label("trials")
        query = sa.select(tallies.status, together).group_by(tallies.status).having(together > 0)
        return {row["status"]: int(row["trials"]) for row in self._all(query)}

    def _all(self, query: sa.Select[Any]) -> Sequence[sa.RowMapping]:
        return self._store._read(lambda connection: connection.execute(query).mappings().all())

    def _whole_trials(
        self, study_name: str, condition: sa.ColumnElement[bool], limit: int | None = None
    ) -> list[TrialRow]:
        query = tables.rows(tables.trials).where(condition).order_by(tables.trials.c.trial_number).limit(limit)
        return [TrialRow.model_validate(row) for row in self._store._rows(study_name, tables.trials, query)]


def _after(
    key: sa.ColumnElement[Any], name: sa.ColumnElement[str], after: PageEnd, descending: bool
) -> sa.ColumnElement[bool]:
    value, last = after
    if descending:
        return (key < value) | ((key == value) & (name < last))
    return (key > value) | ((key == value) & (name > last))
