"""Middleware for Ray Serve's HTTP proxy, which passes the requests of clients on to replicas.

Ray Serve calls `middleware` in the proxy's process if `ENVIRONMENT` is part of its environment. It covers what the
application cannot see: paths that the proxy answers itself, and how fast a client takes a response. The proxy takes the
messages of a replica however slow the client is, so that the replica never waits for the client.

This module imports nothing of the application, whose imports would cost the proxy 90 MB.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from contextlib import suppress

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ENVIRONMENT = {"RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH": "serve_app.proxy:middleware"}
OWN_PATHS = "/-/"
"""Prefix of the paths that the proxy answers itself: which applications run, and whether it is healthy."""
STEERING = (
    b"x-request-timeout-seconds",
    b"x-request-disconnect-disabled",
    b"serve-multiplexed-model-id",
    b"x-session-id",
)
"""Headers by which a client could tell Ray Serve how to handle its request, such as to ignore that it disconnects."""
TAKE_S = 30.0
"""Longest time that a client may take for one part of a response."""
_UNKNOWN = {
    "type": "about:blank",
    "title": "Not Found",
    "status": 404,
    "detail": "unknown path",
    "remedy": "/openapi.json lists all paths",
    "errors": [],
}


def middleware() -> list[Middleware]:
    """The middleware; the last one runs first."""
    return [Middleware(ApplicationOnly), Middleware(SlowClients)]


class ApplicationOnly:
    """Answers 404 for the paths of Ray Serve itself, and hides the headers by which a client could steer it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if f"{scope['path']}/".startswith(OWN_PATHS):
            await _answer_not_found(scope, send)
            return
        await self._app({**scope, "headers": [pair for pair in scope["headers"] if _is_harmless(*pair)]}, receive, send)


class SlowClients:
    """Closes the connection of a client that does not take a part of a response within `TAKE_S`, or cannot be reached.

    The proxy then handles it as any client that disconnects. A WebSocket needs no such limit: the server closes one
    whose client answers no ping within 20 s.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # ASGI has no name for the connection: this is the one of uvicorn, which Ray Serve uses.
        connection = getattr(getattr(send, "__self__", None), "transport", None)
        if scope["type"] != "http" or connection is None:
            await self._app(scope, receive, send)
            return
        _end_if_unreachable(connection)

        async def send_in_time(message: Message) -> None:
            try:
                async with asyncio.timeout(TAKE_S):
                    await send(message)
            except TimeoutError:
                connection.abort()

        await self._app(scope, receive, send_in_time)


def _is_harmless(name: bytes, value: bytes) -> bool:
    name = name.lower().replace(b"_", b"-")  # as Ray Serve compares them
    return name not in STEERING and (value.isascii() or name != b"x-request-id")  # Ray Serve fails to read others


async def _answer_not_found(scope: Scope, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": "unknown path"})
        return
    body = json.dumps(_UNKNOWN).encode()
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 404, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _end_if_unreachable(connection: asyncio.Transport) -> None:
    """Let the system end the connection if the client's machine confirms nothing for `TAKE_S`."""
    own = connection.get_extra_info("socket")
    option = getattr(socket, "TCP_USER_TIMEOUT", None)  # only Linux has it
    if own is None or option is None:
        return
    # A second socket of the same connection: the one of uvloop sets no options. OSError: the connection is closed.
    with suppress(OSError), socket.socket(fileno=os.dup(own.fileno())) as same:
        same.setsockopt(socket.IPPROTO_TCP, option, int(1000 * TAKE_S))
