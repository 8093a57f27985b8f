"""A feed with a store, boards that a test writes on, and a real server on loopback. No Ray."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import SecretStr
from websockets.asyncio.client import ClientConnection, connect

from serve_app.feed import Feed, router
from serve_app.feed.protocol import server_message
from tests.store.samples import complete, epoch, spec, start
from tuner.errors import UnknownStudyError
from tuner.events import BatchProgress, ResourceSample, StudyStatus
from tuner.store import Lease, Store

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
        self._put(study, value)

    def resources(self, study: str, trial: int, cpu_percent: float) -> None:
        self._put(study, ResourceSample(trial_number=trial, node="n", cpu_percent=cpu_percent, memory_bytes=1))

    def _put(self, study: str, value: BatchProgress | ResourceSample) -> None:
        shown = self.shown.setdefault(study, {})
        shown[value.type, value.trial_number] = value.model_dump(mode="json")


@dataclass
class Replica:
    """One served application."""

    feed: Feed
    port: int

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


def settings(token: str | None = None, origins: tuple[str, ...] = ()) -> SimpleNamespace:
    return SimpleNamespace(api_token=None if token is None else SecretStr(token), allowed_origins=origins)


def application(feed: Feed, options: SimpleNamespace) -> FastAPI:
    app = FastAPI()
    app.include_router(router(SimpleNamespace(settings=options, store=feed.store, feed=feed)))

    @app.exception_handler(UnknownStudyError)
    def unknown(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, 404)

    return app


@contextmanager
def served(store: Store, boards: ScriptedBoards, options: SimpleNamespace) -> Iterator[Replica]:
    """A replica behind a real server, in a thread of its own."""
    feed = Feed(store, boards)
    config = uvicorn.Config(application(feed, options), port=0, log_level="error", ws="websockets-sansio")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), name="replica")
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            thread.join(0.01)
        port: int = server.servers[0].sockets[0].getsockname()[1]
        yield Replica(feed, port)
    finally:
        server.force_exit = server.should_exit = True
        thread.join()


@pytest.fixture
def boards() -> ScriptedBoards:
    return ScriptedBoards()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'tuner.db'}") as opened:
        yield opened


@pytest.fixture
def serve(store: Store, boards: ScriptedBoards) -> Iterator[Callable[..., Replica]]:
    """Starts replicas on the store; all have ended when the test has."""
    running = []

    def start_one(token: str | None = None, origins: tuple[str, ...] = ()) -> Replica:
        running.append(served(store, boards, settings(token, origins)))
        return running[-1].__enter__()

    yield start_one
    for one in reversed(running):
        one.__exit__(None, None, None)


@pytest.fixture
def replica(serve: Callable[..., Replica]) -> Replica:
    return serve()


@pytest.fixture
def study(store: Store) -> str:
    """A study that runs, with one trial that has trained one epoch: four events."""
    return running_study(store, "a")


def running_study(store: Store, name: str) -> str:
    store.create_study(spec(name, trials=5), folder=f"/results/{name}")
    store.take_lease(name, Lease.of_this_process())
    for event in (StudyStatus(status="running"), start(1), epoch(1), start(2)):
        store.append(name, event)
    return name


def train(store: Store, study: str, epochs: range, trial: int = 1) -> None:
    for number in epochs:
        store.append(study, epoch(number, number=trial))


def end_trial(store: Store, study: str, trial: int = 1) -> None:
    store.append(study, complete(trial))
