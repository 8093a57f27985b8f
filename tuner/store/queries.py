"""Some of many: pages of studies and trials, single trials, and sums, without reading the rest.

A page goes on after a place that the one before it ended at, so nothing is shown twice or left out because something
was added meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from json.encoder import encode_basestring_ascii
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from tuner.events import Repeat, TrialStatus
from tuner.store import tables
from tuner.store.rows import EpochRow, StandingName, StudyRow, TrialOutcome, TrialPlacement, TrialRow, TrialTotals
from tuner.store.store import Store, _study_id, _study_row, _study_rows
from tuner.store.study_snapshot import running_epochs

StudyOrder = Literal["created_at", "name", "status"]
Place = tuple[str | datetime, str]
"""Where a page of studies ended: its last study's value in the order, and its name."""


class TrialText(NamedTuple):
    """One trial of a list."""

    number: int
    text: str
    """The JSON of a TrialSummary."""


class StoreQueries:
    """A view on a store. Raises what the store raises."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def studies(
        self,
        *,
        order: StudyOrder = "created_at",
        descending: bool = True,
        after: Place | None = None,
        limit: int = 50,
        standings: Collection[StandingName] = (),
        datasets: Collection[str] = (),
        containing: str = "",
    ) -> list[StudyRow]:
        """At most `limit` studies in an order, behind the place `after`.

        Args:
            standings: Only those that stand so; empty: all.
            datasets: Only those whose spec names one of these; empty: all.
            containing: Only those whose name has this in it, in any case of letters.
        """
        key, name = tables.studies.c[order], tables.studies.c.name
        query = _study_rows().order_by(*((key.desc(), name.desc()) if descending else (key, name)))
        if standings:
            statuses = {"running" if standing == "interrupted" else standing for standing in standings}
            query = query.where(tables.studies.c.status.in_(statuses))
        if datasets:
            query = query.where(tables.studies.c.spec["dataset"].as_string().in_(list(datasets)))
        if containing:
            query = query.where(name.icontains(containing, autoescape=True))
        found: list[StudyRow] = []
        while len(found) < limit:
            behind = query if after is None else query.where(_behind(key, name, after, descending))
            with self._store._read() as connection:
                rows = [_study_row(row) for row in connection.execute(behind.limit(limit)).mappings()]
            # Whether a running study's process is alive is known only here.
            found += [row for row in rows if not standings or row.standing in standings]
            if len(rows) < limit:
                break
            after = getattr(rows[-1], order), rows[-1].name
        return found[:limit]

    def trials(
        self, study_name: str, *, after: int = 0, limit: int = 100, statuses: Collection[TrialStatus] = ()
    ) -> list[TrialText]:
        """At most `limit` trials with a number above `after`, by number, each as the JSON of a TrialSummary.

        What stands in the database as JSON is passed on unread: a thousand trials take a few hundredths of a second.

        Args:
            statuses: Only those of one of these; empty: all.
        """
        trials = tables.trials.c
        with self._store._read() as connection:
            query = _LINES.where(trials.study_id == _study_id(connection, study_name), trials.trial_number > after)
            if statuses:
                query = query.where(trials.status.in_(list(statuses)))
            found = connection.execute(query.order_by(trials.trial_number).limit(limit)).all()
        return [_text(row) for row in found]

    def trial(self, study_name: str, number: int) -> TrialRow | None:
        """One trial; None: the study has none of that number."""
        found = self._whole_trials(study_name, tables.trials.c.trial_number == number)
        return found[0] if found else None

    def running_trials(self, study_name: str) -> list[TrialRow]:
        """The trials whose status is `running`, by number."""
        return self._whole_trials(study_name, tables.trials.c.status == "running")

    def running_epochs(self, study_name: str) -> list[EpochRow]:
        """The epochs of the trials whose status is `running`, by trial and epoch."""
        with self._store._read() as connection:
            return running_epochs(connection, _study_id(connection, study_name))

    def outcomes(self, study_name: str) -> list[TrialOutcome]:
        """What each trial came to, by number."""
        trials = tables.trials.c
        with self._store._read() as connection:
            query = sa.select(*(trials[name] for name in TrialOutcome._fields))
            query = query.where(trials.study_id == _study_id(connection, study_name)).order_by(trials.trial_number)
            return [TrialOutcome(*row) for row in connection.execute(query)]

    def placements(self, study_name: str) -> list[TrialPlacement]:
        """Where each trial trained, by number."""
        trials = tables.trials.c
        with self._store._read() as connection:
            query = sa.select(trials.place, trials.why_local, trials.repeat)
            query = query.where(trials.study_id == _study_id(connection, study_name)).order_by(trials.trial_number)
            return [
                TrialPlacement(place, why, None if repeat is None else Repeat.model_validate(repeat))
                for place, why, repeat in connection.execute(query)
            ]

    def architectures(self, study_name: str, *, after: int = 0, limit: int = 100) -> list[TrialRow]:
        """At most `limit` whole trials with a number above `after` whose network was built, by number."""
        trials = tables.trials.c
        return self._whole_trials(study_name, (trials.trial_number > after) & trials.architecture.is_not(None), limit)

    def tallies(self, study_names: Sequence[str]) -> dict[str, TrialTotals]:
        """What the trials of each of these studies come to; one that does not exist, or has none, comes to nothing."""
        studies, tallies = tables.studies.c, tables.tallies.c
        sums_of = (
            tallies.status,
            tallies.trials,
            tallies.timed,
            tallies.seconds,
            tallies.accuracy,
            tallies.total_score,
        )
        query = sa.select(studies.name, *sums_of).where(
            tallies.study_id == studies.id, tallies.trials > 0, studies.name.in_(list(study_names))
        )
        sums: dict[str, list[Sequence[Any]]] = {name: [] for name in study_names}
        with self._store._read() as connection:
            for name, *rest in connection.execute(query):
                sums[name].append(rest)
        return {name: _tally(rows) for name, rows in sums.items()}

    def trial_counts(self) -> dict[TrialStatus, int]:
        """How many trials of all studies there are of each status."""
        tallies = tables.tallies.c
        together = sa.func.sum(tallies.trials)
        with self._store._read() as connection:
            query = sa.select(tallies.status, together).group_by(tallies.status).having(together > 0)
            return {status: int(trials) for status, trials in connection.execute(query)}

    def _whole_trials(
        self, study_name: str, condition: sa.ColumnElement[bool], limit: int | None = None
    ) -> list[TrialRow]:
        trials = tables.trials.c
        with self._store._read() as connection:
            query = tables.rows(tables.trials).where(trials.study_id == _study_id(connection, study_name), condition)
            found = connection.execute(query.order_by(trials.trial_number).limit(limit)).mappings().all()
        return [TrialRow.model_validate(dict(row)) for row in found]


class _WithoutLayers(sa.sql.expression.FunctionElement[str]):
    """An architecture's JSON text less its layers, which are most of it."""

    type = sa.Text()
    inherit_cache = True
    name = "without_layers"


@compiles(_WithoutLayers)
def _in_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"json_remove({compiler.process(element.clauses, **options)}, '$.layers')"


@compiles(_WithoutLayers, "postgresql")
def _in_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"CAST(CAST({compiler.process(element.clauses, **options)} AS jsonb) - 'layers' AS text)"


_PLAIN = (
    *("trial_id", "trial_number", "status", "started_at", "completed_at", "duration_seconds"),
    *("cause", "reason", "objective", "best_epoch", "epochs_trained", "place", "why_local"),
)
_DOCUMENTS = ("hyperparameters", "performance", "health_metrics", "findings", "values", "repeat")
_LINES = sa.select(
    *(tables.trials.c[name] for name in _PLAIN),
    *(sa.cast(tables.trials.c[name], sa.Text) for name in _DOCUMENTS),
    _WithoutLayers(tables.trials.c.architecture),
)


_LINE = "{" + ",".join(f'"{name}":%s' for name in (*_PLAIN, *_DOCUMENTS, "architecture")) + "}"
_FINDINGS = len(_PLAIN) + _DOCUMENTS.index("findings")


def _text(row: Sequence[Any]) -> TrialText:
    # By hand: of a thousand trials an encoder would take a quarter of the time of the whole answer.
    values = [*map(_json, row[: len(_PLAIN)]), *(text or "null" for text in row[len(_PLAIN) :])]
    if row[_FINDINGS] is None:
        values[_FINDINGS] = "[]"
    return TrialText(row[1], _LINE % tuple(values))


def _json(value: str | float | datetime | None) -> str:
    if value is None:
        return "null"
    if isinstance(value, str):
        return encode_basestring_ascii(value)
    if isinstance(value, datetime):
        return f'"{value.isoformat().replace("+00:00", "Z")}"'
    return repr(value)


def _behind(
    key: sa.ColumnElement[Any], name: sa.ColumnElement[str], after: Place, descending: bool
) -> sa.ColumnElement[bool]:
    value, last = after
    if descending:
        return (key < value) | ((key == value) & (name < last))
    return (key > value) | ((key == value) & (name > last))


def _tally(rows: Sequence[Sequence[Any]]) -> TrialTotals:
    """Of the sums of each status: status, trials, timed ones, their seconds, best accuracy, best total score."""
    return TrialTotals(
        counts={row[0]: row[1] for row in rows},
        timed={row[0]: row[2] for row in rows},
        seconds={row[0]: row[3] for row in rows},
        best_accuracy=max((row[4] for row in rows if row[4] is not None), default=None),
        best_total_score=max((row[5] for row in rows if row[5] is not None), default=None),
    )
