"""A client that sends headers without end, in size or in time, is disconnected; all others are served. Real sockets."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from websockets.asyncio.client import connect

from serve_app.proxy import request_head
from serve_app.proxy.answers import ProxyAnswers
from serve_app.proxy.request_head import HEAD_BYTES, limit_request_heads

WAIT_S = 30.0
PATIENT_S, IMPATIENT_S = 600.0, 0.2


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers a request with its body's length, /early before the body, a WebSocket with its messages."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] != "websocket.disconnect":
            if "text" in message:
                await send({"type": "websocket.send", "text": message["text"]})
        return
    length, more = 0, scope["path"] != "/early"
    while more:
        message = await receive()
        length, more = length + len(message.get("body", b"")), message.get("more_body", False)
    text = str(length).encode()
    headers = [(b"content-length", str(len(text)).encode()), (b"content-type", b"text/html")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": text})


@contextmanager
def server(head_s: float, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The port of a server that is started as Ray Serve starts its own."""
    monkeypatch.setattr(request_head, "HEAD_S", head_s)
    monkeypatch.setitem(uvicorn.config.HTTP_PROTOCOLS, "auto", uvicorn.config.HTTP_PROTOCOLS["auto"])
    limit_request_heads()
    running = uvicorn.Server(
        uvicorn.Config(ProxyAnswers(echo), port=0, lifespan="off", log_level="critical", timeout_keep_alive=600)
    )
    thread = threading.Thread(target=lambda: asyncio.run(running.serve()))
    thread.start()
    try:
        while not running.started:
            assert thread.is_alive()
            thread.join(0.01)
        yield running.servers[0].sockets[0].getsockname()[1]
    finally:
        running.force_exit = running.should_exit = True
        thread.join()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    with server(PATIENT_S, monkeypatch) as port:
        yield port


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    with server(IMPATIENT_S, monkeypatch) as port:
        yield port


def everything(client: socket.socket) -> bytes:
    """All that the server sends until it closes the connection."""
    client.settimeout(WAIT_S)
    found = b""
    try:
        while part := client.recv(65536):
            found += part
    except ConnectionResetError:  # it has closed while we were sending
        pass
    return found


def answered(client: socket.socket) -> None:
    """Read one answer of `echo` whose body is one digit."""
    found = b""
    while b"\r\n\r\n" not in found[:-1]:
        found += client.recv(65536)
    assert found.startswith(b"HTTP/1.1 200 OK")


def problem(text: bytes) -> tuple[int, str]:
    head, _, body = text.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head
    assert b"connection: close" in head
    return int(head.split()[1]), json.loads(body)["detail"]


class TestSize:
    def test_an_unfinished_head_of_a_megabyte_is_refused(self, patient: int) -> None:
        with socket.create_connection(("127.0.0.1", patient)) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX: ")
            client.sendall(b"y" * (HEAD_BYTES + 100))
            assert problem(everything(client)) == (431, f"the headers are longer than {HEAD_BYTES:,} bytes")

    def test_so_is_a_whole_one(self, patient: int) -> None:
        answer = httpx.get(f"http://127.0.0.1:{patient}/", headers={"X": "y" * (HEAD_BYTES + 100)}, timeout=WAIT_S)
        assert (answer.status_code, answer.headers["content-type"]) == (431, "application/problem+json")

    def test_a_long_body_is_none(self, patient: int) -> None:
        body = b"y" * (4 * HEAD_BYTES)
        with httpx.Client(base_url=f"http://127.0.0.1:{patient}", timeout=WAIT_S) as client:
            assert [client.post("/", content=body).text for _ in range(2)] == [str(len(body))] * 2
            assert client.post("/early", content=body).text == "0"
            assert client.post("/", content=body).text == str(len(body)), "on the same connection"


class TestTime:
    @pytest.mark.parametrize("begin", [b"GET / HTTP/1.1\r\nHost:", b"G"])
    def test_a_head_that_does_not_end_is_refused(self, impatient: int, begin: bytes) -> None:
        with socket.create_connection(("127.0.0.1", impatient)) as client:
            client.sendall(begin)
            assert problem(everything(client)) == (408, "the headers did not arrive within 0.2 s")

    def test_a_silent_connection_is_closed(self, impatient: int) -> None:
        with socket.create_connection(("127.0.0.1", impatient)) as client:
            assert everything(client) == b""

    def test_so_is_one_whose_second_request_does_not_end(self, impatient: int) -> None:
        with socket.create_connection(("127.0.0.1", impatient)) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            answered(client)
            client.sendall(b"GET / HTTP/1.1\r\n")
            assert problem(everything(client))[0] == 408

    def test_so_is_one_that_drips_the_body_of_a_request_which_was_answered(self, impatient: int) -> None:
        with socket.create_connection(("127.0.0.1", impatient)) as client:
            client.sendall(b"POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
            answered(client)
            client.sendall(b"x")
            assert everything(client) == b""

    def test_a_slow_body_and_a_websocket_may_take_longer(self, impatient: int) -> None:
        async def websocket() -> None:
            async with connect(f"ws://127.0.0.1:{impatient}/") as client:
                await asyncio.sleep(2 * IMPATIENT_S)  # the time itself is what must not matter
                await client.send("still here")
                assert await client.recv() == "still here"

        asyncio.run(websocket())
        with socket.create_connection(("127.0.0.1", impatient)) as client:
            client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nx")
            threading.Event().wait(2 * IMPATIENT_S)
            client.sendall(b"x")
            answered(client)
