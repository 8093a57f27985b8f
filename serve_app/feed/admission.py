"""Who may open a WebSocket: HTTP middleware does not see them, and browsers cannot give them a header.

A browser opens a WebSocket to any server for any page, with no question asked: so pages of foreign origins are refused.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from serve_app.feed.protocol import SUBPROTOCOL

TOKEN_PREFIX = "tuner.token."
"""A subprotocol that begins so gives the token, in URL-safe base64 without padding: all that a browser can give."""


def origin_allowed(headers: Headers, allowed: Collection[str]) -> bool:
    """Whether whoever asks is no web page, a page of this server, or one of an allowed origin."""
    origin = headers.get("origin")
    if origin is None:
        return True
    origin = origin.lower()
    return origin in {known.lower() for known in allowed} or urlsplit(origin).netloc == headers.get("host", "").lower()


def token_given(headers: Headers, subprotocols: Sequence[str]) -> str | None:
    """The token of a request, by `Authorization: Bearer` or by subprotocol; None: there is none."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    for offered in subprotocols:
        if offered.startswith(TOKEN_PREFIX):
            text = offered.removeprefix(TOKEN_PREFIX)
            try:
                return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
            except (binascii.Error, UnicodeDecodeError):
                return None
    return None


def chosen(subprotocols: Sequence[str]) -> str | None:
    """The subprotocol that the server answers with; None: it was not offered."""
    return SUBPROTOCOL if SUBPROTOCOL in subprotocols else None


def speaks_this_version(subprotocols: Sequence[str]) -> bool:
    """False where the client names versions of the feed, and this one is not among them."""
    versions = [offered for offered in subprotocols if offered.startswith("tuner.feed.")]
    return not versions or SUBPROTOCOL in versions
