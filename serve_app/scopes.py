"""Reads headers of ASGI scopes and refuses requests, for middleware."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from starlette.types import Scope, Send

from serve_app.problem_document import MEDIA_TYPE, problem_text

POLICY_VIOLATION = 1008
"""Code with which a WebSocket is closed that may not connect."""


def header(scope: Scope, wanted: bytes) -> str:
    """The first value of the header with this name, in lower case; empty: the request has none."""
    return next(headers(scope, wanted), "")


def headers(scope: Scope, wanted: bytes) -> Iterator[str]:
    """The values of all headers with this name."""
    return (value.decode("latin-1") for name, value in scope["headers"] if name.lower() == wanted)


def accepts_html(scope: Scope) -> bool:
    """Whether a request asks for HTML by name, as browsers do for pages and for nothing else."""
    parts = (part.strip() for line in headers(scope, b"accept") for part in line.lower().split(","))
    return any(part.partition(";")[0].strip() == "text/html" for part in parts)


def is_own_origin(scope: Scope, origin: str) -> bool:
    """Whether a page of this origin belongs to the application: its origin is the Host of the request.

    Behind a proxy that ends TLS, the page's scheme is not the request's.
    """
    scheme, _, host = origin.lower().partition("://")
    return scheme in ("http", "https") and host in (own.lower() for own in headers(scope, b"host"))


async def refuse(scope: Scope, send: Send, status: HTTPStatus, detail: str, *extra: tuple[bytes, bytes]) -> None:
    """Answer a request with a problem; close a WebSocket."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": detail})
        return
    body = problem_text(status, detail)
    described: list[tuple[bytes, Any]] = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        *extra,
    ]
    await send({"type": "http.response.start", "status": int(status), "headers": described})
    await send({"type": "http.response.body", "body": body})
