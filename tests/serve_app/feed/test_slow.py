"""Slow clients, and many of them: they lose samples and nothing else, and nobody waits for them."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from serve_app.feed import Feed, feed, study_watch, subscription, transport
from serve_app.feed.message import Message
from tests.serve_app.feed.conftest import running_study, train
from tests.serve_app.replicas import WAIT_S, Replica, ScriptedBoards
from tests.store.samples import epoch, start
from tuner.events import StudyStatus
from tuner.store import Store


@contextmanager
def client(of: Feed, study: str | None) -> Iterator[AsyncGenerator[Message, None]]:
    with of.subscribe(study) as subscribed:
        yield subscribed.messages()


async def next_of(messages: AsyncGenerator[Message, None], kind: str) -> Message:
    async with asyncio.timeout(WAIT_S):
        while (message := await anext(messages)).type != kind:
            pass
        return message


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not condition():
            await asyncio.sleep(0.001)


def test_a_client_that_takes_nothing_for_a_while_then_gets_only_the_latest_sample(
    store: Store, study: str, boards: ScriptedBoards, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(study_watch, "SAMPLES_S", 0.002)

    async def test() -> None:
        with client(Feed(store, boards), study) as messages:
            await next_of(messages, "snapshot")
            for batch in range(1, 6):
                boards.batch(study, 2, batch)
                asked = boards.asked
                await until(lambda asked=asked: boards.asked > asked + 1)  # type: ignore[misc]
            latest = await next_of(messages, "batch_progress")
            assert '"batch":5,' in latest.text

    asyncio.run(test())


def test_a_client_that_lags_far_behind_is_resynced_and_goes_on(
    store: Store, study: str, boards: ScriptedBoards, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscription, "MISSED", 10)

    async def test() -> None:
        one = Feed(store, boards)
        with client(one, study) as messages:
            await next_of(messages, "snapshot")
            for number in range(2, 30):
                store.append(study, epoch(number))
            await until(lambda: (head := one.head(study)) is not None and head.sequence == 32)
            assert "28 events were missed" in (await next_of(messages, "resync_required")).text
            stands = await anext(messages)
            assert stands.cursor is not None
            assert (stands.type, stands.cursor.sequence) == ("snapshot", 32)
            store.append(study, epoch(30))
            told = await next_of(messages, "epoch_progress")
            assert told.cursor is not None
            assert told.cursor.sequence == 33

    asyncio.run(test())


def test_durable_messages_overtake_samples(store: Store, study: str, boards: ScriptedBoards) -> None:
    async def test() -> None:
        with client(Feed(store, boards), study) as messages:
            await next_of(messages, "snapshot")
            boards.batch(study, 2, 1)
            await until(lambda: boards.asked > 1)
            train(store, study, range(2, 6))
            await asyncio.sleep(0.1)  # the follower has seen them
            told = [await anext(messages) for _ in range(4)]
            assert [message.type for message in told] == ["epoch_progress"] * 4

    asyncio.run(test())


def test_a_client_gets_twenty_samples_a_second_at_most_shared_fairly_by_the_trials(
    store: Store, study: str, boards: ScriptedBoards, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(study_watch, "SAMPLES_S", 0.002)
    for number in range(3, 11):
        store.append(study, start(number))

    async def test() -> None:
        one = Feed(store, boards)
        with client(one, study) as messages:
            await next_of(messages, "snapshot")
            counts: dict[str, int] = {}
            batch = 0

            async def train_on() -> None:
                nonlocal batch
                while True:
                    batch += 1
                    for number in range(2, 11):
                        boards.batch(study, number, batch)
                    await asyncio.sleep(0.005)

            training = asyncio.create_task(train_on())
            await next_of(messages, "batch_progress")
            began_s = time.monotonic()
            for _ in range(27):
                message = await next_of(messages, "batch_progress")
                trial = message.text.split('"trial_number":')[1].split(",")[0]
                counts[trial] = counts.get(trial, 0) + 1
            took_s = time.monotonic() - began_s
            training.cancel()
            assert took_s >= 27 / feed.SAMPLES_PER_S * 0.99
            assert len(counts) == 9
            assert max(counts.values()) - min(counts.values()) <= 1

    asyncio.run(test())


def test_many_clients_share_what_the_feed_may_take_of_the_machine(store: Store, study: str) -> None:
    async def test() -> None:
        one = Feed(store, ScriptedBoards())
        with client(one, study):
            assert one.sample_interval_s == 1 / feed.SAMPLES_PER_S
            with contextmanager(many)(one, study, 49):
                assert one.sample_interval_s == 50 / feed.ALL_SAMPLES_PER_S
        assert one.clients == 0

    asyncio.run(test())


def many(of: Feed, study: str, count: int) -> Iterator[None]:
    if count == 0:
        yield
        return
    with client(of, study):
        yield from many(of, study, count - 1)


def stalled(port: int, study: str) -> socket.socket:
    """A WebSocket whose client says hello and then reads nothing at all."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    raw.connect(("127.0.0.1", port))
    raw.sendall(
        f"GET /ws/jobs/{study} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    return raw


def test_a_stalled_client_delays_nobody_and_is_given_up(
    listen: Callable[..., Replica], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "TAKE_S", 1.0)
    monkeypatch.setattr(transport, "_CLOSE_S", 0.1)
    study = running_study(store, "a")
    long: dict[str, Any] = {"hyperparameters": {"text": "x" * 400_000}}

    async def test() -> None:
        replica = listen()
        raw = stalled(replica.port, study)
        await until(lambda: replica.feed.clients == 1)
        async with replica.connect(f"/ws/jobs/{study}", max_size=None) as client:
            await client.next("snapshot")
            for number in range(3, 33):  # 12 MB: more than all buffers on the way take
                store.append(study, start(number, **long))
            told = await client.until(34)
            assert [message["sequence"] for message in told] == list(range(5, 35))
            await until(lambda: replica.feed.clients == 1)
            train(store, study, range(2, 3))
            assert (await client.until(35))[0]["epoch"] == 2
        raw.close()

    asyncio.run(test())


def test_without_clients_nothing_is_looked_at(store: Store, study: str, boards: ScriptedBoards) -> None:
    async def test() -> None:
        one = Feed(store, boards)
        with client(one, study) as messages:
            await next_of(messages, "snapshot")
            await until(lambda: boards.asked > 0)
        asked = boards.asked
        await asyncio.sleep(2 * study_watch.SAMPLES_S)
        assert boards.asked == asked
        assert [task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("watch")] == []

    asyncio.run(test())


def test_a_watch_of_a_study_that_ended_ends_too(store: Store, study: str, boards: ScriptedBoards) -> None:
    store.append(study, start(9))

    store.append(study, StudyStatus(status="completed"))

    async def test() -> None:
        with client(Feed(store, boards), study) as messages:
            await next_of(messages, "snapshot")
            await next_of(messages, "progress")
            await until(lambda: not [task for task in asyncio.all_tasks() if task.get_name().startswith("watch")])
            assert boards.asked == 0

    asyncio.run(test())


def test_a_sample_of_another_version_is_left_out(
    store: Store, study: str, boards: ScriptedBoards, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(study_watch, "SAMPLES_S", 0.002)
    boards.shown[study] = {("x", 1): {"type": "x", "trial_number": 2}, ("y", 2): {"type": "batch_progress"}}

    async def test() -> None:
        with client(Feed(store, boards), study) as messages:
            await next_of(messages, "snapshot")
            boards.batch(study, 2, 5)
            await next_of(messages, "batch_progress")

    asyncio.run(test())
