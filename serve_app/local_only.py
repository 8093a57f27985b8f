"""Closes an application without a token to other machines, however Ray Serve was told to listen.

`tuner serve` refuses to listen there at all; a cluster's Serve listens where its own configuration says.
"""

from __future__ import annotations

import json

from starlette.types import ASGIApp, Receive, Scope, Send

from serve_app.settings import is_local

_SAID = {
    "type": "about:blank",
    "title": "Forbidden",
    "status": 403,
    "detail": "without a token this application answers its own machine only - set TUNER_API_TOKEN where it is served",
}


class LocalOnly:
    """Lets through what came in by an address that no other machine reaches, and nothing else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or _is_local(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "local only"})
        else:
            headers = [(b"content-type", b"application/problem+json")]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": json.dumps(_SAID).encode()})


def _is_local(scope: Scope) -> bool:
    """By this machine's end of the connection: the other end says nothing about who may connect."""
    server = scope.get("server")
    return server is not None and is_local(server[0])
