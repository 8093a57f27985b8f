"""The live feed over HTTP: WS /ws (all studies), WS /ws/jobs/{id} and server-sent events at GET /jobs/{id}/events."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Header, Path, Query
from pydantic import SecretStr, ValidationError
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from serve_app.feed import admission
from serve_app.feed.cursor import Cursor
from serve_app.feed.feed import Feed
from serve_app.feed.protocol import CURSOR, Resume
from serve_app.feed.telling import EventStream, close, tell_websocket
from serve_app.security import token_matches
from tuner.errors import UnknownStudyError
from tuner.store import Store

RESUME_S = 10.0
"""How long a client that said it would resume may take to say where."""


class FeedSettings(Protocol):
    """What the environment decides."""

    @property
    def allowed_origins(self) -> Sequence[str]: ...
    @property
    def api_token(self) -> SecretStr | None: ...


class FeedServices(Protocol):
    """What the feed's routes need of the application."""

    @property
    def settings(self) -> FeedSettings: ...
    @property
    def store(self) -> Store: ...
    @property
    def feed(self) -> object:
        """The `Feed` to tell from; anything else: the routes make one of their own, on the store."""


def router(services: FeedServices) -> APIRouter:
    """The feed's routes. Who may call the HTTP one is decided by the application; WebSockets are admitted here."""
    routes = APIRouter()
    feed = services.feed if isinstance(services.feed, Feed) else Feed(services.store)

    @routes.websocket("/ws")
    async def all_studies(websocket: WebSocket) -> None:
        if not await _admit(websocket, services.settings):
            return
        after = None
        if websocket.query_params.get("resume") == "true":
            after = await _resume(websocket)
            if after is None:
                return
        await tell_websocket(websocket, feed, None, after)

    @routes.websocket("/ws/jobs/{id}")
    async def one_study(websocket: WebSocket, name: Annotated[str, Path(alias="id")]) -> None:
        if not await _admit(websocket, services.settings):
            return
        given = websocket.query_params.get("after")
        try:
            after = None if given is None else {name: Cursor.parse(given)}
        except ValueError as error:
            await close(websocket, 4400, str(error))
            return
        await tell_websocket(websocket, feed, name, after)

    @routes.get(
        "/jobs/{id}/events",
        response_class=Response,
        responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
        tags=["live feed"],
    )
    async def events(
        name: Annotated[str, Path(alias="id", max_length=80, description="Name of the study.")],
        after: Annotated[str | None, Query(pattern=f"^{CURSOR}$", description="Last cursor of a lost stream.")] = None,
        last_event_id: Annotated[str | None, Header(description="The same, as browsers give it.")] = None,
    ) -> Response:
        """The study's live feed as server-sent events (`curl -N`): a snapshot, then what happens. Never ends."""
        at = _cursor(last_event_id) or _cursor(after)
        if await feed.look(name) is None:
            raise UnknownStudyError(f"unknown study {name!r}", remedy="see GET /jobs")
        return EventStream(feed, name, at)

    return routes


async def _admit(websocket: WebSocket, settings: FeedSettings) -> bool:
    """Accept the client if it may come in; else it is told why."""
    headers, offered = websocket.headers, websocket.scope.get("subprotocols", [])
    if not admission.origin_allowed(headers, settings.allowed_origins):
        await websocket.close()  # not accepted yet: HTTP 403
        return False
    await websocket.accept(subprotocol=admission.chosen(offered))
    expected = None if settings.api_token is None else settings.api_token.get_secret_value()
    given = (None, *admission.tokens_given(headers, offered))
    if not any(token_matches(one, expected) for one in given):
        await close(websocket, 4401, "the token is missing or wrong")
    elif not admission.speaks_this_version(offered):
        await close(websocket, 4406, "this server speaks another version of the feed")
    else:
        return True
    return False


async def _resume(websocket: WebSocket) -> dict[str, Cursor] | None:
    """Where the client says that it was; None: it says nothing of the kind, and was told so."""
    try:
        async with asyncio.timeout(RESUME_S):
            said: Any = await websocket.receive_text()
        after = Resume.model_validate_json(said).after
        return {study: Cursor.parse(cursor) for study, cursor in after.items()}
    except TimeoutError:
        await close(websocket, 4400, f"no resume message within {RESUME_S:g} s")
    except (ValidationError, KeyError):  # KeyError: it sent bytes
        await close(websocket, 4400, 'say {"type": "resume", "after": {"STUDY": "CURSOR"}} first')
    except WebSocketDisconnect:
        pass
    return None


def _cursor(text: str | None) -> Cursor | None:
    """None too for what is no cursor: a browser gives back whatever it was told last, perhaps by another server."""
    try:
        return None if text is None else Cursor.parse(text)
    except ValueError:
        return None
