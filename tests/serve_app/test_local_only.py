"""An application without a token answers its own machine only."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from serve_app.local_only import LocalOnly

Server = tuple[str, int] | None


async def inner(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "answered"})


def answer(kind: str, server: Server) -> list[dict[str, Any]]:
    """What is sent to a request that came in at that address."""
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError

    asyncio.run(LocalOnly(inner)({"type": kind, "server": server}, receive, send))
    return sent


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("server", [("127.0.0.1", 8000), ("::1", 8000), ("localhost", 80)])
def test_what_comes_in_at_a_local_address_is_answered(kind: str, server: Server) -> None:
    assert answer(kind, server) == [{"type": "answered"}]


@pytest.mark.parametrize(
    "server", [("10.0.0.3", 8000), ("0.0.0.0", 8000), ("example.org", 80), ("2001:db8::1", 1), None]
)
def test_what_comes_in_at_any_other_is_not(server: Server) -> None:
    start, body = answer("http", server)
    assert (start["status"], dict(start["headers"])[b"content-type"]) == (403, b"application/problem+json")
    assert b"set TUNER_API_TOKEN" in body["body"]


def test_nor_is_a_websocket() -> None:
    assert answer("websocket", ("10.0.0.3", 8000)) == [
        {"type": "websocket.close", "code": 1008, "reason": "local only"}
    ]


def test_the_start_of_the_application_is_nobodys_request() -> None:
    assert answer("lifespan", None) == [{"type": "answered"}]
