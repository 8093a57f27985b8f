"""Turns every error into a problem document (RFC 9457): what is wrong and what to do about it.

A problem never shows a traceback, a folder of this machine, the address of its database or a secret. Operators read
these in the log. A fault of this machine, such as a full disk, is never a fault of the request.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from itertools import islice
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serve_app.methods import allowed_methods
from serve_app.problem_document import MEDIA_TYPE, RETRY_AFTER_S, problem
from serve_app.public_text import over_http, public
from serve_app.samples.loads import NoSamplesError
from serve_app.winner import NotSavedError
from tuner.bounds import LONGEST_PATH, LONGEST_TEXT, MOST_ERRORS
from tuner.datasets.registry import NameTakenError
from tuner.errors import (
    CannotWriteError,
    FetchDataError,
    FixInputError,
    TryAgainError,
    TunerError,
    UnknownStudyError,
    nearest,
    shortened,
)
from tuner.spec_parts import one_line
from tuner.store import DatabaseAwayError, DatabaseFaultError, FileAwayError
from tuner.study.saved_model import DamagedModelError

log = logging.getLogger("tuner.serve")

OF_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""Errors of a disk that is full or cannot be written."""
_OPERATOR = "the operator finds the reason in the server log"


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
    errors: list[FieldProblem] = Field(
        default=[], description=f"The invalid fields of the request, at most {MOST_ERRORS}."
    )


class ProblemError(Exception):
    """Error that the application answers with a problem.

    Args:
        status: HTTP status, 400 or above.
        errors: The invalid fields of the request.
        headers: Further headers of the answer.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        remedy: str = "",
        errors: tuple[FieldProblem, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.remedy, self.errors = status, detail, remedy, errors
        self.headers = headers or {}


def conflict(error: FixInputError) -> Exception:
    """The problem of a command that the study's status does not allow; another kind of error is the same as before."""
    return _instead_of_422(error, HTTPStatus.CONFLICT)


def not_found(error: FixInputError) -> Exception:
    """The problem of a valid request for something that does not exist yet; another kind of error as before."""
    return _instead_of_422(error, HTTPStatus.NOT_FOUND)


def _instead_of_422(error: FixInputError, status: HTTPStatus) -> Exception:
    if status_of(error) != HTTPStatus.UNPROCESSABLE_ENTITY:
        return error
    detail, remedy = _for_clients(error)
    return ProblemError(status, detail, remedy=over_http(remedy))


def answer(
    status: int, detail: str, *, remedy: str | None = None, errors: tuple[FieldProblem, ...] = ()
) -> JSONResponse:
    headers = {"Retry-After": str(RETRY_AFTER_S)} if status == HTTPStatus.SERVICE_UNAVAILABLE else None
    document = problem(status, detail, remedy=remedy, errors=[error.model_dump() for error in errors])
    return JSONResponse(document, status_code=status, headers=headers, media_type=MEDIA_TYPE)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Entries of the OpenAPI document for responses of these statuses."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def add_handlers(app: FastAPI) -> None:
    """Make the application answer every error with a problem. Call it before adding other middleware."""
    app.state.described = {}
    app.add_exception_handler(ProblemError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(TunerError, _tuner)
    app.add_middleware(InternalErrors)


async def _refused(_: Request, error: Any) -> JSONResponse:
    response = answer(error.status, error.detail, remedy=error.remedy, errors=error.errors)
    response.headers.update(error.headers)
    return response


def refuse_unknown_parameters(connection: HTTPConnection) -> None:
    """Dependency of every route: answers 422 if a query parameter is unknown, with the nearest known one."""
    if connection.scope["type"] != "http" or not connection.query_params:
        return
    operation, _ = _described(connection)
    known = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"]
    remedy = nearest if known else lambda *_: "this path has no query parameters"
    unknown = (name for name in connection.query_params if name not in known)
    errors = tuple(
        FieldProblem(field=_short(name), message=f"unknown parameter: {remedy(name, known)}", place="query")
        for name in islice(unknown, MOST_ERRORS + 1)
    )
    if errors:
        raise invalid(*errors)


def invalid(*errors: FieldProblem) -> ProblemError:
    """The problem of a request with these invalid fields, of which it names the first MOST_ERRORS."""
    named = errors[:MOST_ERRORS]
    lines = [f"{error.field}: {error.message}" if error.field else error.message for error in named]
    more = ["and more"] if len(errors) > len(named) else []
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "; ".join(lines + more), errors=named)


async def _invalid(request: Request, error: Any) -> JSONResponse:
    if isinstance(error.body, bytes) and "json" not in request.headers.get("content-type", ""):  # nothing parsed it
        problem = invalid(FieldProblem(field="", message="the body must have Content-Type: application/json"))
    else:
        problem = invalid(*(_field(request, found) for found in error.errors()[: MOST_ERRORS + 1]))
    return await _refused(request, problem)


def _field(request: Request, found: Any) -> FieldProblem:
    place, *location = (str(part) for part in found["loc"])
    if found["type"] == "json_invalid":
        return FieldProblem(field="", message="the body is not valid JSON", place=place)
    message = one_line({**found, "loc": ("x",), "input": {}}).removeprefix("x: ")
    if found["type"] == "extra_forbidden" and place == "body":
        operation, schemas = _described(request)
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        known = set(_keys(schema, location[:-1], schemas))
        message = f"{message}: {nearest(location[-1], known)}"
    return FieldProblem(field=_short(".".join(location)), message=shortened(message, LONGEST_PATH), place=place)


def _short(name: str) -> str:
    """A client's own name as an answer repeats it: it may be long, and hold invalid Unicode."""
    return shortened(name.encode(errors="replace").decode(), LONGEST_TEXT)


def _described(connection: HTTPConnection) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """What OpenAPI says of the request's route, and the schemas that it refers to.

    Made for this route alone when it is first needed: the whole document takes half a second, in which no other
    request would be answered.
    """
    route, method = connection.scope["route"], connection.scope["method"].lower()
    known: dict[tuple[str, str], tuple[Mapping[str, Any], Mapping[str, Any]]] = connection.app.state.described
    described = known.get((route.path_format, method))
    if described is None:
        document = get_openapi(title="", version="", routes=[route])
        operation = document["paths"][route.path_format][method]
        described = known[route.path_format, method] = operation, document.get("components", {}).get("schemas", {})
    return described


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
    path = _short(request.url.path)
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            response = answer(error.status_code, f"unknown path {path}", remedy="/openapi.json lists all paths")
        case HTTPStatus.METHOD_NOT_ALLOWED:
            headers["allow"] = ", ".join(allowed_methods(request))
            remedy = f"use {headers['allow']}"
            response = answer(error.status_code, f"{_short(request.method)} is not allowed for {path}", remedy=remedy)
        case _:
            response = answer(error.status_code, str(error.detail))
    response.headers.update(headers)
    return response


async def _tuner(request: Request, error: Any) -> JSONResponse:
    status, (detail, remedy) = status_of(error), _for_clients(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or detail != error.message:
        log.warning("%s %s: %s", request.method, _short(request.url.path), error)
    return answer(status, detail, remedy=over_http(remedy))


def _for_clients(error: TunerError) -> tuple[str, str]:
    """The message of an error and the remedy, as clients may read them."""
    match error:
        case FileAwayError():
            return public(error.message), _OPERATOR
        case DatabaseAwayError():
            return "the database does not answer at the moment", f"try again later; {_OPERATOR}"
        case DatabaseFaultError():
            return "the database cannot be used", _OPERATOR
        case CannotWriteError():
            return public(error.message), _OPERATOR
    return public(error.message), public(error.remedy)


def status_of(error: TunerError) -> int:
    """The HTTP status of an error: below 500 if the client can correct its cause."""
    match error:
        case CannotWriteError():
            return HTTPStatus.INSUFFICIENT_STORAGE
        case DatabaseFaultError():
            return HTTPStatus.INTERNAL_SERVER_ERROR
        case UnknownStudyError():
            return HTTPStatus.NOT_FOUND
        case TryAgainError() | FetchDataError():
            return HTTPStatus.SERVICE_UNAVAILABLE
        case NameTakenError() | NotSavedError() | NoSamplesError() | DamagedModelError():
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
        except Exception as error:
            if scope["type"] != "http" or recording.begun:
                raise
            log.exception("%s %s failed", scope["method"], scope["path"])
            if isinstance(error, OSError) and error.errno in OF_DISK:
                response = answer(HTTPStatus.INSUFFICIENT_STORAGE, "the disk cannot be written", remedy=_OPERATOR)
            else:
                response = answer(
                    HTTPStatus.INTERNAL_SERVER_ERROR, "internal error; see the server log", remedy="report it as a bug"
                )
            await response(scope, receive, send)
