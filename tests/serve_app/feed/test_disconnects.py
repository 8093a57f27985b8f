"""No durable event is lost and none comes twice, however connections break, clients stall and replicas change."""

from __future__ import annotations

import asyncio
import random
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, aclosing
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serve_app.feed import Feed, event_cache, log_follower, subscription
from serve_app.feed.cursor import Cursor
from serve_app.feed.message import Message
from tests.serve_app.replicas import WAIT_S, Replica, ScriptedBoards
from tests.store.samples import epoch, spec
from tuner.errors import TryAgainError
from tuner.store import Store


class Reader:
    """A client that knows what it was told, and refuses what is lost or doubled."""

    def __init__(self, feeds: list[Feed], study: str) -> None:
        self._feeds, self._study = feeds, study
        self.known = 0
        self.cursor: Cursor | None = None
        self._connection: ExitStack | None = None
        self._messages: Any = None

    def connect(self, replica: int) -> None:
        self.disconnect()
        after = None if self.cursor is None else {self._study: self.cursor}
        self._connection = ExitStack()
        subscribed = self._connection.enter_context(self._feeds[replica].subscribe(self._study, after))
        self._messages = subscribed.messages()

    def disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    async def read(self, up_to: int) -> None:
        """Take messages until the event of that number is known."""
        if self._connection is None:
            self.connect(0)
        async with asyncio.timeout(WAIT_S):
            while self.known < up_to:
                self.take(await anext(self._messages))

    def take(self, message: Message) -> None:
        if message.cursor is None:
            return
        if message.type == "snapshot":
            assert message.cursor.sequence >= self.known, "a snapshot goes back"
        else:
            assert message.cursor.sequence == self.known + 1, "lost or doubled"
        self.known, self.cursor = message.cursor.sequence, message.cursor


actions = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.just(0), st.integers(1, 12)),
        st.tuples(st.just("read"), st.integers(0, 1), st.integers(1, 8)),
        st.tuples(st.just("connect"), st.integers(0, 1), st.integers(0, 1)),
        st.tuples(st.just("disconnect"), st.integers(0, 1), st.just(0)),
    ),
    max_size=16,
)
"""What happens, to which of two clients, and how many events or which replica."""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store.open(f"sqlite:///{Path(tmp_path_factory.mktemp('feed')) / 'tuner.db'}") as store:
        yield store


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    actions=actions,
    missed=st.sampled_from([5, 10_000]),
    kept=st.sampled_from([1, 2, 4, 256]),
    chunk=st.sampled_from([1, 3, 200]),
)
def test_however_clients_come_and_go_each_knows_each_event_once(
    shared: Store, actions: list[tuple[str, int, int]], missed: int, kept: int, chunk: int
) -> None:
    study = f"s{uuid.uuid4().hex}"
    shared.create_study(spec(study), folder="/results")
    written = 0

    async def test() -> None:
        nonlocal written
        feeds = [Feed(shared, ScriptedBoards()) for _ in range(2)]
        readers = [Reader(feeds, study) for _ in range(2)]
        try:
            for what, who, number in actions:
                reader = readers[who]
                match what:
                    case "append":
                        for _ in range(number):
                            written = shared.append(study, epoch(written + 1))
                    case "read":
                        await reader.read(min(reader.known + number, written))
                    case "connect":
                        reader.connect(number)
                    case "disconnect":
                        reader.disconnect()
            for reader in readers:
                await reader.read(written)
                assert reader.known == written
        finally:
            for reader in readers:
                reader.disconnect()

    with ExitStack() as patches:
        for module, name, value in (
            (log_follower, "LOOK_S", 0.001),
            (subscription, "MISSED", missed),
            (event_cache, "KEPT", kept),
            (event_cache, "CHUNK", chunk),
        ):
            patches.enter_context(mock.patch.object(module, name, value))
        asyncio.run(test())
    shared.delete_study(study)


def test_real_connections_that_break_at_random_lose_nothing_while_a_study_writes(
    listen: Callable[..., Replica], store: Store
) -> None:
    """Two replicas, a writer at full speed, connections that are cut in the middle of anything."""
    chance = random.Random(7)
    store.create_study(spec("a"), folder="/results/a")
    events = 300
    writer = threading.Thread(target=lambda: [store.append("a", epoch(n)) for n in range(1, events + 1)])

    async def test() -> None:
        replicas = [listen(), listen()]
        known, after = 0, "0"
        writer.start()
        cuts = 0
        while known < events:
            async with chance.choice(replicas).connect(f"/ws/jobs/a?after={after}") as client:
                for _ in range(chance.randint(0, 40)):
                    if known == events:
                        break
                    message = await client.next()
                    if "sequence" in message:
                        assert message["sequence"] == known + 1
                        known, after = message["sequence"], message["cursor"]
                client.socket.transport.abort()
            cuts += 1
        assert cuts > 5

    asyncio.run(test())
    writer.join()


def test_a_database_that_is_away_for_a_while_costs_nothing_but_time(store: Store) -> None:
    store.create_study(spec("a"), folder="/results/a")
    read = store.read
    away = [True, True, False, True]

    def sometimes(*arguments: Any) -> Any:
        if away and away.pop(0):
            raise TryAgainError("the database is away")
        return read(*arguments)

    async def test() -> None:
        reader = Reader([Feed(store, ScriptedBoards())], "a")
        reader.connect(0)
        await reader.read(0)
        with mock.patch.object(store, "read", sometimes), mock.patch.object(subscription, "_RETRY_S", 0.01):
            for number in range(1, 5):
                store.append("a", epoch(number))
                await reader.read(number)
        assert away == []
        reader.disconnect()

    asyncio.run(test())


def test_clients_of_one_feed_are_told_alike_though_one_reading_serves_them(store: Store) -> None:
    store.create_study(spec("a"), folder="/results/a")

    async def test() -> None:
        feed = Feed(store, ScriptedBoards())
        reads = 0
        read = store.read

        def counted(*arguments: Any) -> Any:
            nonlocal reads
            reads += 1
            return read(*arguments)

        async def watch() -> list[str]:
            with feed.subscribe("a") as client:
                async with aclosing(client.messages()) as messages:
                    found: list[str] = []
                    async for told in messages:
                        ready.release()
                        if told.type == "epoch_progress":
                            found.append(told.text)
                        if len(found) == 3:
                            return found
            raise AssertionError("a feed never ends")

        ready = asyncio.Semaphore(0)
        with mock.patch.object(store, "read", counted):
            clients = [asyncio.create_task(watch()) for _ in range(20)]
            for _ in clients:
                await ready.acquire()
            for number in range(1, 4):
                store.append("a", epoch(number))
            async with asyncio.timeout(WAIT_S):
                found = await asyncio.gather(*clients)
        assert all(one == found[0] for one in found)
        assert reads <= 3, "not once for each client"
        assert feed.clients == 0

    asyncio.run(test())
