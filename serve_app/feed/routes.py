"""The live feed over HTTP: WS /ws (all studies), WS /ws/jobs/{id} and server-sent events at GET /jobs/{id}/events.

`serve_app.security` decides who may connect, before these routes are reached.
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
from serve_app.feed.transport import EventStream, close, send_to_websocket
from serve_app.problems import responses
from serve_app.routes.common import StudyId
from tuner.errors import UnknownStudyError
from tuner.spec_parts import NAME

RESUME_S = 10.0
"""Longest wait for the first message of a client that resumes."""
RESUME_BYTES = 2 * 2**20
"""Longest first message: it names up to 10,000 studies, each with its cursor. A longer one is not read."""


def router(feed: Feed) -> APIRouter:
    routes = APIRouter(tags=["live feed"])

    @routes.websocket("/ws")
    async def all_studies(websocket: WebSocket) -> None:
        if not await _accept(websocket, "resume"):
            return
        after = None
        if websocket.query_params.get("resume") == "true":
            after = await _resume(websocket)
            if after is None:
                return
        await send_to_websocket(websocket, feed, None, after)

    @routes.websocket("/ws/jobs/{id}")
    async def one_study(websocket: WebSocket, name: Annotated[str, Path(alias="id")]) -> None:
        if not await _accept(websocket, "after"):
            return
        if not re.fullmatch(NAME, name):
            await close(websocket, 4404, f"{name!r} is not the name of a study")
            return
        given = websocket.query_params.get("after")
        try:
            after = None if given is None else {name: Cursor.parse(given)}
        except ValueError as error:
            await close(websocket, 4400, str(error))
            return
        await send_to_websocket(websocket, feed, name, after)

    @routes.get(
        "/jobs/{id}/events",
        response_class=Response,
        responses=responses(404)
        | {
            200: {
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
                "description": "Server-sent events, without end.",
            }
        },
    )
    async def events(
        name: StudyId,
        after: Annotated[
            str | None, Query(pattern=f"^{CURSOR}$", description="Last cursor of a lost connection.")
        ] = None,
        last_event_id: Annotated[str | None, Header(description="Last cursor, as browsers send it.")] = None,
    ) -> Response:
        """Stream a study's live feed as server-sent events (`curl -N`): a snapshot, then each event. Never ends."""
        at = _cursor(last_event_id) or _cursor(after)
        if await feed.look(name) is None:
            raise UnknownStudyError(f"unknown study {name!r}", remedy="see GET /jobs")
        return EventStream(feed, name, at)

    return routes


async def _accept(websocket: WebSocket, parameter: str) -> bool:
    """Accept a client of this version with no other query parameter; close any other connection with the reason."""
    versions = [offered for offered in websocket.scope.get("subprotocols", []) if offered.startswith(SUBPROTOCOLS)]
    if versions and SUBPROTOCOL not in versions:
        await websocket.accept(subprotocol=versions[0])  # a browser hides the reason if its subprotocols are refused
        await close(websocket, 4406, "this server uses another version of the feed")
        return False
    await websocket.accept(subprotocol=SUBPROTOCOL if versions else None)
    for name in websocket.query_params:
        if name != parameter:
            await close(websocket, 4400, f"unknown parameter {name!r}: did you mean {parameter!r}?")
            return False
    return True


async def _resume(websocket: WebSocket) -> dict[str, Cursor] | None:
    """The positions in a client's resume message; None: it sent no valid one, and the connection was closed."""
    try:
        async with asyncio.timeout(RESUME_S):
            text: Any = await websocket.receive_text()
        if len(text) > RESUME_BYTES:
            await close(websocket, 4400, f"the first message is longer than {RESUME_BYTES:,} bytes")
            return None
        after = Resume.model_validate_json(text).after
        return {study: Cursor.parse(cursor) for study, cursor in after.items()}
    except TimeoutError:
        await close(websocket, 4400, f"no resume message within {RESUME_S:g} s")
    except (ValidationError, KeyError):  # KeyError: it sent bytes
        await close(websocket, 4400, 'the first message must be {"type": "resume", "after": {"STUDY": "CURSOR"}}')
    except WebSocketDisconnect:
        pass
    return None


def _cursor(text: str | None) -> Cursor | None:
    """The cursor; None for an invalid one, since a browser sends back the last id of any server."""
    try:
        return None if text is None else Cursor.parse(text)
    except ValueError:
        return None
