"""Queries for the trials of a study: filtered and ordered pages, curves, and the trials that led it.

A page begins after the last trial of the page before it: none is shown twice or left out if one is added meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa

from tuner.events import NewBest, TrialCause, TrialStatus, durable_event
from tuner.store import tables, trial_json
from tuner.store.log_watch import LogEnd, last_sequence
from tuner.store.rows import TrialRow
from tuner.store.store import Store

TrialOrder = Literal[
    "trial_number",
    "status",
    "started_at",
    "completed_at",
    "duration_seconds",
    "epochs_trained",
    "parameters",
    "accuracy",
    "loss",
    "total_score",
    "objective",
    "overall_health",
]
CurveMetric = Literal["train_loss", "train_accuracy", "val_loss", "val_accuracy", "objective", "overall_health"]
OrderValue = str | float | datetime | None
"""A value of the column by which trials are ordered. Trials without one come last in both directions."""

_T, _E = tables.trials.c, tables.epochs.c
_PARAMETERS = sa.cast(_T.architecture["total_parameters"].as_string(), sa.BigInteger)
OrderKind = type[int] | type[float] | type[str] | type[datetime]
_KINDS: dict[TrialOrder, OrderKind] = {
    "trial_number": int,
    "epochs_trained": int,
    "parameters": int,
    "status": str,
    "started_at": datetime,
    "completed_at": datetime,
}


class TrialEnd(NamedTuple):
    """The end of a page: where the last trial is in the order."""

    value: OrderValue
    trial_number: int


@dataclass(frozen=True)
class TrialFilter:
    """Conditions that a trial must all meet; empty and None: no condition."""

    statuses: Collection[TrialStatus] = ()
    causes: Collection[TrialCause] = ()
    architectures: Collection[str] = ()
    containing: str = ""
    """A part of its id, reason or hyperparameters, in upper or lower case."""
    min_accuracy: float | None = None
    max_accuracy: float | None = None
    min_parameters: int | None = None
    max_parameters: int | None = None
    starred: bool | None = None
    """Whether a person starred it."""
    since: int | None = None
    """Only trials with an event after this number."""


class TrialPage(NamedTuple):
    """Trials after the event that is the study's last one at the same moment."""

    end: LogEnd
    rows: list[trial_json.Row]
    """Values of the requested columns, for `trial_json`."""
    next: TrialEnd | None
    """The end of the page; None: it is the last page."""


class Curve(NamedTuple):
    """The course of one metric of one trial, by epoch."""

    trial_number: int
    epochs: list[int]
    values: list[float]


class TrialQueries:
    """Queries of a store. Raises the same errors as the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def page(
        self,
        study_name: str,
        columns: Sequence[str],
        *,
        matching: TrialFilter = TrialFilter(),
        order: TrialOrder = "trial_number",
        descending: bool = False,
        after: TrialEnd | None = None,
        limit: int = 100,
    ) -> TrialPage:
        """At most `limit` trials that match, in an order; trials with equal values by number.

        Args:
            columns: Names of `trial_json.EXPRESSIONS`.
            after: The end of the page before; None: the first page.
        """
        key = _order_key(order)
        query = trial_json.selected(columns).add_columns(key.label("order_"), _T.trial_number.label("number_"))
        query = query.order_by(key.is_(None), key.desc() if descending else key, _T.trial_number).limit(limit + 1)
        if after is not None:
            query = query.where(_after(key, after, descending))

        def read(connection: sa.Connection, study: int) -> TrialPage:
            end = _log_end(connection, study)
            found = connection.execute(query.where(_T.study_id == study, *_conditions(matching, study))).all()
            following = None
            if len(found) > limit:
                found = found[:limit]
                following = TrialEnd(found[-1].order_, found[-1].number_)
            return TrialPage(end, [tuple(row)[:-2] for row in found], following)

        return self._store._read_study(study_name, read, snapshot=True)

    def spread(self, study_name: str, statuses: Collection[TrialStatus], most: int) -> list[TrialRow]:
        """At most so many of the trials that ended in one of these ways, evenly spread, by number."""
        ended = sa.select(_T.trial_number).where(_T.status.in_(list(statuses))).order_by(_T.trial_number)

        def read(connection: sa.Connection, study: int) -> list[TrialRow]:
            numbers = connection.execute(ended.where(_T.study_id == study)).scalars().all()
            step = max(1.0, len(numbers) / most)
            some = [numbers[int(place * step)] for place in range(min(len(numbers), most))]
            query = tables.rows(tables.trials).where(_T.study_id == study, _T.trial_number.in_(some))
            rows = connection.execute(query.order_by(_T.trial_number)).mappings()
            return [TrialRow.model_validate(dict(row)) for row in rows]

        return self._store._read_study(study_name, read, snapshot=True)

    def curves(self, study_name: str, metric: CurveMetric, points: int) -> tuple[LogEnd, list[Curve]]:
        """The curves of all trials that have one, by number, after the event that is the study's last one.

        Args:
            points: Most points of a curve, at least 2; the first and the last epoch are always among them.
        """
        value = _E.health_metrics[metric].as_float() if metric == "overall_health" else _E[metric]
        query = sa.select(_E.trial_number, _E.epoch, value.label("value")).order_by(_E.trial_number, _E.epoch)

        def read(connection: sa.Connection, study: int) -> tuple[LogEnd, list[Curve]]:
            rows = connection.execute(query.where(_E.study_id == study, value.is_not(None))).all()
            return _log_end(connection, study), [
                _curve(number, list(own), points) for number, own in groupby(rows, lambda row: row[0])
            ]

        return self._store._read_study(study_name, read, snapshot=True)

    def bests(self, study_name: str) -> list[tuple[int, NewBest]]:
        """The events that made a trial the best one so far, with their numbers, in order."""
        log = tables.events.c
        kind = NewBest.model_fields["type"].default
        begins = sa.func.substr(sa.cast(log.event, sa.Text), 1, _HEAD, type_=sa.Text).contains(f'"{kind}"')
        query = sa.select(log.sequence, log.event).where(begins).order_by(log.sequence)
        rows = self._store._rows(study_name, tables.events, query)
        events = [(row["sequence"], durable_event.validate_python(row["event"])) for row in rows]
        return [(number, event) for number, event in events if isinstance(event, NewBest)]


_HEAD = 200
"""Characters of an event's document that hold its type: to parse the documents of a whole log would take long."""


def _order_key(order: TrialOrder) -> sa.ColumnElement[Any]:
    return _PARAMETERS if order == "parameters" else trial_json.EXPRESSIONS[order]


def _log_end(connection: sa.Connection, study: int) -> LogEnd:
    studies = tables.studies.c
    row = connection.execute(sa.select(last_sequence(), studies.created_at).where(studies.id == study)).one()
    return LogEnd(row[0] or 0, row[1])


def _after(key: sa.ColumnElement[Any], end: TrialEnd, descending: bool) -> sa.ColumnElement[bool]:
    later = _T.trial_number > end.trial_number
    if end.value is None:
        return key.is_(None) & later
    beyond = key < end.value if descending else key > end.value
    return beyond | ((key == end.value) & later) | key.is_(None)


def _conditions(of: TrialFilter, study: int) -> list[sa.ColumnElement[bool]]:
    accuracy = trial_json.EXPRESSIONS["accuracy"]
    found: list[sa.ColumnElement[bool]] = []
    if of.statuses:
        found.append(_T.status.in_(list(of.statuses)))
    if of.causes:
        found.append(_T.cause.in_(list(of.causes)))
    if of.architectures:
        found.append(_T.architecture["type"].as_string().in_(list(of.architectures)))
    if of.containing:
        texts = (_T.trial_id, _T.reason, sa.cast(_T.hyperparameters, sa.Text))
        found.append(sa.or_(*(text.icontains(of.containing, autoescape=True) for text in texts)))
    for key, least, greatest in (
        (accuracy, of.min_accuracy, of.max_accuracy),
        (_PARAMETERS, of.min_parameters, of.max_parameters),
    ):
        if least is not None:
            found.append(key >= least)
        if greatest is not None:
            found.append(key <= greatest)
    if of.starred is not None:
        found.append(_T.starred.is_(of.starred))
    if of.since:  # after the event 0 come all
        log = tables.events.c
        number = log.event["trial_number"].as_integer()
        found.append(_T.trial_number.in_(sa.select(number).where(log.study_id == study, log.sequence > of.since)))
    return found


def _curve(number: int, rows: Sequence[Sequence[Any]], points: int) -> Curve:
    if len(rows) > points:
        last = len(rows) - 1
        rows = [rows[round(place * last / (points - 1))] for place in range(points)]
    return Curve(number, [row[1] for row in rows], [row[2] for row in rows])


def order_kind(order: TrialOrder) -> OrderKind:
    """The type of the values by which trials are ordered."""
    return _KINDS.get(order, float)
