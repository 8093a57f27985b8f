"""Requests that are made to freeze the application, to pass its checks or to be answered at length.

Each is refused by a short answer, at once, and others are answered meanwhile. They come over a real connection.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus
from websockets.typing import Subprotocol

from serve_app.feed.protocol import RESUME_STUDIES
from serve_app.services import Services
from tests.serve_app import studies
from tests.serve_app.replicas import Replica

TOKEN = "correct-horse"
WITHIN_S = 120.0
"""Longest wait for anything: a busy machine is slow, not wrong."""
CPU_S = 5.0
"""Most processor time that an attack may cost; it does not depend on what else the machine does."""
ANSWER_BYTES = 2_000
LONG = "x" * 60_000
"""About the longest header that the server reads."""
OWN = {"Host": "localhost", "Authorization": f"Bearer {TOKEN}"}

REQUESTS: dict[str, tuple[str, dict[str, str], int]] = {
    "a long Host": ("/jobs", {"Host": LONG}, 403),
    "a Host of many parts": ("/jobs", {"Host": "a." * 30_000}, 403),
    "a Host that looks like an address": ("/jobs", {"Host": f"[{':' * 30_000}]"}, 403),
    "a Host with a user": ("/jobs", {"Host": "localhost@evil.example"}, 403),
    "a Host with a port that is none": ("/jobs", {"Host": "evil.example:localhost"}, 403),
    "a Host with a path": ("/jobs", {"Host": "evil.example/localhost"}, 403),
    "a long Origin": ("/jobs", {"Origin": f"http://{LONG}"}, 403),
    "an Origin of another scheme": ("/jobs", {"Origin": "chrome-extension://localhost"}, 403),
    "an Origin with a user": ("/jobs", {"Origin": "http://localhost@evil.example"}, 403),
    "an Origin of another port": ("/jobs", {"Origin": "http://localhost:1"}, 403),
    "an empty Origin": ("/jobs", {"Origin": ""}, 403),
    "a long token": ("/jobs", {"Authorization": f"Bearer {LONG}"}, 401),
    "many words as a token": ("/jobs", {"Authorization": f"Bearer {'x ' * 30_000}"}, 401),
    "a token of another scheme": ("/jobs", {"Authorization": f"Basic {TOKEN}"}, 401),
    "a token beside a token": ("/jobs", {"Authorization": f"Bearer x, Bearer {TOKEN}"}, 401),
    "a path of Ray Serve": ("/-/routes", {}, 404),
    "a long cursor": (f"/jobs/running/events?after={'9' * 60_000}", {}, 422),
    "many cursors": (f"/jobs/running/events?{'after=x&' * 7_000}", {}, 422),
    "a long study": (f"/jobs/{LONG}/events", {}, 422),
}
HANDSHAKES: dict[str, dict[str, Any]] = {
    "many tokens": {"subprotocols": [Subprotocol(f"tuner.token.{number}") for number in range(400)]},
    "a long token": {"subprotocols": [Subprotocol(f"tuner.token.{LONG[:7_000]}")]},
    "many versions": {"subprotocols": [Subprotocol(f"tuner.feed.v{number}") for number in range(2, 400)]},
    "a foreign page": {"origin": "https://evil.example", "additional_headers": OWN},
    "a page of another scheme": {"origin": "ftp://localhost", "additional_headers": OWN},
    "a foreign name": {"additional_headers": OWN | {"Host": "evil.example"}},
}
FIRST_MESSAGES: dict[str, Callable[[], str | bytes]] = {
    "a million positions": lambda: f'{{"after": {{{keys(1_000_000)}}}}}',
    "a million keys": lambda: f'{{{keys(1_000_000)}, "after": {{}}}}',
    "a few positions too many": lambda: json.dumps({"after": {f"a{n}": "1" for n in range(RESUME_STUDIES + 1)}}),
    "many wrong positions": lambda: json.dumps({"after": {f"a{n}": {} for n in range(RESUME_STUDIES)}}),
    "many keys": lambda: f'{{{keys(100_000)}, "after": {{}}}}',
    "deep lists": lambda: "[" * 1_000_000,
    "a long number": lambda: "9" * 1_000_000,
    "a list": lambda: "[]",
    "positions that are none": lambda: '{"after": 7}',
    "bytes": lambda: b"\0" * 1_000_000,
}


def keys(count: int) -> str:
    """So many different keys of a JSON object, each with the value 1."""
    return ", ".join([f'"a{number}": 1' for number in range(count)])


@pytest.fixture(scope="module")
def replica(shared: Services, shared_listen: Callable[..., Replica]) -> Replica:
    """One that is attacked again and again."""
    studies.running(shared.store, shared.settings.results_dir)
    return shared_listen(api_token=TOKEN)


@contextmanager
def cheap() -> Iterator[None]:
    """Context manager in which client and server together take little processor time."""
    began_s = time.process_time()
    yield
    assert time.process_time() - began_s < CPU_S


@pytest.fixture(autouse=True)
def others_are_answered(replica: Replica) -> Iterator[None]:
    """After each attack, at once and without a client that stayed."""
    yield
    assert httpx.get(f"{replica.address}/health", timeout=WITHIN_S).json()["status"] == "ok"
    assert replica.feed.clients == 0


@pytest.mark.parametrize("request_", REQUESTS)
def test_a_request_is_refused_shortly_and_at_once(replica: Replica, request_: str) -> None:
    target, headers, status = REQUESTS[request_]
    with cheap():
        answer = asyncio.run(ask(replica.port, target, OWN | headers))
    assert len(answer) < ANSWER_BYTES
    assert int(answer.split()[1]) == status
    assert b"application/problem+json" in answer
    assert TOKEN.encode() not in answer


@pytest.mark.parametrize("handshake", HANDSHAKES)
@pytest.mark.parametrize("path", ["/ws", "/ws/jobs/running"])
def test_a_websocket_is_refused_at_once(replica: Replica, path: str, handshake: str) -> None:
    async def test() -> None:
        async with asyncio.timeout(WITHIN_S):
            with pytest.raises((ConnectionClosed, InvalidStatus, InvalidMessage)):
                async with connect(
                    f"ws://127.0.0.1:{replica.port}{path}", open_timeout=WITHIN_S, **HANDSHAKES[handshake]
                ) as client:
                    await client.recv()

    with cheap():
        asyncio.run(test())


@pytest.mark.parametrize("said", FIRST_MESSAGES)
def test_a_resume_message_is_refused_at_once(replica: Replica, said: str) -> None:
    message = FIRST_MESSAGES[said]()

    async def test() -> None:
        address = f"ws://127.0.0.1:{replica.port}/ws?resume=true"
        async with (
            asyncio.timeout(WITHIN_S),
            connect(address, additional_headers=OWN, max_size=None, open_timeout=WITHIN_S) as client,
        ):
            await client.send(message)
            with pytest.raises(ConnectionClosed) as closed:
                await client.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4400

    with cheap():
        asyncio.run(test())


def test_a_client_that_never_stops_talking_delays_nobody(replica: Replica) -> None:
    async def test() -> None:
        address = f"ws://127.0.0.1:{replica.port}/ws/jobs/running"
        async with connect(address, additional_headers=OWN) as client, httpx.AsyncClient(timeout=WITHIN_S) as http:
            for _ in range(10):
                for _ in range(500):
                    await client.send("x" * 1_000)
                with cheap():
                    assert (await http.get(f"{replica.address}/health")).status_code == 200
        while replica.feed.clients:
            await asyncio.sleep(0.01)

    asyncio.run(test())


async def ask(port: int, target: str, headers: dict[str, str]) -> bytes:
    """The whole answer to a request that is sent as it is."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [f"GET {target} HTTP/1.1", "Connection: close", *(f"{name}: {value}" for name, value in headers.items())]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    try:
        async with asyncio.timeout(WITHIN_S):
            return await reader.read()
    finally:
        writer.close()
