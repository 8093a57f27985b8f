"""Parts that several routes use: parameters, pages, cursors."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Header, Path, Query
from pydantic import BaseModel, ConfigDict, model_validator

from serve_app.problems import FieldProblem, ProblemError
from tuner.bounds import without_surplus
from tuner.errors import UnknownStudyError
from tuner.spec_parts import NAME
from tuner.store import Store, StoreQueries, TrialRow

GREATEST_NUMBER = 2**31 - 1
MAX_PAGE = 1_000

StudyId = Annotated[
    str,
    Path(
        alias="id",
        description="The study's name.",
        pattern=f"^{NAME}$",
        max_length=80,
        examples=["mnist-20261123-101500"],
    ),
]
TrialNumber = Annotated[int, Path(alias="n", ge=1, le=GREATEST_NUMBER, description="The trial's number, from 1.")]
Cursor = Annotated[
    str | None, Query(max_length=400, description="`next_cursor` of the page before; leave it out for the first page.")
]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE, description="Largest number of items on the page.")]

Known = Annotated[str | None, Header(alias="If-None-Match", max_length=200)]
UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "The study has no new event since that ETag."}}


class RequestBody(BaseModel):
    """Base of the bodies of requests, except of the spec of a study: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _few_unknown_keys(cls, values: Any) -> Any:
        return without_surplus(cls, values)


def log_place(store: Store, name: str) -> str:
    """Where a study's log ends: differs after every event, and if the study was deleted and created again."""
    head = store.log_ends([name]).get(name)
    if head is None:
        store.study(name)  # raises with the nearest name
        raise UnknownStudyError(f"unknown study {name!r}")
    return f"{head.sequence}@{head.created_at.isoformat()}"


def known_trial(store: Store, name: str, number: int) -> TrialRow:
    """One trial of a study. Raises ProblemError (404) if the study has no trial with this number."""
    found = StoreQueries(store).trial(name, number)
    if found is None:
        raise ProblemError(
            HTTPStatus.NOT_FOUND, f"study {name!r} has no trial {number}", remedy="GET /jobs/{id}/trials"
        )
    return found


def to_cursor(place: Sequence[str | int]) -> str:
    """The cursor, an opaque text, of a place in a list."""
    return base64.urlsafe_b64encode(json.dumps(list(place)).encode()).decode().rstrip("=")


def from_cursor(cursor: str, *kinds: type[str] | type[int]) -> list[str | int]:
    """The place of a cursor that `to_cursor` made, as values of these types. Raises ProblemError for another text."""
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError):
        place = None
    if not isinstance(place, list) or [type(value) for value in place] != list(kinds):
        raise bad_cursor()
    if not all(map(_storable, place)):
        raise bad_cursor()
    return place


def _storable(value: str | int) -> bool:
    """Whether every database can compare its values with this one."""
    return value.isascii() and value.isprintable() if isinstance(value, str) else 0 <= value <= GREATEST_NUMBER


def bad_cursor() -> ProblemError:
    """The problem of a cursor that does not come from a page of the same list."""
    wrong = FieldProblem(field="cursor", message="must be the next_cursor of a page of the same list", place="query")
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, f"cursor: {wrong.message}", errors=(wrong,))


def trial_place(cursor: str | None) -> int:
    """The number of the last trial on the page before; 0 for the first page."""
    return 0 if cursor is None else int(from_cursor(cursor, int)[0])
