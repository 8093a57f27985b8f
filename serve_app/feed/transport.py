"""Sends a client the messages of its subscription, over a WebSocket or as server-sent events.

The next message is computed when the client has taken the last one. A client that takes none for too long is
disconnected, and a client that disconnects is noticed at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from serve_app.feed.cursor import Cursor
from serve_app.feed.feed import Feed
from serve_app.feed.message import Message
from serve_app.feed.subscription import StudyGoneError, Subscription
from tuner.errors import FixInputError, TryAgainError, UnknownStudyError

TAKE_S = 30.0
"""Longest time that a client may take for one message."""
_CLOSE_S = 2.0
RETRY_MS = 1000
"""Time that a browser waits before it connects again."""


async def send_to_websocket(
    websocket: WebSocket,
    feed: Feed,
    study: str | None,
    after: dict[str, Cursor] | None,
    *,
    only_running: bool = False,
) -> None:
    """Send messages to the client of an accepted WebSocket until it disconnects or the replica ends, then close."""

    async def send(message: Message) -> None:
        await websocket.send_text(message.text)

    async def disconnected() -> None:
        while (await websocket.receive())["type"] != "websocket.disconnect":
            pass  # this version has no messages of clients here
        raise WebSocketDisconnect

    with feed.subscribe(study, after, only_running=only_running) as subscription:
        try:
            await _first_of(_send_all(subscription, send), disconnected(), feed.ending.wait())
            await close(websocket, 1012, "the server shuts down")
        except UnknownStudyError as error:
            await close(websocket, 4404, str(error))
        except StudyGoneError:
            await close(websocket, 4404, "the study was deleted")
        except (FixInputError, TryAgainError):
            await close(websocket, 1012, "the database cannot be read")
        except TimeoutError:
            await close(websocket, 4408, "too slow")
        except WebSocketDisconnect:
            return


async def close(websocket: WebSocket, code: int, reason: str) -> None:
    """Close a WebSocket; do not wait long for a client that may not respond."""
    with suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
        async with asyncio.timeout(_CLOSE_S):
            await websocket.close(code, reason.encode()[:120].decode(errors="ignore"))


class EventStream(Response):
    """Response with the server-sent events of one study."""

    media_type = "text/event-stream"

    def __init__(self, feed: Feed, study: str, after: Cursor | None, *, only_running: bool = False) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._feed, self._study, self._after, self._only_running = feed, study, after, only_running

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def write(text: str, more: bool = True) -> None:
            await send({"type": "http.response.body", "body": text.encode(), "more_body": more})

        async def disconnected() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass

        with self._feed.connection() as free:
            if not free:
                raise TryAgainError("the server has too many clients of the feed", remedy="try again later")
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            await write(f"retry: {RETRY_MS}\n\n")
            after = None if self._after is None else {self._study: self._after}
            # A stream cannot say why it ends; the status of the next request does.
            ended = suppress(FixInputError, TryAgainError, StudyGoneError, TimeoutError, OSError)
            with ended, self._feed.subscribe(self._study, after, only_running=self._only_running) as subscription:
                sent = _send_all(subscription, lambda message: write(as_event(message)))
                await _first_of(sent, disconnected(), self._feed.ending.wait())
            with suppress(TimeoutError, OSError):
                async with asyncio.timeout(_CLOSE_S):
                    await write("", more=False)


def as_event(message: Message) -> str:
    if message.type == "alive":
        return ": alive\n\n"
    place = "" if message.cursor is None else f"id: {message.cursor}\n"
    return f"event: {message.type}\n{place}data: {message.text}\n\n"


async def _send_all(subscription: Subscription, send: Callable[[Message], Awaitable[None]]) -> None:
    """Send all messages. Raises TimeoutError if the client does not take one in time."""
    async with aclosing(subscription.messages()) as messages:
        async for message in messages:
            async with asyncio.timeout(TAKE_S):
                await send(message)


async def _first_of(*ways: Awaitable[object]) -> None:
    """Return when the first of these ends, or raise its error; the others are cancelled."""
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
