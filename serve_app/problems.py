"""Turns every error into a problem document (RFC 9457): what is wrong and what to do about it.

A problem never shows a traceback, a path of this machine or a secret. Details of unexpected errors go to the log only.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serve_app.winner import NotSavedError
from tuner.datasets.registry import NameTakenError
from tuner.errors import FetchDataError, FixInputError, TryAgainError, TunerError, UnknownStudyError, nearest
from tuner.spec_parts import one_line
from tuner.study.saved_model import DamagedModelError

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
    """One invalid field of a request."""

    field: str = Field(description="Name such as `trials` or `space.activation`; empty: the whole body.")
    message: str = Field(description="What is wrong or what is allowed.")
    place: str = Field(default="body", description="Where the field is: body, query, path or header.")


class Problem(BaseModel):
    """An error, as problem details (RFC 9457)."""

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

    type: str = Field(default="about:blank", description="Always about:blank: see `title`.")
    title: str = Field(description="Name of the HTTP status.")
    status: int = Field(description="HTTP status.")
    detail: str = Field(description="What is wrong, in one line.")
    remedy: str | None = Field(default=None, description="What to do about it, in one line.")
    errors: list[FieldProblem] = Field(default=[], description="The invalid fields of the request.")


class ProblemError(Exception):
    """Error that the application answers with a problem.

    Args:
        status: HTTP status, 400 or above.
        errors: The invalid fields of the request.
    """

    def __init__(self, status: int, detail: str, *, remedy: str = "", errors: tuple[FieldProblem, ...] = ()) -> None:
        super().__init__(detail)
        self.status, self.detail, self.remedy, self.errors = status, detail, remedy, errors


def conflict(error: FixInputError) -> ProblemError:
    """The problem of a command that the study's status does not allow."""
    return ProblemError(HTTPStatus.CONFLICT, error.message, remedy=over_http(error.remedy))


def over_http(remedy: str) -> str:
    """The remedy with HTTP requests in place of commands of the command line."""

    def request(command: re.Match[str]) -> str:
        name, study, trials = command.groups()
        if name not in _REQUESTS:
            return command[0]
        return _REQUESTS[name].format(study or "{id}") + (f' {{"trials": {trials}}}' if trials else "")

    return re.sub(r"`tuner (\w+)(?: ([^` ]+))?(?: trials=(\d+))?`", request, remedy)


def problem(
    status: int, detail: str, *, remedy: str | None = None, errors: tuple[FieldProblem, ...] = ()
) -> dict[str, Any]:
    title = HTTPStatus(status).phrase
    found = Problem(title=title, status=status, detail=detail, remedy=remedy or None, errors=list(errors))
    return found.model_dump(mode="json")


def answer(
    status: int, detail: str, *, remedy: str | None = None, errors: tuple[FieldProblem, ...] = ()
) -> JSONResponse:
    headers = {"Retry-After": str(RETRY_AFTER_S)} if status == HTTPStatus.SERVICE_UNAVAILABLE else None
    document = problem(status, detail, remedy=remedy, errors=errors)
    return JSONResponse(document, status_code=status, headers=headers, media_type=MEDIA_TYPE)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Entries of the OpenAPI document for responses of these statuses."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def add_handlers(app: FastAPI) -> None:
    """Make the application answer every error with a problem. Call it before adding other middleware."""
    app.add_exception_handler(ProblemError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(TunerError, _tuner)
    app.add_middleware(InternalErrors)


async def _refused(_: Request, error: Any) -> JSONResponse:
    return answer(error.status, error.detail, remedy=error.remedy, errors=error.errors)


def refuse_unknown_parameters(connection: HTTPConnection) -> None:
    """Dependency of every route: answers 422 if a query parameter is unknown, with the nearest known one."""
    if connection.scope["type"] != "http" or not connection.query_params:
        return
    known = [one["name"] for one in _operation(connection).get("parameters", ()) if one["in"] == "query"]
    remedy = nearest if known else lambda *_: "this path has no query parameters"
    errors = tuple(
        FieldProblem(field=name, message=f"unknown parameter: {remedy(name, known)}", place="query")
        for name in connection.query_params
        if name not in known
    )
    if errors:
        raise invalid(*errors)


def invalid(*errors: FieldProblem) -> ProblemError:
    """The problem of a request with these invalid fields."""
    detail = "; ".join(f"{error.field}: {error.message}" if error.field else error.message for error in errors)
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=errors)


async def _invalid(request: Request, error: Any) -> JSONResponse:
    if isinstance(error.body, bytes) and "json" not in request.headers.get("content-type", ""):  # nothing parsed it
        problem = invalid(FieldProblem(field="", message="the body must have Content-Type: application/json"))
    else:
        problem = invalid(*(_field(request, found) for found in error.errors()))
    return await _refused(request, problem)


def _field(request: Request, found: Any) -> FieldProblem:
    place, *location = (str(part) for part in found["loc"])
    if found["type"] == "json_invalid":
        return FieldProblem(field="", message="the body is not valid JSON", place=place)
    message = one_line({**found, "loc": ("x",), "input": {}}).removeprefix("x: ")
    if found["type"] == "extra_forbidden" and place == "body":
        schema = _operation(request)["requestBody"]["content"]["application/json"]["schema"]
        known = set(_keys(schema, location[:-1], request.app.openapi()["components"]["schemas"]))
        message = f"{message}: {nearest(location[-1], known)}"
    field = ".".join(location).encode(errors="replace").decode()  # a key of the body may not be valid Unicode
    return FieldProblem(field=field, message=message, place=place)


def _operation(connection: HTTPConnection) -> Mapping[str, Any]:
    """The part of the OpenAPI document that describes the request's route."""
    paths = connection.app.openapi()["paths"]
    operation: Mapping[str, Any] = paths[connection.scope["route"].path_format][connection.scope["method"].lower()]
    return operation


def _keys(schema: Mapping[str, Any], location: Sequence[str], schemas: Mapping[str, Any]) -> Iterator[str]:
    """The names of the keys that a JSON schema allows in the object at a location."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    for option in (*schema.get("anyOf", ()), *schema.get("allOf", ())):
        yield from _keys(option, location, schemas)
    properties = schema.get("properties", {})
    if not location:
        yield from properties
    elif isinstance(inner := properties.get(location[0], schema.get("additionalProperties")), dict):
        yield from _keys(inner, location[1:], schemas)


async def _http(request: Request, error: Any) -> JSONResponse:
    path = request.url.path.encode(errors="replace").decode()
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            response = answer(error.status_code, f"unknown path {path}", remedy="/openapi.json lists all paths")
        case HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = headers.get("allow")
            remedy = allowed and f"use {allowed}"
            response = answer(error.status_code, f"{request.method} is not allowed for {path}", remedy=remedy)
        case _:
            response = answer(error.status_code, str(error.detail))
    response.headers.update(headers)
    return response


async def _tuner(_: Request, error: Any) -> JSONResponse:
    return answer(_status(error), error.message, remedy=over_http(error.remedy))


def _status(error: TunerError) -> int:
    match error:
        case UnknownStudyError():
            return HTTPStatus.NOT_FOUND
        case TryAgainError() | FetchDataError():
            return HTTPStatus.SERVICE_UNAVAILABLE
        case NameTakenError() | NotSavedError() | DamagedModelError():
            return HTTPStatus.CONFLICT
        case FixInputError():
            return HTTPStatus.UNPROCESSABLE_ENTITY
    return HTTPStatus.INTERNAL_SERVER_ERROR


class RecordingSend:
    """Wraps ASGI's `send` and records whether the response has begun; after that no problem can be sent."""

    def __init__(self, send: Send) -> None:
        self._send, self.begun = send, False

    async def __call__(self, message: Message) -> None:
        self.begun = True
        await self._send(message)


class InternalErrors:
    """Middleware that answers unexpected errors with a problem and logs their traceback.

    It is the innermost middleware, so that its responses get the headers which other middleware adds.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        recording = RecordingSend(send)
        try:
            await self._app(scope, receive, recording)
        except Exception:
            if scope["type"] != "http" or recording.begun:
                raise
            log.exception("%s %s failed", scope["method"], scope["path"])
            response = answer(
                HTTPStatus.INTERNAL_SERVER_ERROR, "internal error; see the server log", remedy="report it as a bug"
            )
            await response(scope, receive, send)
