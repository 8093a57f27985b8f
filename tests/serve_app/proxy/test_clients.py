"""The middleware of Ray Serve's proxy, behind the server that Ray Serve uses, with an application in Serve's place."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import reduce
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from serve_app import proxy
from serve_app.problem_document import problem
from serve_app.proxy import clients
from serve_app.proxy.answers import ProxyAnswers
from serve_app.proxy.clients import STEERING, ApplicationOnly, SlowClients

WAIT_S = 30.0
LOOPS = ["asyncio", "uvloop"]
"""Ray uses uvloop where it is installed."""


class Served:
    """What Ray Serve's proxy is to its middleware: it sends what it has, however slow the client is."""

    def __init__(self, part: bytes = b"") -> None:
        self._part = part
        self.asked: list[Scope] = []
        self.disconnected = threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.append(scope)
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": 1000})
            return
        await receive()
        gone = asyncio.ensure_future(receive())
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while self._part and not gone.done():
            await send({"type": "http.response.body", "body": self._part, "more_body": True})
            await asyncio.sleep(0)
        if self._part:
            assert (await gone)["type"] == "http.disconnect"
            self.disconnected.set()
        else:
            await send({"type": "http.response.body", "body": b"ok"})
            gone.cancel()


@contextmanager
def listening(app: ASGIApp, loop: str = "asyncio") -> Iterator[int]:
    """The port of a server with this application behind the middleware, in a thread of its own."""
    wrapped = reduce(lambda inner, one: one.cls(inner), proxy.middlewares(), app)  # as Ray Serve does
    config = uvicorn.Config(wrapped, port=0, log_level="error", lifespan="off", loop=loop)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="proxy")
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            thread.join(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.force_exit = server.should_exit = True
        thread.join()


def ask(port: int, target: str, *headers: bytes) -> tuple[int, bytes]:
    """The status and the body of an answer to a request whose target no client changes."""
    with socket.create_connection(("127.0.0.1", port), WAIT_S) as connection:
        head = [f"GET {target} HTTP/1.1".encode(), b"Host: localhost", b"Connection: close", *headers]
        connection.sendall(b"\r\n".join(head) + b"\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    head_, _, body = answer.partition(b"\r\n\r\n")
    return int(head_.split()[1]), body


@pytest.mark.parametrize(
    "target",
    [
        "/-/routes",
        "/-/healthz",
        "/-/",
        "/-",
        "/%2d/routes",
        "/-%2Froutes",
        "/-/x/../y",
        "/-/%ff",
        "/-/routes?x",
        f"/-/{60_000 * 'x'}",
    ],
    ids=lambda target: target[:20],
)
def test_paths_of_ray_serve_are_unknown(target: str) -> None:
    served = Served()
    with listening(served) as port:
        status, body = ask(port, target)
    assert (status, json.loads(body)) == (404, problem(404, "unknown path", remedy="/openapi.json lists all paths"))
    assert served.asked == []


def test_kubernetes_may_ask_for_its_health_and_for_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNER_OPEN_PROBES", "true")
    served = Served()
    with listening(served) as port:
        assert ask(port, "/-/healthz")[0] == 200
        assert ask(port, "/-/routes")[0] == 404


def test_a_websocket_of_ray_serve_is_refused() -> None:
    async def test(port: int) -> None:
        for path in ("/-/routes", "/-/ws"):
            with pytest.raises(InvalidStatus, match="403"):
                await connect(f"ws://127.0.0.1:{port}{path}")
        async with connect(f"ws://127.0.0.1:{port}/ws"):
            pass

    with listening(Served()) as port:
        asyncio.run(test(port))


def test_other_paths_are_the_applications() -> None:
    served = Served()
    with listening(served) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        assert client.get("/jobs").text == "ok"
        assert client.get("/-x").text == "ok"
        assert client.get("/jobs/-/").text == "ok"


def test_a_client_cannot_steer_ray_serve() -> None:
    """Serve would ignore that such a client disconnects, end its request early, or fail to read the header."""
    served, own = Served(), {b"x-own": b"1", b"x-request-id": b"mine"}
    steering = (*STEERING, b"X-Session_ID", b"serve_multiplexed_model_id")
    with listening(served) as port:
        lines = [name + b": ?1" for name in steering] + [name + b": " + value for name, value in own.items()]
        assert ask(port, "/", *lines)[0] == 200
        assert ask(port, "/", b"X-Request-ID: \xff\xfe")[0] == 200
    passed = dict(served.asked[0]["headers"])
    assert own.items() <= passed.items()
    assert {name.lower().replace(b"_", b"-") for name in passed}.isdisjoint(STEERING)
    assert b"x-request-id" not in dict(served.asked[1]["headers"])


@pytest.mark.parametrize("loop", LOOPS)
class TestSlowClients:
    @pytest.fixture(autouse=True)
    def impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(clients, "TAKE_S", 0.5)

    @contextmanager
    def client(self, port: int) -> Iterator[socket.socket]:
        """A connection with a small buffer that has sent a request."""
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        connection.settimeout(WAIT_S)
        with connection:
            connection.connect(("127.0.0.1", port))
            connection.sendall(b"GET /jobs/a/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            yield connection

    def test_one_that_takes_nothing_is_disconnected(self, loop: str) -> None:
        served = Served(b"x" * 10_000)
        with listening(served, loop) as port, self.client(port):
            assert served.disconnected.wait(WAIT_S)

    def test_one_that_takes_a_byte_now_and_then_too(self, loop: str) -> None:
        served = Served(b"x" * 10_000)
        with listening(served, loop) as port, self.client(port) as connection:
            while not served.disconnected.wait(0.1):
                connection.recv(1)

    def test_one_that_takes_everything_is_not(self, loop: str) -> None:
        served = Served(b"x" * 10_000)
        with listening(served, loop) as port, self.client(port) as connection:
            taken = 0
            while taken < 20_000_000:
                taken += len(connection.recv(1_000_000))
            assert not served.disconnected.is_set()
            connection.close()
            assert served.disconnected.wait(WAIT_S)

    def test_the_system_ends_a_connection_to_a_machine_that_is_gone(self, loop: str) -> None:
        options: list[int] = []

        class Looks(Served):
            async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
                options.append(_user_timeout_ms(scope["server"], scope["client"]))
                await super().__call__(scope, receive, send)

        with listening(Looks(), loop) as port:
            assert httpx.get(f"http://127.0.0.1:{port}/").text == "ok"
        assert options == [500]


def _user_timeout_ms(server: tuple[str, int], client: tuple[str, int]) -> int:
    """TCP_USER_TIMEOUT of this process's socket between the two addresses."""
    for entry in Path("/proc/self/fd").iterdir():
        if not os.path.realpath(entry).partition(":")[0].endswith("socket"):
            continue
        with socket.socket(fileno=os.dup(int(entry.name))) as found:
            if found.family == socket.AF_INET and found.getsockname() == tuple(server):
                try:
                    peer = found.getpeername()
                except OSError:
                    continue  # it listens
                if peer == tuple(client):
                    return struct.unpack("i", found.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 4))[0]
    raise AssertionError("no such connection")


def test_it_imports_nothing_of_the_application() -> None:
    """Its imports would cost the proxy's process 90 MB."""
    code = "import sys, serve_app.proxy; print([name for name in sys.modules if name in ('tuner', 'fastapi', 'numpy')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_ray_serve_calls_the_middleware() -> None:
    """Ray Serve has the environment variable, and takes what the function returns."""
    from ray.serve._private import constants, http_util

    name = "RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH"
    assert hasattr(constants, name)
    found = http_util.call_function_from_import_path(proxy.SETTINGS[name])
    assert [one.cls for one in http_util.validate_http_proxy_callback_return(found)] == [
        ProxyAnswers,
        ApplicationOnly,
        SlowClients,
    ]
    known = {constants.SERVE_MULTIPLEXED_MODEL_ID, constants.SERVE_SESSION_ID}
    known |= {constants.SERVE_HTTP_REQUEST_TIMEOUT_S_HEADER, constants.SERVE_HTTP_REQUEST_DISCONNECT_DISABLED_HEADER}
    assert {header.lower().replace("_", "-").encode() for header in known} == set(STEERING)
