"""What routes have in common: names of studies, pages."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import Path, Query

from serve_app.problems import FieldProblem, ProblemError
from tuner.spec_parts import NAME

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
Cursor = Annotated[str | None, Query(max_length=400, description="`next_cursor` of the page before; none: the first.")]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE, description="Most items of the page.")]


def to_cursor(place: Sequence[str | int]) -> str:
    """A place as text that is of no meaning to clients."""
    return base64.urlsafe_b64encode(json.dumps(list(place)).encode()).decode().rstrip("=")


def from_cursor(cursor: str, *kinds: type[str] | type[int]) -> list[str | int]:
    """The place that `to_cursor` was given, of values of these types.

    Raises:
        Refused: it is none.
    """
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
    """Whether every database can compare with it."""
    return value.isascii() and value.isprintable() if isinstance(value, str) else 0 <= value <= GREATEST_NUMBER


def bad_cursor() -> ProblemError:
    """A cursor that no page gave."""
    told = FieldProblem(field="cursor", message="must be the next_cursor of a page of the same list", place="query")
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, f"cursor: {told.message}", errors=(told,))


def trial_place(cursor: str | None) -> int:
    """The number of the last trial of the page before; 0: there is none.

    Raises:
        Refused: the cursor is none.
    """
    return 0 if cursor is None else int(from_cursor(cursor, int)[0])
