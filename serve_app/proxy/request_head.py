"""Bounds the head of a request (its first line and its headers) in size and in time.

Uvicorn reads heads of any length for any time: one client could fill the memory, or hold connections without end.
Bodies are the application's business: see `serve_app.security.BodyLimit`.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

import uvicorn.config
from starlette.types import Scope
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from serve_app.problem_document import MEDIA_TYPE, problem_text

HEAD_BYTES = 64 * 1024
HEAD_S = 15.0
"""Longest time from a connection, or from the first byte of a further request on it, to the end of the head."""


def limit_request_heads() -> None:
    """Let every server that this process starts from now on bound the heads of its requests.

    Ray Serve starts its server with the protocol class "auto" and has no option for another one.
    """
    uvicorn.config.HTTP_PROTOCOLS["auto"] = f"{__name__}:BoundedHeadProtocol"


def head_bytes(scope: Scope) -> int:
    """The size of a request's head without its separators."""
    path = len(scope.get("raw_path") or b"") + len(scope.get("query_string", b""))
    return path + sum(len(name) + len(value) for name, value in scope["headers"])


class BoundedHeadProtocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """Uvicorn's protocol for one connection. Ends the connection if a head is too long or does not arrive in time.

    A head that arrives whole is checked by `ProxyAnswers`, whatever its length.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadline: asyncio.TimerHandle | None = None
        self._received = 0
        """Bytes of the unfinished head."""
        self._upgraded = False
        """Whether the connection is a WebSocket now, which has another protocol."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._begin_head()

    def data_received(self, data: bytes) -> None:
        before = self.cycle
        between = before is None or before.response_complete
        if between and self._deadline is None:
            self._begin_head()
        super().data_received(data)
        if self._upgraded or not between:
            return
        if self.cycle is not before:
            self._end_head()
            return
        self._received += len(data)
        rest_of_body = before is not None and before.more_body  # of a request that was answered before its end
        if self._received > HEAD_BYTES and not rest_of_body:
            self._refuse(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"the headers are longer than {HEAD_BYTES:,} bytes"
            )

    def handle_websocket_upgrade(self, *args: Any) -> None:
        self._upgraded = True
        self._end_head()
        super().handle_websocket_upgrade(*args)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_head()
        super().connection_lost(exc)

    def _begin_head(self) -> None:
        self._received = 0
        self._deadline = self.loop.call_later(HEAD_S, self._too_late)

    def _end_head(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_late(self) -> None:
        if self._received and not (self.cycle is not None and self.cycle.more_body):
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, f"the headers did not arrive within {HEAD_S:g} s")
        elif not self.transport.is_closing():
            self.transport.close()

    def _refuse(self, status: HTTPStatus, detail: str) -> None:
        self._end_head()
        if self.transport.is_closing():
            return
        body = problem_text(status, detail)
        head = (
            f"HTTP/1.1 {status} {status.phrase}\r\ncontent-type: {MEDIA_TYPE}\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()
