"""Middleware that requires the token: in a header, in a subprotocol of a WebSocket, or by the cookie of a login.

A browser sends the cookie with requests of other pages too, such as pages of another port of this machine. So whatever
may change something, and every WebSocket, must come from a page of the application itself: see `Identity.refusal`.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from serve_app.scopes import header, headers, is_own_origin, refuse
from serve_app.session import Sessions

OPEN = ("/health", "/login", "/logout", "/session")
"""Paths that need no token: for load balancers, and to log in."""
TOKEN_PREFIX = "tuner.token."
"""Prefix of the WebSocket subprotocol that holds the token in URL-safe base64 without padding.

Scripts cannot send headers with a WebSocket, only subprotocols. A token that is a valid subprotocol may also be given
without encoding.
"""
NO_TOKEN = 4401
"""Code with which a WebSocket without a token is closed, after its handshake: browsers hide earlier reasons."""
READING = ("GET", "HEAD", "OPTIONS")
"""Methods that change nothing."""

_MISSING = "the token is missing or wrong"
_FOREIGN = "a request with the session cookie must come from a page of this server"


@dataclass(frozen=True)
class Identity:
    """Decides whether the sender of a request has the token.

    Args:
        token: None: none is required.
    """

    token: str | None
    sessions: Sessions

    @classmethod
    def of(cls, token: str | None) -> Identity:
        return cls(token, Sessions(token))

    def is_known(self, scope: Scope) -> bool:
        """Whether a request has the token or the cookie of a login, or needs neither."""
        return self._has_token(scope) or self.sessions.holds(scope)

    def refusal(self, scope: Scope) -> HTTPStatus | None:
        """Why a request is refused: 401 without token and cookie, 403 if only a cookie opens what a page of another
        server asks for. None: it is answered."""
        if scope["path"] in OPEN or self._has_token(scope):
            return None
        if not self.sessions.holds(scope):
            return HTTPStatus.UNAUTHORIZED
        reads = scope["type"] == "http" and scope["method"] in READING
        return None if reads or _is_of_own_page(scope) else HTTPStatus.FORBIDDEN

    def _has_token(self, scope: Scope) -> bool:
        return any(token_matches(one, self.token) for one in (None, *_tokens(scope)))


class Authentication:
    """Answers only requests that `Identity` does not refuse."""

    def __init__(self, app: ASGIApp, identity: Identity) -> None:
        self._app, self._identity = app, identity

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or (status := self._identity.refusal(scope)) is None:
            await self._app(scope, receive, send)
        elif status == HTTPStatus.FORBIDDEN:
            await refuse(scope, send, status, _FOREIGN)
        elif scope["type"] == "websocket":
            await receive()
            # A browser drops a connection that accepts none of the subprotocols that it offered, without the reason.
            offered = (name for name in scope.get("subprotocols", []) if not name.startswith(TOKEN_PREFIX))
            await send({"type": "websocket.accept", "subprotocol": next(offered, None)})
            await send({"type": "websocket.close", "code": NO_TOKEN, "reason": _MISSING})
        else:
            await refuse(scope, send, status, _MISSING, (b"www-authenticate", b"Bearer"))


def token_matches(given: str | None, expected: str | None) -> bool:
    """Whether the given token is the expected one; always true if none is expected. Takes constant time."""
    if expected is None:
        return True
    return given is not None and hmac.compare_digest(given.encode(errors="replace"), expected.encode())


def _is_of_own_page(scope: Scope) -> bool:
    """Whether a page of the application itself sends a request: browsers say it, and scripts cannot change it."""
    origins = list(headers(scope, b"origin"))
    if origins:
        return all(is_own_origin(scope, origin) for origin in origins)
    return header(scope, b"sec-fetch-site") == "same-origin"


def _tokens(scope: Scope) -> list[str]:
    """The candidates for the token in a request or in a WebSocket's handshake."""
    scheme, _, given = header(scope, b"authorization").partition(" ")
    found = [given.strip()] if scheme.lower() == "bearer" else []
    for name in scope.get("subprotocols", []) if scope["type"] == "websocket" else []:
        if name.startswith(TOKEN_PREFIX):
            text = name.removeprefix(TOKEN_PREFIX)
            found.append(text)
            with suppress(binascii.Error, ValueError):
                found.append(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode())
    return found
