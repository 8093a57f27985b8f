"""The session cookie of the dashboard: who has sent the token once need not send it again.

Browsers send a cookie with everything that a page asks for: images, downloads, WebSockets. The cookie holds the time at
which it expires and a signature of that time. The key of the signature is derived from the token. So nothing is stored,
a session survives restarts, holds for every replica, and ends when the operator changes the token.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from functools import lru_cache

from starlette.types import Scope

from serve_app.scopes import header, headers

COOKIE = "tuner_session"
SESSION_S = 30 * 24 * 3600
"""How long a session lasts."""
TRIES, TRIES_S = 10, 60.0
"""Wrong tokens that one address may send to POST /login in this time; the next ones must wait."""
MOST_ADDRESSES = 10_000
"""Addresses with wrong tokens that a replica remembers."""

_VERSION = "1"
_SCRYPT = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}
"""Makes the derivation slow (50 ms), so that a stolen cookie does not reveal a short token by trying."""


class Sessions:
    """Issues and checks the cookies of one token.

    Args:
        token: None: no login is required, and no cookie is ever valid.
        now_s: The clock, in seconds since 1970.
    """

    def __init__(self, token: str | None, now_s: Callable[[], float] = time.time) -> None:
        self._token, self._now_s = token, now_s

    def issue(self) -> str:
        """The value of a new cookie. Call it only if a token is set."""
        expires = str(int(self._now_s()) + SESSION_S)
        return f"{_VERSION}.{expires}.{self._signature(expires)}"

    def is_valid(self, value: str) -> bool:
        """Whether the cookie was issued for this token and has not expired."""
        version, _, rest = value.partition(".")
        expires, _, signature = rest.partition(".")
        if self._token is None or version != _VERSION or not (expires.isascii() and expires.isdigit()):
            return False
        if len(expires) > 12 or not self._now_s() < int(expires) <= self._now_s() + SESSION_S:
            return False
        return hmac.compare_digest(signature.encode(errors="replace"), self._signature(expires).encode())

    def holds(self, scope: Scope) -> bool:
        """Whether a request or the handshake of a WebSocket has a valid cookie."""
        return any(self.is_valid(value) for value in _cookies(scope))

    def _signature(self, expires: str) -> str:
        assert self._token is not None
        return hmac.digest(_key(self._token), f"{_VERSION}.{expires}".encode(), "sha256").hex()


class LoginThrottle:
    """Limits how many wrong tokens an address may try. Each replica counts on its own.

    A right token has to wait too: otherwise the limit would not slow down guessing.
    """

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._wrong: OrderedDict[str, deque[float]] = OrderedDict()
        """Times of the last wrong tokens by address; the address that failed last is the last one."""

    def wait_s(self, scope: Scope) -> float:
        """How long the sender of a request must wait before the next try; 0: not at all."""
        times = self._wrong.get(_address(scope), deque())
        return max(0.0, times[0] + TRIES_S - self._now_s()) if len(times) == TRIES else 0.0

    def count_wrong(self, scope: Scope) -> None:
        """Remember that the sender of a request gave a wrong token."""
        address = _address(scope)
        self._wrong.setdefault(address, deque(maxlen=TRIES)).append(self._now_s())
        self._wrong.move_to_end(address)
        if len(self._wrong) > MOST_ADDRESSES:
            self._wrong.popitem(last=False)


def is_secure(scope: Scope) -> bool:
    """Whether the browser reached the application over TLS, which a proxy before it may have ended."""
    forwarded = header(scope, b"x-forwarded-proto").partition(",")[0].strip().lower()
    page = header(scope, b"origin").lower()
    return "https" in (scope["scheme"], forwarded) or page.startswith("https://")


@lru_cache(maxsize=8)
def _key(token: str) -> bytes:
    return hashlib.scrypt(token.encode(), salt=b"tuner session key", **_SCRYPT)


def _cookies(scope: Scope) -> list[str]:
    """The values of all session cookies of a request. A page of another port of this machine may have set one too."""
    found = []
    for line in headers(scope, b"cookie"):
        for part in line.split(";"):
            name, _, value = part.strip().partition("=")
            if name == COOKIE:
                found.append(value.strip('"'))
    return found


def _address(scope: Scope) -> str:
    """The address of a request's sender; of IPv6 its network, since one sender may have all of it."""
    client = scope.get("client")
    host = "" if client is None else str(client[0])
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else host
