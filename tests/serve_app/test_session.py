"""The dashboard's login: the cookie, who may do what with it, and how often a wrong token may be tried."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from serve_app import session
from serve_app.app import make_app
from serve_app.session import COOKIE, MOST_ADDRESSES, SESSION_S, TRIES, TRIES_S, LoginThrottle, Sessions
from serve_app.settings import ServeSettings
from tests.serve_app.conftest import HOST, Client
from tests.serve_app.replicas import Replica

TOKEN, OTHER = "correct-horse", "battery-staple"
OWN_PAGE = {"Origin": HOST, "Sec-Fetch-Site": "same-origin"}


class Clock:
    def __init__(self, now_s: float = 1_800_000_000.0) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def closed(settings) -> ServeSettings:
    return ServeSettings.model_validate(settings.model_dump() | {"api_token": TOKEN})


@pytest.fixture
def client(serve, closed) -> Client:
    """Of an application with a token."""
    return serve(settings=closed)


def log_in(client: Client, token: str = TOKEN, **headers: str) -> httpx.Response:
    return client.post("/login", json={"token": token}, headers=headers)


def with_cookie(value: str, **headers: str) -> dict[str, str]:
    return {"Cookie": f"{COOKIE}={value}", **headers}


def logged_in(client: Client) -> str:
    """The cookie's value after a login."""
    return str(log_in(client).cookies[COOKIE])


class TestLogin:
    def test_the_token_gives_a_cookie_that_opens_what_is_closed(self, client):
        answer = log_in(client)
        assert (answer.status_code, answer.content) == (204, b"")
        assert client.get("/jobs").status_code == 401
        assert client.get("/jobs", headers=with_cookie(answer.cookies[COOKIE])).status_code == 200

    def test_scripts_and_other_sites_never_have_the_cookie(self, client):
        said = {part.strip().lower() for part in log_in(client).headers["set-cookie"].split(";")[1:]}
        assert said == {"httponly", "samesite=strict", "path=/", f"max-age={SESSION_S}"}

    @pytest.mark.parametrize(
        "headers",
        [
            {"X-Forwarded-Proto": "https"},
            {"X-Forwarded-Proto": "HTTPS, http"},
            {"Origin": HOST.replace("http:", "https:")},
        ],
    )
    def test_behind_tls_the_cookie_is_never_sent_without(self, client, headers):
        assert "; Secure" in log_in(client, **headers).headers["set-cookie"]

    def test_over_tls_itself_too(self, serve, closed):
        client = serve(settings=closed, host=HOST.replace("http:", "https:"))
        assert "; Secure" in log_in(client).headers["set-cookie"]
        assert "; Secure" in client.post("/logout").headers["set-cookie"]

    def test_spaces_around_a_pasted_token_do_not_matter(self, client):
        assert log_in(client, f" {TOKEN}\n").status_code == 204

    def test_another_token_gives_none(self, client):
        for token in ("", "x", TOKEN[:-1], f"{TOKEN}x", "é", "x" * 4096):
            answer = log_in(client, token)
            assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json"), token
            assert answer.json()["detail"] == "the token is wrong"
            assert "set-cookie" not in answer.headers

    def test_what_is_no_login_is_invalid(self, client):
        for body in ({}, {"token": None}, {"token": 1}, {"token": "x" * 4097}, {"token": "x", "y": 1}):
            assert client.post("/login", json=body).status_code == 422, body

    def test_the_token_is_in_no_answer_and_no_log(self, client, caplog):
        answers = [log_in(client), log_in(client, f"{TOKEN}x"), client.post("/login", json={"token": [TOKEN]})]
        assert all(TOKEN not in answer.text + str(answer.headers) for answer in answers)
        assert TOKEN not in caplog.text
        assert "POST /login: wrong token from" in caplog.text

    def test_without_a_token_there_is_nothing_to_log_in_to(self, serve):
        answer = log_in(serve())
        assert (answer.status_code, answer.headers.get("set-cookie")) == (204, None)


class TestSession:
    def test_it_says_whether_a_login_is_required_and_done(self, client, serve):
        def told(client: Client, **headers: str) -> dict[str, bool]:
            return client.get("/session", headers=headers).json()

        assert told(serve()) == {"login_required": False, "logged_in": True}
        assert told(client) == {"login_required": True, "logged_in": False}
        assert told(client, **with_cookie("x")) == {"login_required": True, "logged_in": False}
        assert told(client, **with_cookie(logged_in(client))) == {"login_required": True, "logged_in": True}
        assert told(client, Authorization=f"Bearer {TOKEN}") == {"login_required": True, "logged_in": True}

    def test_it_survives_a_restart_and_holds_for_every_replica(self, client, serve, closed):
        value = logged_in(client)
        assert serve(settings=closed).get("/jobs", headers=with_cookie(value)).status_code == 200

    def test_it_ends_when_the_operator_changes_the_token(self, client, serve, closed):
        changed = ServeSettings.model_validate(closed.model_dump() | {"api_token": OTHER})
        answer = serve(settings=changed).get("/jobs", headers=with_cookie(logged_in(client)))
        assert answer.status_code == 401

    def test_logging_out_deletes_the_cookie(self, client):
        answer = client.post("/logout", headers=with_cookie(logged_in(client), **OWN_PAGE))
        assert answer.status_code == 204
        said = answer.headers["set-cookie"].lower()
        assert said.startswith(f'{COOKIE}=""; ') or said.startswith(f"{COOKIE}=; ")
        assert "max-age=0" in said
        assert {"httponly", "path=/", "samesite=strict"} <= {part.strip() for part in said.split(";")}

    def test_who_is_not_logged_in_can_log_out(self, client, serve):
        assert client.post("/logout").status_code == serve().post("/logout").status_code == 204

    def test_an_application_without_a_token_ignores_cookies(self, serve):
        assert serve().get("/jobs", headers=with_cookie("x")).status_code == 200
        assert serve().post("/jobs", json={"trials": 0}, headers=with_cookie("x")).status_code == 422


class TestCookie:
    def test_it_expires(self):
        clock = Clock()
        sessions = Sessions(TOKEN, clock)
        value = sessions.issue()
        clock.now_s += SESSION_S - 1
        assert sessions.is_valid(value)
        clock.now_s += 1
        assert not sessions.is_valid(value)

    def test_only_what_was_issued_is_valid(self):
        sessions = Sessions(TOKEN, Clock())
        version, expires, signature = sessions.issue().split(".")
        assert sessions.is_valid(f"{version}.{expires}.{signature}")
        forged = [
            "",
            ".",
            "..",
            version,
            f"{version}.{expires}",
            f"{version}.{expires}.",
            f"{version}.{int(expires) + 1}.{signature}",
            f"{version}.{int(expires) - 1}.{signature}",
            f"2.{expires}.{signature}",
            f"{version}.{expires}.{signature.upper()}",
            f"{version}.{expires}.{signature[:-1]}",
            f"{version}.{expires}.{signature}0",
            f"{version}.-1.{signature}",
            f"{version}.²²²²²²²²²².{signature}",
            f"{version}.{'9' * 5000}.{signature}",
            f"{version}.{expires}.\udcff",
        ]
        assert [value for value in forged if sessions.is_valid(value)] == []

    def test_none_is_valid_for_longer_than_it_can_be_issued(self):
        """A clock that was wrong once, or a stolen key, gives no session without end."""
        value = Sessions(TOKEN, Clock(1_900_000_000.0)).issue()
        assert not Sessions(TOKEN, Clock(1_800_000_000.0)).is_valid(value)

    def test_without_a_token_none_is_valid(self):
        assert not Sessions(None).is_valid(Sessions(TOKEN).issue())

    def test_the_cookies_of_other_programs_on_this_machine_do_not_matter(self, client):
        value = logged_in(client)
        for cookie in (f"a=b; {COOKIE}=x; {COOKIE}={value}; c", f'{COOKIE}="{value}"', f"x{COOKIE}=1;{COOKIE}={value}"):
            assert client.get("/jobs", headers={"Cookie": cookie}).status_code == 200
        assert client.get("/jobs", headers={"Cookie": f"x{COOKIE}={value}"}).status_code == 401

    def test_the_key_costs_whoever_guesses_tokens_time(self):
        assert session._SCRYPT["n"] * session._SCRYPT["r"] * 128 >= 16 * 2**20


CREDENTIALS = ("nothing", "token", "wrong token", "cookie", "old cookie", "wrong token and cookie")
PAGES: dict[str, dict[str, str]] = {
    "no browser": {},
    "own page": {"Origin": HOST},
    "own page behind TLS": {"Origin": HOST.replace("http:", "https:")},
    "own page without Origin": {"Sec-Fetch-Site": "same-origin"},
    "other port": {"Origin": "http://127.0.0.1:9999", "Sec-Fetch-Site": "same-site"},
    "other port without Origin": {"Sec-Fetch-Site": "same-site"},
    "other site": {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    "listed page": {"Origin": "https://app.example", "Sec-Fetch-Site": "cross-site"},
    "link in an e-mail": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    "listed page that claims to be own": {"Origin": "https://app.example", "Sec-Fetch-Site": "same-origin"},
}
REFUSED_PAGES = ("other port", "other site")
OWN_PAGES = ("own page", "own page behind TLS", "own page without Origin")


def may(page: str, credential: str, *, changes: bool) -> int | None:
    """The status with which a request is refused; None: it reaches its route. This is the table of who may do what."""
    if page in REFUSED_PAGES:
        return 403
    if credential == "token":
        return None
    if "cookie" not in credential or credential == "old cookie":
        return 401
    return None if not changes or page in OWN_PAGES else 403


@pytest.mark.parametrize("credential", CREDENTIALS)
@pytest.mark.parametrize("page", PAGES)
class TestWhoMayDoWhat:
    """Of one application and one replica: nothing that is asked here changes them."""

    @pytest.fixture(scope="class")
    @classmethod
    def listed(cls, shared) -> ServeSettings:
        chosen = {"api_token": TOKEN, "allowed_origins": "https://app.example"}
        return ServeSettings.model_validate(shared.settings.model_dump() | chosen)

    @pytest.fixture(scope="class")
    @classmethod
    def client(cls, shared, listed) -> Client:
        return Client(make_app(replace(shared, settings=listed)))

    @pytest.fixture(scope="class")
    @classmethod
    def replica(cls, shared_listen) -> Replica:
        return shared_listen(api_token=TOKEN, allowed_origins="https://app.example")

    @pytest.fixture
    def headers(self, page, credential) -> dict[str, str]:
        sessions = Sessions(TOKEN)
        old = Sessions(TOKEN, Clock(1_000_000_000.0)).issue()
        given = {
            "nothing": {},
            "token": {"Authorization": f"Bearer {TOKEN}"},
            "wrong token": {"Authorization": f"Bearer {OTHER}"},
            "cookie": with_cookie(sessions.issue()),
            "old cookie": with_cookie(old),
            "wrong token and cookie": {"Authorization": f"Bearer {OTHER}", **with_cookie(sessions.issue())},
        }
        return PAGES[page] | given[credential]

    def test_over_http(self, client, shared, headers, page, credential):
        reached = {"GET": ("/jobs", 200), "POST": ("/jobs", 422), "DELETE": ("/jobs/absent", 404)}
        for method, (path, status) in reached.items():
            expected = may(page, credential, changes=method != "GET")
            body: dict[str, Any] = {"json": {"trials": 0}} if method == "POST" else {}
            answer = client(method, path, headers=headers, **body)
            assert answer.status_code == (expected or status), method
        assert shared.launcher.asked == []

    def test_with_a_websocket(self, replica, headers, page, credential):
        """Browsers send cookies with the WebSockets of every page, and let every page read what comes back."""
        own = {"Origin": replica.address.replace("http:", "https:" if "TLS" in page else "http:")}
        sent = headers | (own if page in OWN_PAGES and "Origin" in headers else {})
        expected = may(page, credential, changes=True)

        async def first() -> int | None:
            """The status or close code by which it is refused; None: it is not."""
            origin = sent.get("Origin")
            others = {name: value for name, value in sent.items() if name != "Origin"}
            try:
                async with replica.connect("/ws", origin=origin, additional_headers=others) as client:
                    await client.next()
            except InvalidStatus as refused:
                return refused.response.status_code
            except ConnectionClosed as ended:
                return None if ended.rcvd is None else ended.rcvd.code
            return None

        assert asyncio.run(first()) == (4401 if expected == 401 else expected)


class TestThrottle:
    @pytest.fixture
    def clock(self) -> Clock:
        return Clock(0.0)

    @pytest.fixture
    def throttle(self, clock) -> LoginThrottle:
        return LoginThrottle(clock)

    def scope(self, host: str | None) -> dict[str, Any]:
        return {"type": "http", "client": None if host is None else (host, 1)}

    def test_after_too_many_wrong_tokens_even_the_right_one_waits(self, client):
        assert [log_in(client, OTHER).status_code for _ in range(TRIES)] == [401] * TRIES
        refused = log_in(client)
        assert (refused.status_code, refused.json()["detail"]) == (429, "too many wrong tokens from this address")
        assert 0 < int(refused.headers["retry-after"]) <= TRIES_S
        assert client.get("/jobs", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200

    def test_right_tokens_and_invalid_requests_do_not_count(self, client):
        for _ in range(TRIES + 1):
            assert log_in(client).status_code == 204
            assert client.post("/login", json={}).status_code == 422

    def test_the_oldest_wrong_token_is_forgotten_first(self, throttle, clock):
        for _ in range(TRIES):
            assert throttle.wait_s(self.scope("10.0.0.1")) == 0
            throttle.count_wrong(self.scope("10.0.0.1"))
            clock.now_s += 1
        assert throttle.wait_s(self.scope("10.0.0.1")) == TRIES_S - TRIES
        clock.now_s += TRIES_S - TRIES
        assert throttle.wait_s(self.scope("10.0.0.1")) == 0
        throttle.count_wrong(self.scope("10.0.0.1"))
        assert throttle.wait_s(self.scope("10.0.0.1")) == 1

    def test_one_address_does_not_lock_out_another(self, throttle):
        for _ in range(TRIES):
            throttle.count_wrong(self.scope("10.0.0.1"))
        assert throttle.wait_s(self.scope("10.0.0.2")) == 0
        assert throttle.wait_s(self.scope(None)) == 0

    def test_a_network_of_ipv6_counts_as_one_sender(self, throttle):
        for number in range(TRIES):
            throttle.count_wrong(self.scope(f"2001:db8::{number:x}"))
        assert throttle.wait_s(self.scope("2001:db8::ffff")) > 0
        assert throttle.wait_s(self.scope("2001:db8:0:1::1")) == 0

    def test_many_senders_fill_no_memory(self, throttle):
        for number in range(MOST_ADDRESSES + 50):
            throttle.count_wrong(self.scope(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"))
        assert len(throttle._wrong) == MOST_ADDRESSES
