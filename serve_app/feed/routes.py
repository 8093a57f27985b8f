"""The live feed over HTTP: WS /ws (all studies), WS /ws/jobs/{id} and server-sent events at GET /jobs/{id}/events.

Who may connect is decided before these are reached (`serve_app.security`).
"""

from __future__ import annotations

import asyncio
import re
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query
from pydantic import ValidationError
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from serve_app.feed.cursor import Cursor
from serve_app.feed.feed import Feed
from serve_app.feed.protocol import CURSOR, SUBPROTOCOL, SUBPROTOCOLS, Resume
from serve_app.feed.transport import EventStream, close, tell_websocket
from serve_app.problems import responses
from serve_app.routes.common import StudyId
from tuner.errors import UnknownStudyError
from tuner.spec_parts import NAME

RESUME_S = 10.0
"""How long a client that said it would resume may take to say where."""


def router(feed: Feed) -> APIRouter:
    """The routes of the feed."""
    routes = APIRouter(tags=["live feed"])

    @routes.websocket("/ws")
    async def all_studies(websocket: WebSocket) -> None:
        if not await _accept(websocket):
            return
        after = None
        if websocket.query_params.get("resume") == "true":
            after = await _resume(websocket)
            if after is None:
                return
        await tell_websocket(websocket, feed, None, after)

    @routes.websocket("/ws/jobs/{id}")
    async def one_study(websocket: WebSocket, name: Annotated[str, Path(alias="id")]) -> None:
        if not await _accept(websocket):
            return
        if not re.fullmatch(NAME, name):
            await close(websocket, 4404, f"{name!r} is no study's name")
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
        responses=responses(404)
        | {200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "Events, for ever."}},
    )
    async def events(
        name: StudyId,
        after: Annotated[str | None, Query(pattern=f"^{CURSOR}$", description="Last cursor of a lost stream.")] = None,
        last_event_id: Annotated[str | None, Header(description="The same, as browsers give it.")] = None,
    ) -> Response:
        """The study's live feed as server-sent events (`curl -N`): a snapshot, then what happens. Never ends."""
        at = _cursor(last_event_id) or _cursor(after)
        if await feed.look(name) is None:
            raise UnknownStudyError(f"unknown study {name!r}", remedy="see GET /jobs")
        return EventStream(feed, name, at)

    return routes


async def _accept(websocket: WebSocket) -> bool:
    """Accept a client that speaks this version, or names none; another one is told that it cannot be served."""
    versions = [offered for offered in websocket.scope.get("subprotocols", []) if offered.startswith(SUBPROTOCOLS)]
    if not versions or SUBPROTOCOL in versions:
        await websocket.accept(subprotocol=SUBPROTOCOL if versions else None)
        return True
    await websocket.accept(subprotocol=versions[0])  # a browser is told nothing by who chooses none that it offered
    await close(websocket, 4406, "this server speaks another version of the feed")
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
