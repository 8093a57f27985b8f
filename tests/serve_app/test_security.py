"""What stands before every route: the token, web pages from elsewhere, other machines, long and silent bodies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from serve_app import security
from serve_app.authentication import OPEN
from serve_app.security import HEADERS, Callers
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
    def test_without_it_everything_is_closed(self, shared_serve, path):
        answer = shared_serve(api_token=TOKEN).get(path)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert answer.headers["content-type"] == "application/problem+json"

    def test_no_route_is_left_out(self, shared_serve):
        client = shared_serve(api_token=TOKEN)
        paths = client.get("/openapi.json", headers=bearer(TOKEN)).json()["paths"].items()
        asked = [
            (method.upper(), path.format(id="x", n=1, name="x", split="test", index=0))
            for path, methods in paths
            for method in methods
        ]
        assert len(asked) > 20
        assert {path for method, path in asked if client(method, path).status_code != 401} == set(OPEN)

    def test_but_health(self, shared_serve):
        assert shared_serve(api_token=TOKEN).get("/health").status_code == 200

    @pytest.mark.parametrize("path", ["/health/", "/health/x", "//health", "/health%2f..%2fjobs"])
    def test_nothing_hides_behind_health(self, shared_serve, path):
        assert shared_serve(api_token=TOKEN).get(path).status_code == 401

    @pytest.mark.parametrize(
        "given",
        ["", "Bearer", "Bearer ", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer \xe9"],
    )
    def test_only_the_token_opens_it(self, shared_serve, given):
        answer = shared_serve(api_token=TOKEN).get("/jobs", headers={"Authorization": given.encode("latin-1")})
        assert answer.status_code == 401

    def test_with_it_everything_is_open(self, shared_serve):
        client = shared_serve(api_token=TOKEN)
        for path in ("/jobs", "/ready", "/openapi.json"):
            assert client.get(path, headers=bearer(TOKEN)).status_code == 200

    def test_it_is_compared_in_constant_time(self, serve, closed, monkeypatch):
        compared = []
        monkeypatch.setattr("hmac.compare_digest", lambda a, b: compared.append((a, b)) or False)
        serve(settings=closed).get("/jobs", headers=bearer("x"))
        assert compared == [(b"x", TOKEN.encode())]

    def test_it_is_shown_nowhere(self, closed):
        assert TOKEN not in repr(closed)
        assert TOKEN not in closed.model_dump_json()


class TestCallers:
    """A web page that a browser on this machine has open must not command the application."""

    @pytest.mark.parametrize(
        "origin",
        [
            "http://evil.example",
            "null",
            "http://127.0.0.1:9999",
            "http://[",
            "x",
            "ftp://127.0.0.1:8000",
            "chrome-extension://127.0.0.1:8000",
            "file://127.0.0.1:8000",
            "://127.0.0.1:8000",
        ],
    )
    def test_a_page_from_elsewhere_is_refused(self, shared_client, shared, origin):
        assert shared_client.post("/jobs", json={}, headers={"Origin": origin}).status_code == 403
        assert shared_client.get("/jobs", headers={"Origin": origin}).status_code == 403
        assert shared.launcher.asked == []

    @pytest.mark.parametrize("scheme", ["http", "https", "HTTP"])
    def test_its_own_page_is_not(self, shared_client, scheme):
        assert shared_client.get("/jobs", headers={"Origin": f"{scheme}://127.0.0.1:8000"}).status_code == 200

    def test_each_of_two_origins_counts(self, shared_client):
        for other in ("http://evil.example", "null"):
            headers = [("Origin", "http://127.0.0.1:8000"), ("Origin", other)]
            assert shared_client.get("/jobs", headers=headers).status_code == 403

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
        "host", ["evil.example", "192.168.0.7:8000", "localhost.evil.example", "vm", "vm.local:8000", "0.0.0.0:8000"]
    )
    def test_without_a_token_a_foreign_name_of_this_machine_is_refused(self, shared_client, host, monkeypatch):
        monkeypatch.setattr("serve_app.security.socket.gethostname", lambda: "vm")
        refused = shared_client.get("/jobs", headers={"Host": host})
        assert (refused.status_code, refused.json()["status"]) == (403, 403)
        assert "TUNER_ALLOWED_HOSTS" in refused.json()["detail"]
        assert shared_client.get("/health", headers={"Host": host}).status_code == 200

    @pytest.mark.parametrize("host", ["http://localhost:8000", "http://127.0.0.1", "http://[::1]:8000"])
    def test_names_of_this_machine_are_not(self, shared_serve, host):
        assert shared_serve(host=host).get("/jobs").status_code == 200


class TestHosts:
    """A page of a foreign name that resolves to this server must not command it with a token that the browser keeps."""

    @pytest.fixture
    def get(self, shared_serve, monkeypatch):
        """The answer to a request with the token by this Host, from an application with these allowed hosts."""
        monkeypatch.setattr("serve_app.security.socket.gethostname", lambda: "VM.example.org")

        def ask(host, path="/jobs", allowed=(), **headers):
            client = shared_serve(api_token=TOKEN, allowed_hosts=allowed)
            return client.get(path, headers={"Host": host} | bearer(TOKEN) | headers)

        return ask

    @pytest.mark.parametrize(
        "host",
        [
            "evil.example",
            "evil.example:8000",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "vm.example.org.evil.example",
            "evil.example@127.0.0.1@x",
            "2130706433",
            "127.1",
            "[::1",
            "[evil.example]",
            "x" * 60_000,
        ],
    )
    def test_another_name_is_refused_with_a_token_too(self, get, host):
        refused = get(host)
        assert refused.status_code == 403
        assert refused.json()["detail"] == "requests with this Host are refused unless TUNER_ALLOWED_HOSTS lists it"
        assert len(refused.content) < 500

    @pytest.mark.parametrize(
        "host",
        [
            "localhost:8000",
            "192.168.0.7:8000",
            "[2001:db8::7]:8000",
            "vm.example.org",
            "VM:8000",
            "vm.local",
            "vm.example.org.",
        ],
    )
    def test_addresses_and_names_of_this_machine_are_not(self, get, host):
        assert get(host).status_code == 200

    def test_names_that_the_operator_lists_are_not(self, get):
        for host in ("tuner.example.net", "Tuner.Example.Net:443", "tuner.example.net."):
            assert get(host, allowed="Tuner.example.net, other").status_code == 200
        assert get("x.tuner.example.net", allowed="tuner.example.net").status_code == 403

    def test_listed_names_count_without_a_token_too(self, serve, settings):
        settings = settings.model_copy(update={"allowed_hosts": ("tuner.example.net",)})
        assert serve(settings=settings).get("/jobs", headers={"Host": "tuner.example.net"}).status_code == 200

    def test_load_balancers_may_ask_by_any_name(self, get):
        assert [get("evil.example", path).status_code for path in ("/health", "/ready", "/metrics")] == [200, 200, 403]

    def test_a_page_of_a_foreign_name_is_refused_there_too(self, get):
        assert get("evil.example", "/ready", Origin="http://other.example").status_code == 403

    def test_each_of_two_hosts_counts(self, shared_serve):
        headers = [("Host", "127.0.0.1:8000"), ("Host", "evil.example"), *bearer(TOKEN).items()]
        assert shared_serve(api_token=TOKEN).get("/jobs", headers=headers).status_code == 403


class TestBodies:
    def test_one_that_is_too_long_is_refused_whether_its_length_is_told_or_not(self, serve, settings):
        client = serve(settings=settings.model_copy(update={"body_limit": 100}))

        async def parts():
            for _ in range(11):
                yield b" " * 10

        for content in (b" " * 101, parts()):
            answer = client.post("/jobs", content=content, headers={"Content-Type": "application/json"})
            assert (answer.status_code, answer.json()["detail"]) == (413, "the body is longer than 100 bytes")

    @pytest.mark.parametrize("length", ["-1", "x", "9" * 40, "1e3", "²"])
    def test_a_length_that_is_none_is_refused(self, shared_client, length):
        answer = shared_client.post("/jobs", content=b"{}", headers={"Content-Length": length.encode("latin-1")})
        assert answer.status_code == 413

    def test_one_that_does_not_go_on_is_given_up(self, serve, settings):
        client = serve(settings=settings.model_copy(update={"body_timeout_s": 0.05}))

        async def silent():
            yield b"{"
            await asyncio.Event().wait()

        answer = client.post("/jobs", content=silent(), headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["detail"]) == (408, "the body arrives too slowly")

    def test_one_that_drips_is_given_up_and_a_fast_one_may_take_long(self, serve, settings, monkeypatch):
        monkeypatch.setattr(security, "BODY_BYTES_PER_S", 1_000)
        client = serve(settings=settings.model_copy(update={"body_timeout_s": 0.1}))

        async def parts(size: int, pause_s: float):
            for _ in range(20):
                yield b" " * size
                await asyncio.sleep(pause_s)

        def status(content: AsyncIterator[bytes]) -> int:
            return client.post("/jobs", content=content, headers={"Content-Type": "application/json"}).status_code

        assert status(parts(1, 0.02)) == 408
        assert status(parts(100, 0.02)) == 422, "it arrived, and is no JSON"


@pytest.mark.parametrize("kind", ["http", "websocket"])
class TestOwnMachine:
    """Without a token only what came in by an address that no other machine reaches is answered."""

    def answer(self, kind: str, server: tuple[str, int] | None, settings: ServeSettings) -> list[dict]:
        """What is sent to a request that came in at that address, whatever host it claims to ask."""
        sent: list[dict] = []

        async def inner(scope: dict, receive: object, send: object) -> None:
            sent.append({"type": "answered"})

        async def send(message: dict) -> None:
            sent.append(message)

        scope = {"type": kind, "server": server, "path": "/ws", "headers": [(b"host", b"localhost")]}
        asyncio.run(Callers(inner, settings)(scope, None, send))
        return sent

    @pytest.mark.parametrize("server", [("127.0.0.1", 8000), ("::1", 8000), ("localhost", 80)])
    def test_what_comes_in_at_a_local_address_is_answered(self, settings, kind, server):
        assert self.answer(kind, server, settings) == [{"type": "answered"}]

    @pytest.mark.parametrize(
        "server", [("10.0.0.3", 8000), ("0.0.0.0", 8000), ("example.org", 80), ("2001:db8::1", 1), None]
    )
    def test_what_comes_in_at_any_other_is_not_unless_there_is_a_token(self, settings, closed, kind, server):
        refused = self.answer(kind, server, settings)
        told = refused[0]["reason"] if kind == "websocket" else refused[1]["body"].decode()
        assert "until TUNER_API_TOKEN is set" in told
        assert refused[0]["type"] in ("http.response.start", "websocket.close")
        assert refused[0].get("status") == (403 if kind == "http" else None)
        assert self.answer(kind, server, closed) == [{"type": "answered"}]


@pytest.mark.parametrize("path", ["/health", "/jobs", "/nowhere", "/jobs/x"])
def test_every_answer_has_the_headers_that_browsers_are_held_by(shared_client, path):
    headers = shared_client.get(path).headers
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
            "ALLOWED_HOSTS": "A.example, b, [2001:DB8::7]",
            "PORT": "1",
        }
        for name, value in given.items():
            monkeypatch.setenv(f"TUNER_{name}", value)
        settings = ServeSettings()
        assert (settings.token, settings.port, settings.host) == ("t", 1, "127.0.0.1")
        assert settings.allowed_origins == ("https://a.example", "http://b:1")
        assert settings.allowed_models == ("m:f",)
        assert settings.allowed_hosts == ("a.example", "b", "2001:db8::7")

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("API_TOKEN", ""),
            ("API_TOKEN", "two words"),
            ("ALLOWED_ORIGINS", "*"),
            ("ALLOWED_ORIGINS", "https://a/b"),
            ("ALLOWED_HOSTS", "*"),
            ("ALLOWED_HOSTS", "a:8000"),
            ("ALLOWED_HOSTS", "https://a"),
        ],
    )
    def test_what_would_open_it_by_mistake_is_refused(self, monkeypatch, name, value):
        monkeypatch.setenv(f"TUNER_{name}", value)
        with pytest.raises(ValueError, match=name.lower()):
            ServeSettings()
