"""Who may open a WebSocket: HTTP middleware does not see them, and browsers cannot give them a header.

A browser opens a WebSocket to any server for any page, with no question asked: so pages of foreign origins are refused.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Sequence
from contextlib import suppress
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from serve_app.feed.protocol import SUBPROTOCOL

TOKEN_PREFIX = "tuner.token."
"""A subprotocol that begins so gives the token, in URL-safe base64 without padding: all that a browser can give. A
token that may stand in a subprotocol as it is may also be given so."""


def origin_allowed(headers: Headers, allowed: Collection[str]) -> bool:
    """Whether whoever asks is no web page, a page of this server, or one of an allowed origin."""
    origin = headers.get("origin")
    if origin is None:
        return True
    origin = origin.lower()
    return origin in {known.lower() for known in allowed} or urlsplit(origin).netloc == headers.get("host", "").lower()


def tokens_given(headers: Headers, subprotocols: Sequence[str]) -> list[str]:
    """All that may be meant as the token of a request: by `Authorization: Bearer` or by subprotocol."""
    found = []
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        found.append(token.strip())
    for offered in subprotocols:
        if offered.startswith(TOKEN_PREFIX):
            text = offered.removeprefix(TOKEN_PREFIX)
            found.append(text)
            with suppress(binascii.Error, UnicodeDecodeError):
                found.append(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode())
    return found


def chosen(subprotocols: Sequence[str]) -> str | None:
    """The subprotocol that the server answers with; None: it was not offered."""
    return SUBPROTOCOL if SUBPROTOCOL in subprotocols else None


def speaks_this_version(subprotocols: Sequence[str]) -> bool:
    """False where the client names versions of the feed, and this one is not among them."""
    versions = [offered for offered in subprotocols if offered.startswith("tuner.feed.")]
    return not versions or SUBPROTOCOL in versions
