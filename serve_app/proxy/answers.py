"""Turns the answers that Ray Serve's proxy gives itself, and missing ones, into those that the application promises.

Serve answers 404 while the application starts or stops, which a client would take for "this study does not exist", and
nothing at all if a replica dies: uvicorn makes a bare 500 of that, and a WebSocket ends without a code. A browser that
opens a page gets one that loads itself again; everyone else gets a problem document.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serve_app.problem_document import MEDIA_TYPE, RETRY_AFTER_S, problem_text
from serve_app.proxy import starting_page
from serve_app.proxy.request_head import HEAD_BYTES, head_bytes
from serve_app.scopes import accepts_html
from serve_app.socket_protocol import CLOSED

log = logging.getLogger("ray.serve")

UNKNOWN_ROUTE = b"-/routes for available routes."
"""The end of Serve's answer to a path that no application has."""
BUSY = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
"""The other statuses of Serve's own answers, which are plain text."""
SAFE_TO_REPEAT = ("GET", "HEAD", "OPTIONS", "PUT", "DELETE")
SERVICE_RESTARTS = 1012

_STARTING = "the server is starting or shutting down"
_DIED = "the process that handled the request ended before it answered"
_TOO_LONG = f"the headers are longer than {HEAD_BYTES:,} bytes"
_LATER = {"retry-after": str(RETRY_AFTER_S)}


class ProxyAnswers:
    """Middleware around Serve's proxy."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        if head_bytes(scope) > HEAD_BYTES:
            await _answer(send, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, _TOO_LONG, {"connection": "close"})
            return
        held: Message | None = None
        """The start of an answer that Serve may have given itself: its body shows that."""
        begun = False

        async def passing(message: Message) -> None:
            nonlocal held, begun
            if message["type"] == "http.response.start" and _may_be_of_serve(message):
                held = message
                return
            begun = True
            if held is not None:
                start, held = held, None
                if start["status"] in BUSY or bytes(message.get("body", b"")).endswith(UNKNOWN_ROUTE):
                    await _unavailable(scope, send, _STARTING)
                    return
                await send(start)
            await send(message)

        try:
            await self._app(scope, receive, passing)
        except Exception:
            if begun:
                raise
            log.exception("the proxy failed")
        if not begun:
            await _lost(scope, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        accepted = ended = False
        if head_bytes(scope) > HEAD_BYTES:
            await _deny(scope, send, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, _TOO_LONG)
            return

        async def watching() -> Message:
            nonlocal ended
            message = await receive()
            ended = ended or message["type"] == "websocket.disconnect"
            return message

        async def passing(message: Message) -> None:
            nonlocal accepted, ended
            if message["type"].startswith("http."):
                return  # Serve answers a handshake like a request, which uvicorn cannot send
            accepted = accepted or message["type"] == "websocket.accept"
            ended = ended or message["type"] in ("websocket.close", "websocket.http.response.start")
            await send(message)

        try:
            await self._app(scope, watching, passing)
        except Exception:
            if ended:
                raise
            log.exception("the proxy failed")
        if ended:
            return
        if accepted:
            await send({"type": "websocket.close", "code": SERVICE_RESTARTS, "reason": CLOSED[SERVICE_RESTARTS][:120]})
        else:
            await _deny(scope, send, HTTPStatus.SERVICE_UNAVAILABLE, _STARTING, _LATER)


def _may_be_of_serve(start: Message) -> bool:
    """Whether Serve itself may have begun this answer: the application's own errors are never plain text."""
    headers = {name.lower(): value for name, value in start.get("headers", ())}
    plain = headers.get(b"content-type", b"").startswith(b"text/plain")
    return plain and start["status"] in (HTTPStatus.NOT_FOUND, *BUSY)


async def _unavailable(scope: Scope, send: Send, detail: str) -> None:
    """Ask the client to send the request again; a browser that opens a page does so by itself."""
    if scope["method"] in ("GET", "HEAD") and accepts_html(scope):
        body = b"" if scope["method"] == "HEAD" else starting_page.PAGE
        described = starting_page.HEADERS | _LATER | {"content-length": str(len(starting_page.PAGE))}
        await _send(send, "http.response", HTTPStatus.SERVICE_UNAVAILABLE, body, described)
    else:
        await _answer(send, HTTPStatus.SERVICE_UNAVAILABLE, detail, _LATER, remedy="send the request again")


async def _lost(scope: Scope, send: Send) -> None:
    """Answer a request whose replica died before it answered."""
    repeatable = scope["method"] in SAFE_TO_REPEAT or any(name == b"idempotency-key" for name, _ in scope["headers"])
    if repeatable:
        await _unavailable(scope, send, _DIED)
    else:
        remedy = "look whether it had an effect, then send it again; with an Idempotency-Key it has one effect at most"
        await _answer(send, HTTPStatus.BAD_GATEWAY, _DIED, remedy=remedy)


async def _answer(
    send: Send, status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None, *, remedy: str | None = None
) -> None:
    await _send(send, "http.response", status, problem_text(status, detail, remedy=remedy), headers or {})


async def _deny(
    scope: Scope, send: Send, status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None
) -> None:
    """Refuse the handshake of a WebSocket, with a problem if the server can send one."""
    if "websocket.http.response" in scope.get("extensions", {}):
        await _send(send, "websocket.http.response", status, problem_text(status, detail), headers or {})
    else:
        await send({"type": "websocket.close", "code": SERVICE_RESTARTS})


async def _send(send: Send, kind: str, status: HTTPStatus, body: bytes, headers: Mapping[str, str]) -> None:
    described = {"content-type": MEDIA_TYPE, "content-length": str(len(body)), "cache-control": "no-store", **headers}
    encoded = [(name.encode(), value.encode()) for name, value in described.items()]
    await send({"type": f"{kind}.start", "status": int(status), "headers": encoded})
    await send({"type": f"{kind}.body", "body": body})
