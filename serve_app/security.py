"""Middleware that decides which requests are answered. It is pure ASGI, so that it covers WebSockets too.

- If a token is set, every path but those of `authentication.OPEN` requires it. If none is set, only requests from this
  machine are answered, whatever address Ray Serve listens on. The pages and scripts of the dashboard are open.
- The Host of a request must be an IP address or a name of this server: a page of another site may give its own name the
  address of this server (DNS rebinding), and browsers would take the two for one origin.
- Requests of web pages are answered only if the page comes from the application itself or from an allowed origin: a
  page of another site that is open in a local browser must not control the application.
- A body that is longer than the settings allow, or that arrives too slowly, is refused.
"""

from __future__ import annotations

import asyncio
import socket
from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serve_app.authentication import Authentication, Identity
from serve_app.pages import DashboardPages
from serve_app.problems import RecordingSend
from serve_app.scopes import header, headers, is_own_origin, refuse
from serve_app.settings import KIB, ServeSettings, host_name, ip_address, is_local

ANY_HOST = ("/health", "/ready")
"""Paths that may be requested by any Host, for load balancers."""
UPLOADS = ("/datasets",)
PREDICTIONS, FILES = "/predict", "/predict/file"
"""The ends of the paths whose bodies hold samples, or a file of them. All other bodies are short: see `BodyLimit`."""
LONGEST_DOCUMENT = 256 * KIB
"""Bytes of a body that holds no samples: JSON is read on the event loop, where all other requests wait for it."""
BODY_BYTES_PER_S = 16 * KIB
"""A body that arrives faster than this has as much time as it needs."""
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "content-security-policy": (
        "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data: blob:; worker-src 'self' blob:; "
        "style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
}


def secure(app: FastAPI, settings: ServeSettings, identity: Identity) -> None:
    """Add the middleware to an application. The middleware that is added last runs first."""
    app.add_middleware(BodyLimit, settings=settings)
    app.add_middleware(Authentication, identity=identity)
    if settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.allowed_origins,
            allow_methods=("GET", "POST", "PATCH", "DELETE"),
            allow_headers=("Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "Last-Event-ID"),
            expose_headers=("ETag", "Location", "Retry-After"),
            max_age=600,
        )
    app.add_middleware(DashboardPages)
    app.add_middleware(Callers, settings=settings)
    app.add_middleware(SecurityHeaders)


class SecurityHeaders:
    """Adds security headers to every response, and forbids caching unless the route allows it."""

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
    """Refuses requests by other names of this server, of web pages of other origins and, if no token is set, of other
    machines.

    With a token, all IP addresses and the names of this machine are names of this server too. A page belongs to the
    application if its origin is the Host of the request. Requests without a Host or an Origin come from no browser.
    """

    def __init__(self, app: ASGIApp, settings: ServeSettings) -> None:
        self._app = app
        self._origins = settings.allowed_origins
        self._open_to_all = settings.token is not None
        origins = (urlsplit(origin).hostname or "" for origin in settings.allowed_origins)
        names = (settings.host, *settings.allowed_hosts, *origins, *(_own_names() if self._open_to_all else ()))
        self._names = frozenset(map(host_name, names))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and (refusal := self._refusal(scope)) is not None:
            await refuse(scope, send, HTTPStatus.FORBIDDEN, refusal)
            return
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> str | None:
        """Why the request is refused; None: it is not."""
        if not self._open_to_all and not _arrived_at_loopback(scope):
            return "remote requests are refused until TUNER_API_TOKEN is set"
        hosts = [host.lower() for host in headers(scope, b"host")]
        if scope["path"] not in ANY_HOST and not all(map(self._is_own_name, hosts)):
            return "requests with this Host are refused unless TUNER_ALLOWED_HOSTS lists it"
        for origin in headers(scope, b"origin"):
            if not is_own_origin(scope, origin) and origin.lower() not in self._origins:
                return "requests of this origin are refused unless TUNER_ALLOWED_ORIGINS lists it"
        return None

    def _is_own_name(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname
        except ValueError:
            return False
        if name is None or is_local(name) or host_name(name) in self._names:
            return True
        return self._open_to_all and ip_address(name) is not None


class BodyLimit:
    """Refuses a body that is too long, by its Content-Length or by what arrives, or that arrives too slowly."""

    def __init__(self, app: ASGIApp, settings: ServeSettings) -> None:
        self._app, self._settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit(scope["path"])
        length = header(scope, b"content-length")
        if length and (not length.isascii() or not length.isdigit() or len(length) > 18 or int(length) > limit):
            await refuse(scope, send, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body is longer than {limit:,} bytes")
            return
        received, whole, recording = 0, False, RecordingSend(send)
        begin_s = asyncio.get_running_loop().time()

        async def limited() -> Message:
            nonlocal received, whole
            if whole:
                return await receive()  # waits until the client disconnects or the response ends
            due_s = begin_s + self._settings.body_timeout_s + received / BODY_BYTES_PER_S
            try:
                async with asyncio.timeout_at(due_s):
                    message = await receive()
            except TimeoutError:
                raise _BadBodyError(HTTPStatus.REQUEST_TIMEOUT, "the body arrives too slowly") from None
            received += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            if received > limit:
                raise _BadBodyError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body is longer than {limit:,} bytes")
            return message

        try:
            await self._app(scope, limited, recording)
        except _BadBodyError as error:
            if recording.begun:
                raise
            await refuse(scope, send, error.status, error.detail)

    def _limit(self, path: str) -> int:
        if path in UPLOADS or path.endswith(FILES):
            return self._settings.upload_limit
        most = self._settings.body_limit
        return most if path.endswith(PREDICTIONS) else min(most, LONGEST_DOCUMENT)


class _BadBodyError(BaseException):
    """Passes through the application's handlers of `Exception` up to `BodyLimit`."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


def _arrived_at_loopback(scope: Scope) -> bool:
    """Whether the server's end of the connection is a loopback address."""
    server = scope.get("server")
    return server is not None and is_local(server[0])


def _own_names() -> tuple[str, ...]:
    """The names of this machine."""
    name = socket.gethostname()
    return name, name.partition(".")[0], f"{name.partition('.')[0]}.local"  # as mDNS announces it
