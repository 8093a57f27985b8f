"""The feed as `curl -N` and a browser's EventSource meet it: server-sent events, through a real server on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from serve_app.feed import subscription
from serve_app.feed.protocol import server_message
from tests.serve_app.feed.conftest import end_trial, train
from tests.serve_app.replicas import WAIT_S, Replica
from tests.store.samples import epoch
from tuner.store import Store


@dataclass
class Event:
    """One block of the stream."""

    name: str
    id: str | None
    data: dict[str, Any]


@dataclass
class Stream:
    """An HTTP response, as it comes."""

    reader: asyncio.StreamReader
    status: int
    headers: dict[str, str]

    async def block(self) -> list[str]:
        """The lines up to the next empty one."""
        lines: list[str] = []
        while True:
            async with asyncio.timeout(WAIT_S):
                line = (await self.reader.readline()).decode()
            if not line or (lines and not line.strip()):
                return lines
            # Between them stand the lengths of the chunks.
            if line.strip() and ":" in line:
                lines.append(line.rstrip("\r\n"))

    async def next(self, *names: str) -> Event:
        while True:
            fields = dict(line.split(": ", 1) for line in await self.block())
            if "data" not in fields:
                continue
            server_message.validate_json(fields["data"])
            if not names or fields["event"] in names:
                return Event(fields["event"], fields.get("id"), json.loads(fields["data"]))


@asynccontextmanager
async def get(replica: Replica, path: str, **headers: str) -> AsyncIterator[Stream]:
    reader, writer = await asyncio.open_connection("127.0.0.1", replica.port)
    lines = [
        f"GET {path} HTTP/1.1",
        "Host: 127.0.0.1",
        *(f"{name}: {value}" for name, value in headers.items()),
        "",
        "",
    ]
    writer.write("\r\n".join(lines).encode())
    try:
        status = int((await reader.readline()).split()[1])
        found = {}
        while (line := (await reader.readline()).decode().strip()) != "":
            name, _, value = line.partition(": ")
            found[name.lower()] = value
        yield Stream(reader, status, found)
    finally:
        writer.close()


def test_a_stream_begins_with_a_snapshot_and_tells_what_happens_after_it(
    replica: Replica, store: Store, study: str
) -> None:
    async def test() -> None:
        async with get(replica, f"/jobs/{study}/events") as stream:
            assert (stream.status, stream.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
            assert stream.headers["cache-control"] == "no-store"
            first = await stream.next()
            assert (first.name, first.data["sequence"]) == ("snapshot", 4)
            assert first.id == first.data["cursor"]
            train(store, study, range(2, 4))
            told = [await stream.next("epoch_progress") for _ in range(2)]
            assert [event.data["sequence"] for event in told] == [5, 6]
            assert [event.id for event in told] == [event.data["cursor"] for event in told]

    asyncio.run(test())


@pytest.mark.parametrize("way", ["header", "query", "both"])
def test_a_browser_that_connects_again_gets_what_it_missed(
    replica: Replica, store: Store, study: str, way: str
) -> None:
    async def test() -> None:
        async with get(replica, f"/jobs/{study}/events") as stream:
            last = (await stream.next("snapshot")).id
        assert last is not None
        train(store, study, range(2, 4))
        path = f"/jobs/{study}/events" + ("" if way == "header" else f"?after={last if way == 'query' else 0}")
        headers = {} if way == "query" else {"Last-Event-ID": last}
        async with get(replica, path, **headers) as stream:
            assert [(await stream.next("epoch_progress", "snapshot")).data["sequence"] for _ in range(2)] == [5, 6]

    asyncio.run(test())


def test_an_id_that_is_none_of_ours_is_as_good_as_none(replica: Replica, study: str) -> None:
    async def test() -> None:
        async with get(replica, f"/jobs/{study}/events", **{"Last-Event-ID": "abc-7"}) as stream:
            assert (await stream.next()).name == "snapshot"

    asyncio.run(test())


def test_a_snapshot_may_have_only_the_trials_that_run(replica: Replica, store: Store, study: str) -> None:
    end_trial(store, study)

    async def test() -> None:
        async with get(replica, f"/jobs/{study}/events?trials=running") as stream:
            first = await stream.next("snapshot")
            assert [trial["trial_number"] for trial in first.data["trials"]] == [2]

    asyncio.run(test())


@pytest.mark.parametrize(
    ("path", "status"),
    [("/jobs/nobody/events", 404), ("/jobs/a/events?after=x", 422), ("/jobs/a/events?trials=all", 422)],
)
def test_what_cannot_be_streamed_is_an_http_error(replica: Replica, study: str, path: str, status: int) -> None:
    async def test() -> None:
        async with get(replica, path) as stream:
            assert stream.status == status

    asyncio.run(test())


def test_a_stream_of_a_deleted_study_ends(replica: Replica, store: Store, study: str) -> None:
    async def test() -> None:
        async with get(replica, f"/jobs/{study}/events", Connection="close") as stream:
            await stream.next("snapshot")
            store.delete_study(study)
            await stream.next("study_deleted")
            async with asyncio.timeout(WAIT_S):
                assert b"event:" not in await stream.reader.read()

    asyncio.run(test())


def test_a_quiet_stream_shows_that_it_is_alive(
    listen: Callable[..., Replica], store: Store, study: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscription, "ALIVE_S", 0.05)

    async def test() -> None:
        async with get(listen(), f"/jobs/{study}/events") as stream:
            await stream.next("snapshot")
            while await stream.block() != [": alive"]:
                pass
            store.append(study, epoch(2))
            assert (await stream.next("epoch_progress")).data["sequence"] == 5

    asyncio.run(test())


def test_a_client_that_went_away_is_forgotten(replica: Replica, study: str) -> None:
    async def test() -> None:
        async with get(replica, f"/jobs/{study}/events") as stream:
            await stream.next("snapshot")
            assert replica.feed.clients == 1
        async with asyncio.timeout(WAIT_S):
            while replica.feed.clients:
                await asyncio.sleep(0.01)

    asyncio.run(test())


def test_a_stream_ends_when_the_server_does(replica: Replica, study: str) -> None:
    with httpx.stream("GET", f"{replica.address}/jobs/{study}/events", timeout=WAIT_S) as answer:
        lines = answer.iter_lines()
        assert next(lines).startswith("retry:")
        replica.end()
        assert list(lines)[-1] == ""
