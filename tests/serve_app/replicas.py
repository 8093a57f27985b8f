"""Replicas of the application behind real servers on loopback, and clients of their feed. No Ray."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from websockets.asyncio.client import ClientConnection, connect

from serve_app.app import make_app
from serve_app.feed import Feed
from serve_app.feed.protocol import server_message
from serve_app.services import Services
from tuner.events import BatchProgress, ResourceSample

WAIT_S = 30.0
"""A busy machine is slow, not wrong."""


class ScriptedBoards:
    """Shows what a test puts on it."""

    def __init__(self) -> None:
        self.shown: dict[str, dict[tuple[str, int], dict[str, Any]]] = {}
        self.asked = 0

    async def samples(self, study: str) -> list[dict[str, Any]]:
        self.asked += 1
        return list(self.shown.get(study, {}).values())

    def batch(self, study: str, trial: int, batch: int, epoch: int = 1) -> None:
        value = BatchProgress(trial_number=trial, epoch=epoch, epochs=10, batch=batch, batches=1000, loss=0.5)
        self.put(study, value)

    def resources(self, study: str, trial: int, cpu_percent: float) -> None:
        self.put(study, ResourceSample(trial_number=trial, node="n", cpu_percent=cpu_percent, memory_bytes=1))

    def put(self, study: str, value: BatchProgress | ResourceSample) -> None:
        shown = self.shown.setdefault(study, {})
        shown[value.type, value.trial_number] = value.model_dump(mode="json")


@dataclass
class Replica:
    """One served application."""

    feed: Feed
    port: int
    loop: asyncio.AbstractEventLoop

    def end(self) -> None:
        """Tell it that it is about to be shut down, as `tuner serve` does."""
        self.loop.call_soon_threadsafe(self.feed.ending.set)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def connect(self, path: str, **options: Any) -> AsyncIterator[Client]:
        async with connect(f"ws://127.0.0.1:{self.port}{path}", **options) as socket:
            yield Client(socket)


@dataclass
class Client:
    """A WebSocket client that checks whatever it is told against the protocol."""

    socket: ClientConnection
    told: list[dict[str, Any]] = field(default_factory=list)

    async def next(self, *types: str) -> dict[str, Any]:
        """The next message of one of these types (none: of any), the others put aside in `told`."""
        while True:
            async with asyncio.timeout(WAIT_S):
                text = await self.socket.recv()
            server_message.validate_json(text)
            message: dict[str, Any] = json.loads(text)
            self.told.append(message)
            if not types or message["type"] in types:
                return message

    async def until(self, sequence: int) -> list[dict[str, Any]]:
        """All durable messages up to a number."""
        found: list[dict[str, Any]] = []
        while not found or found[-1]["sequence"] < sequence:
            message = await self.next()
            if "sequence" in message and message["type"] != "snapshot":
                found.append(message)
        return found


@contextmanager
def listening(services: Services, port: int = 0) -> Iterator[Replica]:
    """The application behind a real server, in a thread of its own; port 0 is any free one."""
    config = uvicorn.Config(make_app(services), port=port, log_level="error", ws="websockets-sansio")
    server = uvicorn.Server(config)
    loop = asyncio.new_event_loop()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(server.serve())

    thread = threading.Thread(target=run, name="replica")
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            thread.join(0.01)
        yield Replica(services.feed, server.servers[0].sockets[0].getsockname()[1], loop)
    finally:
        server.force_exit = server.should_exit = True
        thread.join()
