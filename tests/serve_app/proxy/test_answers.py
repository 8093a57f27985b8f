"""Answers of Serve's proxy, and missing ones, are problems; those of applications pass unchanged."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from serve_app.proxy import starting_page
from serve_app.proxy.answers import ProxyAnswers
from serve_app.proxy.request_head import HEAD_BYTES

UNKNOWN = b"Path '/jobs/x' not found. Ping http://.../-/routes for available routes."
Inner = Callable[[Scope, Receive, Send], Any]


def sending(*messages: Message) -> Inner:
    """A proxy that sends these messages."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    return app


def answer(status: int, kind: str, body: bytes) -> list[Message]:
    """The messages of an answer."""
    return [
        {"type": "http.response.start", "status": status, "headers": [[b"content-type", kind.encode()]]},
        {"type": "http.response.body", "body": body},
    ]


def sent(inner: Inner, scope: dict[str, Any], received: Message | None = None) -> list[Message]:
    """What a client is sent."""
    found: list[Message] = []

    async def receive() -> Message:
        return received or {"type": "http.request"}

    async def send(message: Message) -> None:
        found.append(message)

    scope = {"method": "GET", "path": "/jobs/x", "headers": [], "extensions": {"websocket.http.response": {}}} | scope
    asyncio.run(ProxyAnswers(inner)(scope, receive, send))
    return found


def problem(messages: list[Message]) -> tuple[int, dict[str, str], dict[str, Any]]:
    """Status, headers and document of a problem."""
    start, body = messages
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    assert headers["content-type"] == "application/problem+json"
    assert int(headers["content-length"]) == len(body["body"])
    document = json.loads(body["body"])
    assert document["status"] == start["status"]
    return start["status"], headers, document


HTTP = {"type": "http"}
WEBSOCKET = {"type": "websocket"}


class TestRequests:
    @pytest.mark.parametrize("status", [404, 408, 429, 503])
    def test_serves_own_answer_is_a_503_that_asks_to_try_again(self, status: int) -> None:
        own = answer(status, "text/plain; charset=utf-8", UNKNOWN if status == 404 else b"No replicas are available.")
        found = problem(sent(sending(*own), HTTP))
        assert (found[0], found[1]["retry-after"]) == (503, "5")
        assert found[2]["detail"] == "the server is starting or shutting down"

    @pytest.mark.parametrize(
        "given",
        [
            answer(404, "application/problem+json", b'{"detail": "unknown study"}'),
            answer(503, "application/problem+json", b'{"detail": "the database is away"}'),
            answer(404, "text/plain", b"of another application"),
            answer(200, "text/plain; version=0.0.4", b"tuner_studies 1"),
            [*answer(200, "text/event-stream", b"a"), {"type": "http.response.body", "body": b"b", "more_body": False}],
        ],
    )
    def test_those_of_applications_pass_unchanged(self, given: list[Message]) -> None:
        assert sent(sending(*given), HTTP) == given

    @pytest.mark.parametrize(
        ("method", "headers", "status"),
        [
            ("GET", [], 503),
            ("DELETE", [], 503),
            ("POST", [], 502),
            ("POST", [(b"idempotency-key", b"1")], 503),
        ],
    )
    def test_a_replica_that_dies_gives_a_problem_that_says_whether_to_repeat(
        self, method: str, headers: list[tuple[bytes, bytes]], status: int
    ) -> None:
        found = problem(sent(sending(), HTTP | {"method": method, "headers": headers}))
        assert found[0] == status
        assert found[1].get("retry-after") == ("5" if status == 503 else None)
        assert found[2]["detail"] == "the process that handled the request ended before it answered"

    def test_so_does_a_proxy_that_fails(self) -> None:
        async def failing(scope: Scope, receive: Receive, send: Send) -> None:
            raise RuntimeError

        assert problem(sent(failing, HTTP))[0] == 503

    def test_an_answer_that_has_begun_is_broken_off(self) -> None:
        start = answer(200, "text/event-stream", b"data: 1")[:1]
        assert sent(sending(*start), HTTP) == start

    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    def test_a_browser_gets_a_page_that_loads_itself_again_until_the_server_has_started(self, method: str) -> None:
        accept = [(b"accept", b"text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")]
        for own in (answer(404, "text/plain", UNKNOWN), []):  # it starts; its replica dies
            start, body = sent(sending(*own), HTTP | {"method": method, "path": "/new", "headers": accept})
            headers = dict(start["headers"])
            assert (start["status"], headers[b"content-type"]) == (503, b"text/html; charset=utf-8")
            assert (headers[b"retry-after"], headers[b"cache-control"]) == (b"5", b"no-store")
            assert headers[b"content-length"] == str(len(starting_page.PAGE)).encode()
            assert body["body"] == (starting_page.PAGE if method == "GET" else b"")
        assert b'<meta http-equiv="refresh"' in starting_page.PAGE
        assert b"The server is starting" in starting_page.PAGE
        assert b"<script" not in starting_page.PAGE

    def test_a_form_of_a_browser_gets_no_page(self) -> None:
        accept = [(b"accept", b"text/html")]
        assert problem(sent(sending(), HTTP | {"method": "POST", "headers": accept}))[0] == 502

    def test_long_headers_reach_no_replica(self) -> None:
        async def reached(scope: Scope, receive: Receive, send: Send) -> None:
            pytest.fail("it was passed on")

        headers = [(b"x", b"y" * (HEAD_BYTES // 2)), (b"z", b"y" * (HEAD_BYTES // 2))]
        assert problem(sent(reached, HTTP | {"headers": headers}))[0] == 431
        assert sent(reached, WEBSOCKET | {"headers": headers})[0]["status"] == 431


ACCEPT: Message = {"type": "websocket.accept"}
CLOSE: Message = {"type": "websocket.close", "code": 4404, "reason": "there is no such study"}
RESTART: Message = {
    "type": "websocket.close",
    "code": 1012,
    "reason": "the server shuts down: connect again with the last cursor",
}


class TestWebSockets:
    def test_one_whose_replica_dies_is_closed_with_the_code_that_was_promised(self) -> None:
        text = {"type": "websocket.send", "text": "{}"}
        assert sent(sending(ACCEPT, text), WEBSOCKET) == [ACCEPT, text, RESTART]

    def test_one_that_the_application_closes_is_closed_once(self) -> None:
        assert sent(sending(ACCEPT, CLOSE), WEBSOCKET) == [ACCEPT, CLOSE]
        assert sent(sending(CLOSE), WEBSOCKET) == [CLOSE]

    def test_one_that_the_client_closed_is_not_closed_again(self) -> None:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await send(ACCEPT)
            await receive()

        assert sent(app, WEBSOCKET, {"type": "websocket.disconnect", "code": 1000}) == [ACCEPT]

    def test_a_handshake_while_the_server_starts_is_refused_with_a_problem(self) -> None:
        [start, body] = sent(sending(*answer(404, "text/plain", UNKNOWN)), WEBSOCKET)
        assert (start["type"], start["status"]) == ("websocket.http.response.start", 503)
        assert (b"retry-after", b"5") in start["headers"]
        assert json.loads(body["body"])["detail"] == "the server is starting or shutting down"

    def test_so_it_is_where_the_server_cannot_send_one(self) -> None:
        assert sent(sending(), WEBSOCKET | {"extensions": {}}) == [{"type": "websocket.close", "code": 1012}]
