"""Middleware for what only Ray Serve's proxy sees of clients: paths that it answers itself, and how fast they read.

The proxy takes the messages of a replica however slow the client is, so the replica never waits for the client.
"""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import suppress
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serve_app.problem_document import MEDIA_TYPE, problem_text

OWN_PATHS = "/-/"
"""Prefix of the paths that the proxy answers itself: which applications run, and whether it is healthy."""
STEERING = (
    b"x-request-timeout-seconds",
    b"x-request-disconnect-disabled",
    b"serve-multiplexed-model-id",
    b"x-session-id",
)
"""Headers by which a client could tell Ray Serve how to handle its request, such as to ignore that it disconnects."""
HEALTH = "/-/healthz"
"""The own path that Kubernetes asks, so it stays where the environment has `OPEN_PROBES`."""
OPEN_PROBES = "TUNER_OPEN_PROBES"
TAKE_S = 30.0
"""Longest time that a client may take for one part of a response."""


class ApplicationOnly:
    """Answers 404 for the paths of Ray Serve itself, and hides the headers by which a client could steer it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        probed = scope["path"] == HEALTH and os.environ.get(OPEN_PROBES) == "true"
        if f"{scope['path']}/".startswith(OWN_PATHS) and not probed:
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
    body = problem_text(HTTPStatus.NOT_FOUND, "unknown path", remedy="/openapi.json lists all paths")
    headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
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
