"""HTTP methods: HEAD works wherever GET does, and a method that is not allowed is answered with all that are."""

from __future__ import annotations

import asyncio

from fastapi import Request
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def allowed_methods(request: Request) -> list[str]:
    """The methods that the path of a request has. Starlette names those of one route, and a path may have several."""
    place = {name: request.scope[name] for name in ("type", "path", "root_path") if name in request.scope}
    found = []
    for method in _METHODS:
        if any(route.matches({**place, "method": method})[0] is Match.FULL for route in request.app.routes):
            found += ["GET", "HEAD"] if method == "GET" else [method]
    return found


class HeadRequests:
    """Middleware that answers HEAD as GET is answered, without the body.

    Once the headers are sent, the route sees its client leave: the body of a live feed would never end.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        answered = asyncio.Event()

        async def headers_only(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b""})
                answered.set()

        async def until_answered() -> Message:
            ways = asyncio.ensure_future(receive()), asyncio.ensure_future(answered.wait())
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                return {"type": "http.disconnect"} if answered.is_set() else ways[0].result()
            finally:
                for way in ways:
                    way.cancel()

        await self._app({**scope, "method": "GET"}, until_answered, headers_only)
