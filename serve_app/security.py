"""What stands before every route: pure ASGI, so that WebSockets are held to it as requests are.

A token, where one is set, closes everything but /health. Without one the application answers this machine alone,
however Ray Serve was told to listen, and in either case only web pages of its own or of the allowed origins: a page
from elsewhere, which a browser here has open, must not command it. No body is longer, and no sender more silent, than
the settings allow.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import json
from contextlib import suppress
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serve_app.problems import MEDIA_TYPE, Watched, problem
from serve_app.settings import ServeSettings, is_local

OPEN = ("/health",)
"""Paths that need no token: a load balancer asks them."""
TOKEN_PREFIX = "tuner.token."
"""Browsers send no headers with a WebSocket, but subprotocols: one that begins so gives the token, in URL-safe base64
without padding. A token that may stand in a subprotocol as it is may also be given so."""
UPLOADS = ("/datasets",)
POLICY_VIOLATION, NO_TOKEN = 1008, 4401
"""Why a WebSocket is closed. 4401 is told after the handshake: before it, a browser is not told why."""

HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "content-security-policy": (
        "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data: blob:; worker-src 'self' blob:; "
        "style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
}


def token_matches(given: str | None, expected: str | None) -> bool:
    """Whether a caller who gave this token may pass; always where none is expected.

    Takes as long for a token that is nearly right as for one that is wrong throughout.
    """
    if expected is None:
        return True
    return given is not None and hmac.compare_digest(given.encode(errors="replace"), expected.encode())


def secure(app: FastAPI, settings: ServeSettings) -> None:
    """Put all of it before an application; what is added last is asked first."""
    app.add_middleware(BodyLimit, settings=settings)
    app.add_middleware(Token, token=settings.token)
    if settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.allowed_origins,
            allow_methods=("GET", "POST", "DELETE"),
            allow_headers=("Authorization", "Content-Type", "If-None-Match", "Last-Event-ID"),
            expose_headers=("ETag", "Location", "Retry-After"),
            max_age=600,
        )
    app.add_middleware(Callers, settings=settings)
    app.add_middleware(SecurityHeaders)


class SecurityHeaders:
    """Adds the headers to every answer; nothing is cached unless a route says so."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._headers = [(name.encode(), value.encode()) for name, value in HEADERS.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", []))
                known = {name.lower() for name, _ in given}
                added = [*self._headers, (b"cache-control", b"no-store")]
                message = {**message, "headers": given + [pair for pair in added if pair[0] not in known]}
            await send(message)

        await self._app(scope, receive, send_with_headers)


class Callers:
    """Refuses what a web page from elsewhere asks and, without a token, what is not of this machine.

    A page's origin is its own where it is the host that was asked. Without a token only what came in by an address that
    no other machine reaches is answered; and since a foreign name may be made to point to it, only to names that are
    local, or that the operator chose.
    """

    def __init__(self, app: ASGIApp, settings: ServeSettings) -> None:
        self._app = app
        self._origins = settings.allowed_origins
        self._open_to_all = settings.token is not None
        self._hosts = {settings.host.lower(), *(urlsplit(origin).hostname for origin in settings.allowed_origins)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            host, origin = (_header(scope, name).lower() for name in (b"host", b"origin"))
            if not self._open_to_all and not (_came_in_locally(scope) and self._knows(host)):
                await _refuse(scope, send, HTTPStatus.FORBIDDEN, "only this machine is answered: set TUNER_API_TOKEN")
                return
            if origin and origin not in self._origins and origin.partition("://")[2] != host:
                await _refuse(scope, send, HTTPStatus.FORBIDDEN, "this origin is not allowed: TUNER_ALLOWED_ORIGINS")
                return
        await self._app(scope, receive, send)

    def _knows(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname
        except ValueError:
            return False
        return name is None or is_local(name) or name in self._hosts


class Token:
    """Asks for the token, compared in constant time. `Authorization: Bearer TOKEN`, or a WebSocket's subprotocol."""

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["path"] in OPEN or any(token_matches(one, self._token) for one in (None, *_tokens(scope))):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            # One of those that were offered: a browser drops a connection that has none of them, and is not told why.
            offered = (name for name in scope.get("subprotocols", []) if not name.startswith(TOKEN_PREFIX))
            await send({"type": "websocket.accept", "subprotocol": next(offered, None)})
            await send({"type": "websocket.close", "code": NO_TOKEN, "reason": "the token is missing or wrong"})
        else:
            challenge = (b"www-authenticate", b"Bearer")
            await _refuse(scope, send, HTTPStatus.UNAUTHORIZED, "the token is missing or wrong", challenge)


class BodyLimit:
    """Refuses a body that is too long, by what is said of it and by what really comes, or that does not go on."""

    def __init__(self, app: ASGIApp, settings: ServeSettings) -> None:
        self._app, self._settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._settings.upload_limit if scope["path"] in UPLOADS else self._settings.body_limit
        said = _header(scope, b"content-length")
        if said and (not said.isascii() or not said.isdigit() or len(said) > 18 or int(said) > limit):
            await _refuse(scope, send, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body may have {limit:,} bytes")
            return
        came, whole, watched = 0, False, Watched(send)

        async def limited() -> Message:
            nonlocal came, whole
            if whole:
                return await receive()  # waits for a client that goes away, for as long as the answer takes
            try:
                async with asyncio.timeout(self._settings.body_timeout_s):
                    message = await receive()
            except TimeoutError:
                raise _BadBodyError(HTTPStatus.REQUEST_TIMEOUT, "the body did not go on") from None
            came += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            if came > limit:
                raise _BadBodyError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body may have {limit:,} bytes")
            return message

        try:
            await self._app(scope, limited, watched)
        except _BadBodyError as error:
            if watched.begun:
                raise
            await _refuse(scope, send, error.status, error.detail)


class _BadBodyError(BaseException):
    """Goes through all that an application does with exceptions, to whoever set the limit."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


def _came_in_locally(scope: Scope) -> bool:
    """By this machine's end of the connection: the other end says nothing about who may connect."""
    server = scope.get("server")
    return server is not None and is_local(server[0])


def _tokens(scope: Scope) -> list[str]:
    """What may be meant as the token in a request or a WebSocket's handshake."""
    scheme, _, given = _header(scope, b"authorization").partition(" ")
    found = [given.strip()] if scheme.lower() == "bearer" else []
    for name in scope.get("subprotocols", []) if scope["type"] == "websocket" else []:
        if name.startswith(TOKEN_PREFIX):
            text = name.removeprefix(TOKEN_PREFIX)
            found.append(text)
            with suppress(binascii.Error, ValueError):
                found.append(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode())
    return found


def _header(scope: Scope, wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name.lower() == wanted), "")


async def _refuse(scope: Scope, send: Send, status: HTTPStatus, detail: str, *headers: tuple[bytes, bytes]) -> None:
    """A problem to a request; a closed handshake to a WebSocket."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": detail})
        return
    body = json.dumps(problem(status, detail)).encode()
    described: list[tuple[bytes, Any]] = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        *headers,
    ]
    await send({"type": "http.response.start", "status": int(status), "headers": described})
    await send({"type": "http.response.body", "body": body})
