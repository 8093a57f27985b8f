"""The live feed over HTTP: WS /ws (all studies), WS /ws/jobs/{id} and server-sent events at GET /jobs/{id}/events.

`serve_app.security` decides who may connect, before these routes are reached.
"""

from __future__ import annotations

import asyncio
import json
import re
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Path, Query
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from serve_app.feed.cursor import Cursor
from serve_app.feed.feed import Feed
from serve_app.feed.protocol import CURSOR, RESUME_STUDIES, Resume
from serve_app.feed.transport import EventStream, close, send_to_websocket
from serve_app.problems import responses
from serve_app.routes.common import StudyId
from serve_app.routing import new_routes
from serve_app.socket_protocol import CLOSED, SUBPROTOCOL, SUBPROTOCOLS
from tuner.errors import UnknownStudyError, nearest
from tuner.spec_parts import NAME

RESUME_S = 10.0
"""Longest wait for the first message of a client that resumes."""
RESUME_CHARACTERS = 2 * 2**20
"""Longest first message of a client that resumes: reading it delays all other clients."""


OnlyRunning = Annotated[
    Literal["running"] | None,
    Query(alias="trials", description="running: the snapshot has only the trials that run now. Default: all trials."),
]


def router(feed: Feed) -> APIRouter:
    routes = new_routes(tags=["live feed"])

    @routes.websocket("/ws")
    async def all_studies(websocket: WebSocket) -> None:
        with feed.connection() as free:
            if not await _accept(websocket, "resume", free=free):
                return
            after = None
            if websocket.query_params.get("resume") == "true":
                after = await _resume(websocket)
                if after is None:
                    return
            await send_to_websocket(websocket, feed, None, after)

    @routes.websocket("/ws/jobs/{id}")
    async def one_study(websocket: WebSocket, name: Annotated[str, Path(alias="id")]) -> None:
        with feed.connection() as free:
            if not await _accept(websocket, "after", "trials", free=free):
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
            only_running = websocket.query_params.get("trials")
            if only_running not in (None, "running"):
                await close(websocket, 4400, f"trials={only_running!r} is unknown: use trials=running, or leave it out")
                return
            await send_to_websocket(websocket, feed, name, after, only_running=only_running is not None)

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
        only_running: OnlyRunning = None,
        last_event_id: Annotated[str | None, Header(description="Last cursor, as browsers send it.")] = None,
    ) -> Response:
        """Stream a study's live feed as server-sent events (`curl -N`): a snapshot, then each event. Never ends."""
        at = _cursor(last_event_id) or _cursor(after)
        if await feed.look(name) is None:
            raise UnknownStudyError(f"unknown study {name!r}", remedy="see GET /jobs")
        return EventStream(feed, name, at, only_running=only_running is not None)

    return routes


async def _accept(websocket: WebSocket, *parameters: str, free: bool) -> bool:
    """Accept a client of this version with no other query parameters; close any other connection with the reason.

    Args:
        free: Whether the feed takes another client.
    """
    versions = [offered for offered in websocket.scope.get("subprotocols", []) if offered.startswith(SUBPROTOCOLS)]
    if versions and SUBPROTOCOL not in versions:
        await websocket.accept(subprotocol=versions[0])  # a browser hides the reason if its subprotocols are refused
        await close(websocket, 4406, "this server uses another version of the feed")
        return False
    await websocket.accept(subprotocol=SUBPROTOCOL if versions else None)
    if not free:
        await close(websocket, 1013, CLOSED[1013])
        return False
    for name in websocket.query_params:
        if name not in parameters:
            await close(websocket, 4400, f"unknown parameter {name!r}: {nearest(name, parameters)}")
            return False
    return True


async def _resume(websocket: WebSocket) -> dict[str, Cursor] | None:
    """The positions in a client's resume message; None: it sent no valid one, and the connection was closed."""
    try:
        async with asyncio.timeout(RESUME_S):
            text = await websocket.receive_text()
        return _positions(text)
    except TimeoutError:
        await close(websocket, 4400, f"no resume message within {RESUME_S:g} s")
    except (ValueError, RecursionError, KeyError):  # KeyError: it sent bytes
        await close(websocket, 4400, 'the first message must be {"type": "resume", "after": {"STUDY": "CURSOR"}}')
    except WebSocketDisconnect:
        pass
    return None


def _positions(text: str) -> dict[str, Cursor]:
    """The positions in a resume message. Raises ValueError or RecursionError for another message."""
    if len(text) > RESUME_CHARACTERS:
        raise ValueError("the message is too long")
    match json.loads(text):
        # Checked first, since Pydantic would collect an error for each of a million keys.
        case {"after": dict(after), **others} if len(after) <= RESUME_STUDIES and len(others) <= 1:
            checked = Resume.model_validate({"after": after, **others})
            return {study: Cursor.parse(cursor) for study, cursor in checked.after.items()}
    raise ValueError("the message is no resume message")


def _cursor(text: str | None) -> Cursor | None:
    """The cursor; None for an invalid one, since a browser sends back the last id of any server."""
    try:
        return None if text is None else Cursor.parse(text)
    except ValueError:
        return None
