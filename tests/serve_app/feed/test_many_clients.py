"""More clients than a replica takes: the others are refused with a reason, and other requests are answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from serve_app import deployment
from serve_app.feed import Feed, feed
from serve_app.socket_protocol import CLOSED
from tests.serve_app.feed.test_events import get
from tests.serve_app.feed.test_slow import until
from tests.serve_app.replicas import WAIT_S, Client, Replica
from tuner.store import Store

MOST = 3


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "MOST_CLIENTS", MOST)


async def refused(client: Client) -> None:
    """The connection is closed with the reason, and nothing else is sent."""
    with pytest.raises(ConnectionClosed) as closed:
        await client.next()
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1013, CLOSED[1013])


def test_clients_of_every_kind_count_and_one_more_is_refused(listen: Callable[..., Replica], study: str) -> None:
    async def test() -> None:
        replica = listen()
        async with AsyncExitStack() as connected:
            await (await connected.enter_async_context(replica.connect("/ws"))).next("studies")
            await (await connected.enter_async_context(replica.connect(f"/ws/jobs/{study}"))).next("snapshot")
            await (await connected.enter_async_context(get(replica, f"/jobs/{study}/events"))).next("snapshot")
            for path in ("/ws", f"/ws/jobs/{study}", f"/ws/jobs/{study}?after=4", "/ws?resume=true", "/ws/jobs/nobody"):
                async with replica.connect(path) as client:
                    await refused(client)
            answer = httpx.get(f"{replica.address}/jobs/{study}/events", timeout=WAIT_S)
            assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
            assert int(answer.headers["retry-after"]) > 0
            assert answer.json()["detail"] == "the server has too many clients of the feed"
            assert httpx.get(f"{replica.address}/health", timeout=WAIT_S).status_code == 200
        await until(lambda: replica.feed.clients == 0)
        async with replica.connect("/ws") as client:
            await client.next("studies")

    asyncio.run(test())


def test_one_that_waits_to_resume_counts(listen: Callable[..., Replica], study: str) -> None:
    async def test() -> None:
        replica = listen()
        async with AsyncExitStack() as connected:
            for _ in range(MOST):
                await connected.enter_async_context(replica.connect("/ws?resume=true"))
            async with replica.connect("/ws") as client:
                await refused(client)
        assert replica.feed.clients == 0

    asyncio.run(test())


@pytest.mark.parametrize(
    "path", ["/ws/jobs/nobody", "/ws/jobs/-", "/ws?after=1", "/jobs/nobody/events", "/ws/jobs/a?after=x"]
)
def test_one_whose_request_is_wrong_counts_no_longer(listen: Callable[..., Replica], study: str, path: str) -> None:
    async def test() -> None:
        replica = listen()
        for _ in range(MOST + 1):
            if not path.startswith("/ws"):
                assert httpx.get(replica.address + path, timeout=WAIT_S).status_code == 404
                continue
            with pytest.raises(ConnectionClosed) as closed:
                async with replica.connect(path) as client:
                    await client.next()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code in (4400, 4404)
        async with replica.connect("/ws") as client:
            await client.next("studies")

    asyncio.run(test())


def test_many_clients_leave_room_for_other_requests(
    listen: Callable[..., Replica], study: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of them are refused; what the others cost delays no other request."""
    monkeypatch.setattr(feed, "MOST_CLIENTS", 100)

    async def first(replica: Replica, connected: AsyncExitStack) -> Any:
        client = await connected.enter_async_context(replica.connect(f"/ws/jobs/{study}", open_timeout=WAIT_S))
        try:
            return (await client.next())["type"]
        except ConnectionClosed:
            return client.socket.close_code

    async def test() -> None:
        replica = listen()
        async with AsyncExitStack() as connected, httpx.AsyncClient(timeout=WAIT_S) as http:
            told: list[Any] = []
            for _ in range(4):
                told += await asyncio.gather(*(first(replica, connected) for _ in range(50)))
                began_s = time.process_time()  # of this process alone: a busy machine is slow, not wrong
                assert (await http.get(f"{replica.address}/health")).status_code == 200
                assert time.process_time() - began_s < 2
            assert (told.count("snapshot"), told.count(1013)) == (100, 100)
            assert replica.feed.clients == 100

    asyncio.run(test())


def test_a_replica_has_room_for_requests_beside_its_clients(store: Store) -> None:
    assert deployment.REQUESTS_AT_ONCE - deployment.MOST_CLIENTS >= 100
    assert deployment.Api.max_ongoing_requests == deployment.REQUESTS_AT_ONCE


def test_a_place_is_free_again_whatever_ends_a_client(store: Store) -> None:
    one = Feed(store)
    for _ in range(MOST + 1):
        with suppress(ZeroDivisionError), one.connection() as free:
            raise ZeroDivisionError
        assert free
