"""Every error as problem details (RFC 9457): what is wrong, and what to do about it, in one form.

No problem shows a traceback, a path of this machine's or a password; what nobody foresaw is told in the log alone.
"""

from __future__ import annotations

import logging
import re
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serve_app.winner import NotSavedError
from tuner.datasets.registry import NameTakenError
from tuner.errors import FetchDataError, FixInputError, TryAgainError, TunerError, UnknownStudyError
from tuner.spec import nearest_key
from tuner.spec_parts import UNKNOWN_KEY, one_line

log = logging.getLogger("tuner.serve")

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 5
_REQUESTS = {
    "list": "GET /jobs",
    "show": "GET /jobs/{}",
    "resume": "POST /jobs/{}/resume",
    "cancel": "POST /jobs/{}/cancel",
    "options": "GET /options",
}


class FieldProblem(BaseModel):
    """One wrong part of a request."""

    field: str = Field(description="Such as `trials` or `space.activation`; empty: the body as a whole.")
    message: str = Field(description="What is allowed.")
    place: str = Field(default="body", description="body, query, path or header.")


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "about:blank",
                "title": "Not Found",
                "status": 404,
                "detail": "unknown study 'digits-tset'",
                "remedy": "did you mean 'digits-test'?",
                "errors": [],
            }
        }
    )

    type: str = Field(default="about:blank", description="The title says what kind of problem it is.")
    title: str = Field(description="Of the HTTP status.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What is wrong, in one line.")
    remedy: str | None = Field(default=None, description="What to do about it.")
    errors: list[FieldProblem] = Field(default=[], description="Each wrong field of the request.")


class ProblemError(Exception):
    """Answers a request with a problem.

    Args:
        status: The HTTP status, from 400.
        errors: Each wrong field.
    """

    def __init__(self, status: int, detail: str, *, remedy: str = "", errors: tuple[FieldProblem, ...] = ()) -> None:
        super().__init__(detail)
        self.status, self.detail, self.remedy, self.errors = status, detail, remedy, errors


def conflict(error: FixInputError) -> ProblemError:
    """A command that does not fit to how a study stands."""
    return ProblemError(HTTPStatus.CONFLICT, error.message, remedy=over_http(error.remedy))


def over_http(remedy: str) -> str:
    """The remedy with the requests that do what it names as commands of the command line."""

    def request(command: re.Match[str]) -> str:
        name, study, trials = command.groups()
        if name not in _REQUESTS:
            return command[0]
        return _REQUESTS[name].format(study or "{id}") + (f' {{"trials": {trials}}}' if trials else "")

    return re.sub(r"`tuner (\w+)(?: ([^` ]+))?(?: trials=(\d+))?`", request, remedy)


def problem(
    status: int, detail: str, *, remedy: str | None = None, errors: tuple[FieldProblem, ...] = ()
) -> dict[str, Any]:
    """The document of a problem."""
    try:
        title = HTTPStatus(status).phrase
    except ValueError:
        title = "Error"
    told = Problem(title=title, status=status, detail=detail, remedy=remedy or None, errors=list(errors))
    return told.model_dump(mode="json")


def answer(
    status: int, detail: str, *, remedy: str | None = None, errors: tuple[FieldProblem, ...] = ()
) -> JSONResponse:
    """The response of a problem."""
    headers = {"Retry-After": str(RETRY_AFTER_S)} if status == HTTPStatus.SERVICE_UNAVAILABLE else None
    document = problem(status, detail, remedy=remedy, errors=errors)
    return JSONResponse(document, status_code=status, headers=headers, media_type=MEDIA_TYPE)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What the OpenAPI document says of these errors."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def add_handlers(app: FastAPI) -> None:
    """Let every error of the application be told as a problem. Due before any middleware is added."""
    app.add_exception_handler(ProblemError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(TunerError, _tuner)
    app.add_middleware(Unforeseen)


async def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ProblemError)
    return answer(error.status, error.detail, remedy=error.remedy, errors=error.errors)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    errors = tuple(_field(found, of_a_spec=request.url.path == "/jobs") for found in error.errors())
    if isinstance(error.body, bytes) and "json" not in request.headers.get("content-type", ""):  # it was not read
        errors = (FieldProblem(field="", message="must be JSON, said to be so: Content-Type: application/json"),)
    detail = "; ".join(f"{one.field}: {one.message}" if one.field else one.message for one in errors)
    return answer(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=errors)


def _field(found: Any, *, of_a_spec: bool) -> FieldProblem:
    place, *location = (str(part) for part in found["loc"])
    if found["type"] == "json_invalid":
        return FieldProblem(field="", message="the body is no valid JSON", place=place)
    told = one_line({**found, "loc": ("x",), "input": {}})
    field = ".".join(location).encode(errors="replace").decode()  # a key of the body may be no UTF-8
    message = told.removeprefix("x: ")
    if of_a_spec and place == "body" and found["type"] == UNKNOWN_KEY:
        message += f": {nearest_key(location)}".encode(errors="replace").decode()
    return FieldProblem(field=field, message=message, place=place)


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    path = request.url.path.encode(errors="replace").decode()
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            told = answer(error.status_code, f"there is no {path}", remedy="/openapi.json tells what there is")
        case HTTPStatus.METHOD_NOT_ALLOWED:
            told = answer(error.status_code, f"{request.method} is nothing for {path}", remedy=headers.get("allow"))
        case _:
            told = answer(error.status_code, str(error.detail))
    told.headers.update(headers)
    return told


async def _tuner(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, TunerError)
    return answer(_status(error), error.message, remedy=over_http(error.remedy))


def _status(error: TunerError) -> int:
    match error:
        case UnknownStudyError():
            return HTTPStatus.NOT_FOUND
        case TryAgainError() | FetchDataError():
            return HTTPStatus.SERVICE_UNAVAILABLE
        case NameTakenError() | NotSavedError():
            return HTTPStatus.CONFLICT
        case FixInputError():
            return HTTPStatus.UNPROCESSABLE_ENTITY
    return HTTPStatus.INTERNAL_SERVER_ERROR


class Watched:
    """Sends, and knows whether the answer has begun: what has cannot become a problem any more."""

    def __init__(self, send: Send) -> None:
        self._send, self.begun = send, False

    async def __call__(self, message: Message) -> None:
        self.begun = True
        await self._send(message)


class Unforeseen:
    """Tells what nobody foresaw as a problem, and its traceback to the log. Innermost, so that the answer has all that
    others add to answers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        watched = Watched(send)
        try:
            await self._app(scope, receive, watched)
        except Exception:
            if scope["type"] != "http" or watched.begun:
                raise
            log.exception("%s %s failed", scope["method"], scope["path"])
            told = answer(
                HTTPStatus.INTERNAL_SERVER_ERROR, "something failed that should not", remedy="the log says what"
            )
            await told(scope, receive, send)
