"""Who may call: the token, web pages from elsewhere, long and silent bodies; requests and WebSockets alike."""

from __future__ import annotations

import asyncio
import base64

import pytest
from fastapi import APIRouter, WebSocket

from serve_app.app import make_app
from serve_app.security import HEADERS
from serve_app.services import Services
from serve_app.settings import ServeSettings
from tuner.errors import FixInputError

TOKEN = "correct-horse"
PATHS = [
    "/jobs",
    "/jobs/x",
    "/datasets",
    "/options",
    "/ready",
    "/metrics",
    "/openapi.json",
    "/api/sessions",
    "/nowhere",
]


@pytest.fixture
def closed(settings) -> ServeSettings:
    return ServeSettings.model_validate(settings.model_dump() | {"api_token": TOKEN})


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


class TestToken:
    @pytest.mark.parametrize("path", PATHS)
    def test_without_it_everything_is_closed(self, serve, closed, path):
        answer = serve(settings=closed).get(path)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert answer.headers["content-type"] == "application/problem+json"

    def test_but_health(self, serve, closed):
        assert serve(settings=closed).get("/health").status_code == 200

    @pytest.mark.parametrize("path", ["/health/", "/health/x", "//health", "/health%2f..%2fjobs"])
    def test_nothing_hides_behind_health(self, serve, closed, path):
        assert serve(settings=closed).get(path).status_code == 401

    @pytest.mark.parametrize(
        "given",
        ["", "Bearer", "Bearer ", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer \xe9"],
    )
    def test_only_the_token_opens_it(self, serve, closed, given):
        answer = serve(settings=closed).get("/jobs", headers={"Authorization": given.encode("latin-1")})
        assert answer.status_code == 401

    def test_with_it_everything_is_open(self, serve, closed):
        client = serve(settings=closed)
        for path in ("/jobs", "/ready", "/openapi.json"):
            assert client.get(path, headers=bearer(TOKEN)).status_code == 200

    def test_it_is_compared_in_constant_time(self, serve, closed, monkeypatch):
        compared = []
        monkeypatch.setattr("serve_app.security.hmac.compare_digest", lambda a, b: compared.append((a, b)) or False)
        serve(settings=closed).get("/jobs", headers=bearer("x"))
        assert compared == [(b"x", TOKEN.encode())]

    def test_it_is_shown_nowhere(self, closed):
        assert TOKEN not in repr(closed)
        assert TOKEN not in closed.model_dump_json()


class TestCallers:
    """A web page that a browser on this machine has open must not command the application."""

    @pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9999", "http://[", "x"])
    def test_a_page_from_elsewhere_is_refused(self, client, launcher, origin):
        assert client.post("/jobs", json={}, headers={"Origin": origin}).status_code == 403
        assert client.get("/jobs", headers={"Origin": origin}).status_code == 403
        assert launcher.asked == []

    def test_its_own_page_is_not(self, client):
        assert client.get("/jobs", headers={"Origin": "http://127.0.0.1:8000"}).status_code == 200

    def test_an_allowed_origin_may_call_and_its_browser_is_told_so(self, serve, settings):
        client = serve(settings=settings.model_copy(update={"allowed_origins": ("https://app.example",)}))
        origin = {"Origin": "https://app.example"}
        assert client.get("/jobs", headers=origin).headers["access-control-allow-origin"] == "https://app.example"
        asked = origin | {"Access-Control-Request-Method": "DELETE", "Access-Control-Request-Headers": "authorization"}
        assert client("OPTIONS", "/jobs/x", headers=asked).status_code == 200
        assert client.get("/jobs", headers={"Origin": "https://other.example"}).status_code == 403

    def test_an_allowed_page_can_ask_before_it_has_the_token(self, serve, closed):
        client = serve(settings=closed.model_copy(update={"allowed_origins": ("https://app.example",)}))
        asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
        assert client("OPTIONS", "/jobs", headers=asked).status_code == 200
        assert client.get("/jobs", headers={"Origin": "https://app.example"}).status_code == 401

    @pytest.mark.parametrize(
        "host", ["http://evil.example", "http://192.168.0.7:8000", "http://localhost.evil.example"]
    )
    def test_without_a_token_a_foreign_name_of_this_machine_is_refused(self, serve, closed, host):
        assert serve(host=host).get("/jobs").status_code == 403
        assert serve(host=host, settings=closed).get("/jobs", headers=bearer(TOKEN)).status_code == 200

    @pytest.mark.parametrize("host", ["http://localhost:8000", "http://127.0.0.1", "http://[::1]:8000"])
    def test_names_of_this_machine_are_not(self, serve, host):
        assert serve(host=host).get("/jobs").status_code == 200


class TestBodies:
    def test_one_that_is_too_long_is_refused_whether_its_length_is_told_or_not(self, serve, settings):
        client = serve(settings=settings.model_copy(update={"body_limit": 100}))

        async def parts():
            for _ in range(11):
                yield b" " * 10

        for content in (b" " * 101, parts()):
            answer = client.post("/jobs", content=content, headers={"Content-Type": "application/json"})
            assert (answer.status_code, answer.json()["detail"]) == (413, "the body may have 100 bytes")

    @pytest.mark.parametrize("length", ["-1", "x", "9" * 40, "1e3", "²"])
    def test_a_length_that_is_none_is_refused(self, client, length):
        answer = client.post("/jobs", content=b"{}", headers={"Content-Length": length.encode("latin-1")})
        assert answer.status_code == 413

    def test_one_that_does_not_go_on_is_given_up(self, serve, settings):
        client = serve(settings=settings.model_copy(update={"body_timeout_s": 0.05}))

        async def silent():
            yield b"{"
            await asyncio.Event().wait()

        answer = client.post("/jobs", content=silent(), headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["detail"]) == (408, "the body did not go on")


class Echo:
    """A feed whose WebSocket tells that it was reached."""

    def router(self, services: Services) -> APIRouter:
        routes = APIRouter()

        @routes.websocket("/ws")
        async def ws(socket: WebSocket) -> None:
            await socket.accept()
            await socket.send_text("reached")

        return routes


def connect(services: Services, subprotocols: tuple[str, ...] = (), **headers: str) -> list[dict]:
    """What a WebSocket client at /ws is told."""
    told: list[dict] = []
    given = {"host": "127.0.0.1:8000"} | headers
    scope = {
        "type": "websocket",
        "asgi": {"version": "3.0"},
        "scheme": "ws",
        "path": "/ws",
        "raw_path": b"/ws",
        "root_path": "",
        "query_string": b"",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in given.items()],
        "subprotocols": list(subprotocols),
        "extensions": {},
    }

    async def receive() -> dict:
        return {"type": "websocket.connect"}

    async def send(message: dict) -> None:
        told.append(message)

    asyncio.run(make_app(services)(scope, receive, send))
    return told


class TestWebSockets:
    @pytest.fixture
    def services(self, store, closed, launcher) -> Services:
        return Services(closed, store, launcher, feed=Echo())

    def test_without_the_token_they_are_told_so_and_reach_nothing(self, services):
        accepted, closed = connect(services)
        assert (accepted["type"], closed["type"], closed["code"]) == ("websocket.accept", "websocket.close", 4401)

    def test_the_token_opens_them(self, services):
        accepted, told = connect(services, authorization=f"Bearer {TOKEN}")
        assert (accepted["type"], told["text"]) == ("websocket.accept", "reached")

    def test_a_browser_gives_it_as_a_subprotocol_which_is_never_sent_back(self, services):
        for given in (TOKEN, base64.urlsafe_b64encode(TOKEN.encode()).decode().rstrip("=")):
            accepted, told = connect(services, ("tuner", f"tuner.token.{given}"))
            assert (accepted["subprotocol"], told["text"]) == ("tuner", "reached")
            assert given not in str(accepted)

    @pytest.mark.parametrize("offered", [("tuner",), ("tuner", "tuner.token.x"), (TOKEN,), ("tuner.token.",)])
    def test_another_one_does_not(self, services, offered):
        assert connect(services, offered)[1]["code"] == 4401

    def test_a_page_from_elsewhere_is_refused(self, services):
        (only,) = connect(services, authorization=f"Bearer {TOKEN}", origin="http://evil.example")
        assert only["type"] == "websocket.close"

    def test_so_is_a_foreign_name_without_a_token(self, store, settings, launcher):
        open_to_all = Services(settings, store, launcher, feed=Echo())
        assert connect(open_to_all)[0]["type"] == "websocket.accept"
        assert connect(open_to_all, host="evil.example")[0]["type"] == "websocket.close"


@pytest.mark.parametrize("path", ["/health", "/jobs", "/nowhere", "/jobs/x"])
def test_every_answer_has_the_headers_that_browsers_are_held_by(client, path):
    headers = client.get(path).headers
    assert {name: headers[name] for name in HEADERS} == HEADERS
    assert headers["cache-control"] == "no-store"


def test_so_has_a_refusal_and_what_nobody_foresaw(client, store, monkeypatch):
    monkeypatch.setattr(type(store), "study", lambda *_: 1 / 0)
    for answer in (client.get("/jobs/x"), client.get("/jobs", headers={"Origin": "http://evil.example"})):
        assert answer.headers["x-content-type-options"] == "nosniff"


class TestAddress:
    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.2"])
    def test_this_machine_alone_needs_no_token(self, settings, host):
        settings.model_copy(update={"host": host}).check_address()

    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "example.org", ""])
    def test_any_other_does(self, settings, closed, host):
        with pytest.raises(FixInputError, match="set TUNER_API_TOKEN"):
            settings.model_copy(update={"host": host}).check_address()
        closed.model_copy(update={"host": host}).check_address()


class TestSettings:
    def test_they_come_from_the_environment(self, monkeypatch):
        given = {
            "API_TOKEN": "t",
            "ALLOWED_ORIGINS": "https://A.example, http://b:1",
            "ALLOWED_MODELS": "m:f",
            "PORT": "1",
        }
        for name, value in given.items():
            monkeypatch.setenv(f"TUNER_{name}", value)
        settings = ServeSettings()
        assert (settings.token, settings.port, settings.host) == ("t", 1, "127.0.0.1")
        assert settings.allowed_origins == ("https://a.example", "http://b:1")
        assert settings.allowed_models == ("m:f",)

    @pytest.mark.parametrize(
        ("name", "value"),
        [("API_TOKEN", ""), ("API_TOKEN", "two words"), ("ALLOWED_ORIGINS", "*"), ("ALLOWED_ORIGINS", "https://a/b")],
    )
    def test_what_would_open_it_by_mistake_is_refused(self, monkeypatch, name, value):
        monkeypatch.setenv(f"TUNER_{name}", value)
        with pytest.raises(ValueError, match=name.lower()):
            ServeSettings()
