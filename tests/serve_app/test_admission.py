"""Who comes in: the whole application behind a real server, over HTTP, WebSockets and server-sent events alike."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from serve_app.services import Services
from serve_app.socket_protocol import CLOSED, SUBPROTOCOL
from tests.serve_app import studies
from tests.serve_app.replicas import WAIT_S, Client, Replica

TOKEN = "s3cret.t0ken~"
AWKWARD = "s3cret/?="
"""Has signs that no subprotocol may have."""
SOCKETS = ["/ws", "/ws/jobs/running", "/ws/jobs/nobody"]
PAGES = ["/jobs", "/jobs/running", "/jobs/running/events", "/openapi.json"]


@pytest.fixture(scope="module")
def listen(shared: Services, shared_listen: Callable[..., Replica]) -> Callable[..., Replica]:
    """listen(...) is a replica with a study, the same one whenever its settings are the same: nothing changes it."""
    studies.running(shared.store, shared.settings.results_dir)
    listening: dict[str, Replica] = {}

    def of(**settings: Any) -> Replica:
        return listening.get(str(settings)) or listening.setdefault(str(settings), shared_listen(**settings))

    return of


def header(token: str, scheme: str = "Bearer") -> dict[str, Any]:
    return {"additional_headers": {"Authorization": f"{scheme} {token}"}}


def offered(*names: str) -> dict[str, Any]:
    return {"subprotocols": [Subprotocol(name) for name in names]}


def raw(token: str) -> str:
    return f"tuner.token.{token}"


def encoded(token: str) -> str:
    return raw(base64.urlsafe_b64encode(token.encode()).decode().rstrip("="))


def get(replica: Replica, path: str, **headers: str) -> int:
    """The status of an answer, which may never end."""
    with httpx.stream("GET", replica.address + path, headers=headers, timeout=WAIT_S) as answer:
        return answer.status_code


OPEN = {
    "by header": (TOKEN, header(TOKEN)),
    "by header, whatever the case of its scheme": (TOKEN, header(TOKEN, "bearer")),
    "by subprotocol as it is": (TOKEN, offered(SUBPROTOCOL, raw(TOKEN))),
    "by subprotocol in base64": (TOKEN, offered(SUBPROTOCOL, encoded(TOKEN))),
    "by subprotocol, awkward, in base64": (AWKWARD, offered(encoded(AWKWARD), SUBPROTOCOL)),
    "by both": (TOKEN, header(TOKEN) | offered(SUBPROTOCOL, encoded(TOKEN))),
    "by header beside a wrong subprotocol": (TOKEN, header(TOKEN) | offered(SUBPROTOCOL, encoded("other"))),
    "by subprotocol beside a wrong header": (TOKEN, header("other") | offered(SUBPROTOCOL, raw(TOKEN))),
    "by the second of two": (TOKEN, offered(encoded("other"), encoded(TOKEN), SUBPROTOCOL)),
}
CLOSED_TO = {
    "nobody's": {},
    "a wrong one by header": header("wrong"),
    "the right one by another scheme": header(TOKEN, "Basic"),
    "a wrong one by subprotocol": offered(SUBPROTOCOL, encoded("wrong")),
    "an empty one by subprotocol": offered(SUBPROTOCOL, "tuner.token."),
    "what is no base64": offered(SUBPROTOCOL, raw("!")),
    "the right one under another name": offered(SUBPROTOCOL, TOKEN),
    "wrong ones by both": header("wrong") | offered(SUBPROTOCOL, raw("wrong")),
}


@pytest.mark.parametrize("way", OPEN)
def test_a_websocket_with_the_token_is_told_what_happens(listen: Callable[..., Replica], way: str) -> None:
    token, options = OPEN[way]

    async def test() -> None:
        replica = listen(api_token=token)
        for path, first in (("/ws", "studies"), ("/ws/jobs/running", "snapshot")):
            async with replica.connect(path, **options) as client:
                assert (await client.next())["type"] == first
                assert client.socket.subprotocol == (SUBPROTOCOL if "subprotocols" in options else None)

    asyncio.run(test())


@pytest.mark.parametrize("given", CLOSED_TO)
def test_one_without_it_is_told_so_in_a_way_that_browsers_hear_and_nothing_else(
    listen: Callable[..., Replica], given: str
) -> None:
    async def test() -> None:
        replica = listen(api_token=TOKEN)
        for path in (*SOCKETS, f"/ws?token={TOKEN}", "/ws?resume=true"):
            async with replica.connect(path, **CLOSED_TO[given]) as client:
                assert await closed(client) == (4401, CLOSED[4401])
                # A browser that offered subprotocols hears nothing from a server that chose none of them.
                assert client.socket.subprotocol == (SUBPROTOCOL if "subprotocols" in CLOSED_TO[given] else None)
                assert client.told == []
        assert replica.feed.clients == 0

    asyncio.run(test())


@pytest.mark.parametrize("path", PAGES)
def test_an_http_request_gives_it_by_header_and_in_no_other_way(listen: Callable[..., Replica], path: str) -> None:
    replica = listen(api_token=TOKEN)
    assert get(replica, path, Authorization=f"Bearer {TOKEN}") == 200
    for headers in (
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Sec-WebSocket-Protocol": f"{SUBPROTOCOL}, {raw(TOKEN)}"},
        {"Cookie": f"token={TOKEN}"},
    ):
        assert get(replica, path, **headers) == 401
    assert get(replica, f"{path}?token={TOKEN}") == 401
    assert get(replica, "/health") == 200


def test_where_there_is_no_token_none_is_asked_for_and_any_may_be_given(listen: Callable[..., Replica]) -> None:
    async def test() -> None:
        replica = listen()
        for options in ({}, header("any"), offered(SUBPROTOCOL, raw("any"))):
            async with replica.connect("/ws", **options) as client:
                assert (await client.next())["type"] == "studies"
        assert get(replica, "/jobs", Authorization="Bearer any") == 200

    asyncio.run(test())


@pytest.mark.parametrize("token", [None, TOKEN])
def test_a_page_of_a_foreign_origin_is_refused_and_one_of_this_server_or_a_known_one_is_not(
    listen: Callable[..., Replica], token: str | None
) -> None:
    options = {} if token is None else header(token)
    headers = options.get("additional_headers", {})

    async def test() -> None:
        replica = listen(api_token=token, allowed_origins=("https://known.example",))
        for origin in ("https://evil.example", "null", f"http://localhost:{replica.port}", "https://known.example:1"):
            for path in SOCKETS:
                with pytest.raises(InvalidStatus, match="403"):
                    async with replica.connect(path, origin=origin, **options):
                        pass
            assert {get(replica, path, Origin=origin, **headers) for path in PAGES} == {403}
        for origin in ("https://known.example", "HTTPS://Known.example", replica.address):
            async with replica.connect("/ws", origin=origin, **options) as client:
                assert (await client.next())["type"] == "studies"
            assert get(replica, "/jobs/running/events", Origin=origin, **headers) == 200

    asyncio.run(test())


@pytest.mark.parametrize("token", [None, TOKEN])
def test_a_foreign_name_of_this_machine_is_refused(listen: Callable[..., Replica], token: str | None) -> None:
    options = {} if token is None else header(token)
    headers = options.get("additional_headers", {})

    async def test() -> None:
        for replica, admitted in ((listen(api_token=token), False), (listen(api_token=token, allowed_hosts="x"), True)):
            to_replica = {"host": "127.0.0.1", "port": replica.port, **options}
            with pytest.raises(InvalidStatus, match="403"):
                await connect("ws://evil.example/ws", **to_replica)
            assert get(replica, "/jobs", Host="evil.example", **headers) == 403
            assert get(replica, "/jobs", Host="x:1", **headers) == (200 if admitted else 403)
        async with connect("ws://x/ws", **to_replica) as socket:
            assert (await Client(socket).next())["type"] == "studies"

    asyncio.run(test())


async def closed(client: Client) -> tuple[int, str]:
    """What the server closes with; nothing else comes."""
    with pytest.raises(ConnectionClosed) as info:
        await client.next()
    assert info.value.rcvd is not None
    return info.value.rcvd.code, info.value.rcvd.reason
