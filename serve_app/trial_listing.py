"""Pages of trials: filters, orders, and two formats."""

from __future__ import annotations

import json
import math
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Literal, Self

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from serve_app.feed.cursor import Cursor, log_name
from serve_app.feed.protocol import CURSOR
from serve_app.public_text import FIELDS, public, public_json
from serve_app.remedied import remedied_rows
from serve_app.routes.common import MAX_PAGE, bad_cursor, from_cursor, log_place, to_cursor
from serve_app.services import Services
from serve_app.trial_schemas import TRIAL_COLUMNS, Format
from tuner.errors import nearest
from tuner.events import TrialCause, TrialStatus
from tuner.store import TrialEnd, TrialFilter, TrialOrder, TrialPage, TrialQueries, TrialSummary
from tuner.store.trial_json import as_columns, as_objects
from tuner.store.trial_queries import OrderValue, order_kind

MAX_COLUMNS_PAGE = 10_000
PAGE = 100
ITEMS = tuple(TrialSummary.model_fields)
Sort = Literal[
    "trial_number",
    "-trial_number",
    "status",
    "-status",
    "started_at",
    "-started_at",
    "completed_at",
    "-completed_at",
    "duration_seconds",
    "-duration_seconds",
    "epochs_trained",
    "-epochs_trained",
    "parameters",
    "-parameters",
    "accuracy",
    "-accuracy",
    "loss",
    "-loss",
    "total_score",
    "-total_score",
    "objective",
    "-objective",
    "overall_health",
    "-overall_health",
]
Share = Annotated[float, Field(ge=0, le=1)]
Weights = Annotated[int, Field(ge=0, le=2**53)]
_HIDDEN = {name: public for name in FIELDS if name in TRIAL_COLUMNS}


class TrialListing(BaseModel):
    """Which trials are listed, in which order and form."""

    model_config = ConfigDict(extra="forbid")

    status: list[TrialStatus] = Field(default=[], max_length=10, description="Only trials with one of these statuses.")
    cause: list[TrialCause] = Field(
        default=[], max_length=20, description="Only trials that ended for one of these causes."
    )
    architecture: list[Annotated[str, Field(max_length=40, pattern=r"^[\x20-\x7e]*$")]] = Field(
        default=[], max_length=10, description="Only networks of one of these types, such as cnn."
    )
    containing: str = Field(
        default="",
        max_length=80,
        pattern=r"^[\x20-\x7e]*$",
        description="Only trials whose id, reason or hyperparameters contain this text.",
    )
    min_accuracy: Share | None = Field(default=None, description="Smallest validation accuracy, in [0, 1].")
    max_accuracy: Share | None = Field(default=None, description="Largest validation accuracy, in [0, 1].")
    min_parameters: Weights | None = Field(default=None, description="Smallest number of weights.")
    max_parameters: Weights | None = Field(default=None, description="Largest number of weights.")
    starred: bool | None = Field(default=None, description="Only trials that are starred (true), or are not (false).")
    since: str | None = Field(
        default=None,
        pattern=f"^{CURSOR}$",
        description="Only trials with an event after this `sequence` or `cursor` of an earlier answer or of the live "
        "feed. All trials if the cursor is of a deleted study of the same name.",
    )
    sort: Sort = Field(
        default="trial_number", description="A leading - reverses the order. Trials without a value come last."
    )
    format: Format = Field(
        default="items", description="items: a list of trials; columns: a list of values for each column, shorter."
    )
    fields: str | None = Field(
        default=None,
        max_length=800,
        pattern=r"^[a-z_]+(,[a-z_]+)*$",
        description="Columns, separated by commas; only with format=columns. Default: all.",
        examples=["trial_number,status,accuracy"],
    )
    cursor: Annotated[str | None, Field(max_length=400)] = Field(
        default=None, description="`next_cursor` of the page before; leave it out for the first page."
    )
    limit: int | None = Field(
        default=None,
        ge=1,
        le=MAX_COLUMNS_PAGE,
        description=f"Largest number of trials on the page. Items: at most {MAX_PAGE:,}, by default {PAGE}; columns: "
        f"at most and by default {MAX_COLUMNS_PAGE:,}.",
    )

    @model_validator(mode="after")
    def _of_one_format(self) -> Self:
        if self.format == "columns":
            for name in self.columns:
                if name not in TRIAL_COLUMNS:
                    raise ValueError(f"fields: unknown column {name!r}: {nearest(name, TRIAL_COLUMNS)}")
        elif self.fields is not None:
            raise ValueError("fields: needs format=columns")
        elif self.limit is not None and self.limit > MAX_PAGE:
            raise ValueError(f"limit: at most {MAX_PAGE:,} without format=columns")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the requested columns."""
        return TRIAL_COLUMNS if self.fields is None else tuple(dict.fromkeys(self.fields.split(",")))

    @property
    def page_size(self) -> int:
        return self.limit or (MAX_COLUMNS_PAGE if self.format == "columns" else PAGE)


def trial_page(services: Services, name: str, asked: TrialListing, known: str | None) -> Response:
    """A page of trials. Their JSON comes from the database unparsed, since a page may have ten thousand.

    Args:
        known: ETag of an answer that the client has; None: it has none.
    """
    # Read before the trials: a client that gets an older ETag with newer trials asks once more, and misses nothing.
    headers = {"ETag": f'W/"{log_place(services.store, name)}"', "Cache-Control": "no-cache"}
    if known is not None and headers["ETag"] in known:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    found = _read(services, name, asked)
    body = (_columns if asked.format == "columns" else _items)(asked, found)
    return Response(body, media_type="application/json", headers=headers)


def _read(services: Services, name: str, asked: TrialListing) -> TrialPage:
    order, descending = _order(asked.sort)
    matching = TrialFilter(
        statuses=asked.status,
        causes=asked.cause,
        architectures=asked.architecture,
        containing=asked.containing,
        min_accuracy=asked.min_accuracy,
        max_accuracy=asked.max_accuracy,
        min_parameters=asked.min_parameters,
        max_parameters=asked.max_parameters,
        starred=asked.starred,
        since=_since(services, name, asked.since),
    )
    columns = asked.columns if asked.format == "columns" else ITEMS
    page = TrialQueries(services.store).page(
        name,
        columns,
        matching=matching,
        order=order,
        descending=descending,
        after=_place(asked.cursor, asked.sort),
        limit=asked.page_size,
    )
    return page._replace(rows=remedied_rows(page.rows, columns))


def _items(asked: TrialListing, found: TrialPage) -> str:
    trials = ",".join(map(public_json, as_objects(found.rows, ITEMS)))
    return f'{{"items":[{trials}],"next_cursor":{_next_cursor(asked.sort, found.next)}}}'


def _columns(asked: TrialListing, found: TrialPage) -> str:
    cursor = Cursor(found.end.sequence, log_name(found.end.created_at))
    head = f'"sequence":{cursor.sequence},"cursor":"{cursor}","fields":{json.dumps(asked.columns)}'
    columns = as_columns(found.rows, asked.columns, _HIDDEN)
    return f'{{{head},"columns":{columns},"next_cursor":{_next_cursor(asked.sort, found.next)}}}'


def _since(services: Services, name: str, given: str | None) -> int | None:
    """The number after which a trial must have an event; None: all trials are asked for."""
    if given is None:
        return None
    cursor = Cursor.parse(given)
    end = services.store.log_ends([name]).get(name)
    return cursor.sequence if end is None or cursor.is_of(log_name(end.created_at)) else None


def _order(sort: Sort) -> tuple[TrialOrder, bool]:
    order: TrialOrder = sort.removeprefix("-")  # type: ignore[assignment]
    return order, sort.startswith("-")


def _next_cursor(sort: Sort, end: TrialEnd | None) -> str:
    if end is None:
        return "null"
    if sort == "trial_number":
        return f'"{to_cursor([end.trial_number])}"'
    value = "" if end.value is None else end.value.isoformat() if isinstance(end.value, datetime) else str(end.value)
    return f'"{to_cursor([sort, value, end.trial_number])}"'


def _place(cursor: str | None, sort: Sort) -> TrialEnd | None:
    if cursor is None:
        return None
    if sort == "trial_number":
        (number,) = from_cursor(cursor, int)
        return TrialEnd(number, int(number))
    of, value, number = from_cursor(cursor, str, str, int)
    if of != sort:
        raise bad_cursor()
    return TrialEnd(_value(str(value), _order(sort)[0]), int(number))


def _value(text: str, order: TrialOrder) -> OrderValue:
    """The value of a cursor that `_next_cursor` made. Raises ProblemError for another text."""
    kind = order_kind(order)
    try:
        if text == "":
            return None
        if kind is datetime:
            at = datetime.fromisoformat(text)
            if at.tzinfo is None:
                raise bad_cursor()
            return at
        if kind is str:
            return text
        number = float(text) if kind is float else int(text)
    except ValueError:
        raise bad_cursor() from None
    if not math.isfinite(number) or (kind is int and abs(number) >= 2**63):
        raise bad_cursor()
    return number
