"""`tuner serve` for all machines, with a token: what listens where, who is answered, what others can read.

One server and one study that trains, for all tests of this file.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from serve_app.feed.feed import MOST_CLIENTS
from tests.permissions import mode
from tests.serve_app.served import LONG, ROOT, WITHIN_S, Served, serving, trains

pytestmark = [pytest.mark.slow, pytest.mark.ray, pytest.mark.tensorflow, pytest.mark.timeout(5 * WITHIN_S)]

TOKEN = "secret-token"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
ROW = re.compile(r"^\| `([\w.:]+)` \| ([^|]+) \| [^|]+ \|$", re.MULTILINE)
"""A row of the table in serve_app/README.md: how the name of a process begins, and its address."""
NO_PORT = "An exception occurred while starting the metrics server"
"""Ray's `monitor.py` logs this if another Ray of this machine has its port, and goes on without it."""
RAY_RECORDS = """
import ray
from ray.experimental import internal_kv
from ray.job_submission import JobSubmissionClient

ray.init(log_to_driver=False)
for namespace in (None, b"serve", b"fun", b"job", b"session", b"cluster", b"tuner", b"tuner.serve"):
    for key in internal_kv._internal_kv_list(b"", namespace=namespace):
        print(namespace, key, internal_kv._internal_kv_get(key, namespace=namespace))
print(JobSubmissionClient(ray.get_runtime_context().gcs_address).list_jobs())
"""
"""Prints all that a cluster's key-value store holds and what it shows of its jobs."""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("network") / "results"


@pytest.fixture(scope="module")
def served(results: Path) -> Iterator[Served]:
    """A server with every secret, and a study that trains."""
    secrets = {"TUNER_API_TOKEN": TOKEN, "RUNPOD_API_KEY": "secret-key"}
    database = {"TUNER_DATABASE_URL": f"sqlite:///{results / 'secret-database.db'}"}
    before = os.umask(0o022)
    try:
        with serving(results, "--host", "0.0.0.0", **secrets, **database) as running:
            running.client.base_url = httpx.URL(f"http://127.0.0.1:{running.client.base_url.port}")
            running.client.headers.update(BEARER)
            # With slow steps little happens: all of it is told to every watcher.
            running.start("long", **LONG | {"space": LONG["space"] | {"step_s": 0.5}})
            running.wait("long", trains)
            yield running
    finally:
        os.umask(before)


def processes(served: Served) -> list[psutil.Process]:
    """All processes of the server that are still there."""
    numbers = [served.process.pid, *served.descendants("")]
    return [psutil.Process(number) for number in numbers if psutil.pid_exists(number)]


def sockets(served: Served) -> set[tuple[tuple[str, ...], str, int]]:
    """The first words of the command line, address and port of each socket on which a process of the server listens."""
    found = set()
    for process in processes(served):
        try:
            words = tuple(Path(word).name for word in process.cmdline()[:4])
            ports = [one.laddr for one in process.net_connections("inet") if one.status == psutil.CONN_LISTEN]
        except psutil.NoSuchProcess:
            continue
        found |= {(words, address.ip.removeprefix("::ffff:"), address.port) for address in ports}
    return found


def test_what_listens_where_is_what_the_page_says(served: Served) -> None:
    page = (ROOT / "serve_app/README.md").read_text().partition("## What listens where")[2].partition("\n## ")[0]
    rows = dict(ROW.findall(page))
    assert len(rows) == page.count("\n| `")
    until_s, seen, listening = time.monotonic() + WITHIN_S, set[str](), set[tuple[tuple[str, ...], str, int]]()
    while not rows.keys() - seen <= _without_port(served) and time.monotonic() < until_s:
        time.sleep(0.2)  # some of Ray's processes listen only later
        listening = sockets(served)
        seen = {_row(rows, words, f"{address}:{port}") for words, address, port in listening}
    assert rows.keys() - seen <= _without_port(served), "each row is of a process that listens"
    assert served.client.base_url.port in {port for _, _, port in listening}
    for words, address, port in listening:
        row = _row(rows, words, f"{address}:{port}")
        if port == served.client.base_url.port:
            assert address == "0.0.0.0"
            assert "`--host`" in rows[row]
        else:
            assert address in ("127.0.0.1", "::1"), f"{words} listens at {address}:{port}"
            assert "127.0.0.1" in rows[row]


def _without_port(served: Served) -> set[str]:
    """Rows of processes that do not listen here because their port is fixed and another Ray of this machine had it."""
    logs = served.rays.rglob("monitor.*")
    return {"monitor.py"} if any(NO_PORT in log.read_text(errors="replace") for log in logs) else set()


def _row(rows: dict[str, str], words: tuple[str, ...], address: str) -> str:
    row = next((row for row in rows if any(word.startswith(row) for word in words)), None)
    assert row is not None, f"the table of serve_app/README.md lacks {words} at {address}"
    return row


def test_a_login_holds_through_serve_until_the_logout(served: Served) -> None:
    url = served.client.base_url
    own = {"Origin": f"http://{url.netloc.decode()}"}
    with httpx.Client(base_url=url, timeout=WITHIN_S) as browser:
        assert browser.get("/jobs").status_code == 401
        assert browser.post("/login", json={"token": "wrong"}, headers=own).status_code == 401
        assert browser.post("/login", json={"token": TOKEN}, headers=own).status_code == 204
        assert browser.get("/session").json() == {"login_required": True, "logged_in": True}
        assert browser.get("/jobs").status_code == 200
        assert browser.post("/jobs/absent/cancel").status_code == 403
        assert browser.post("/jobs/absent/cancel", headers=own).status_code == 404
        assert browser.post("/logout", headers=own).status_code == 204
        assert browser.get("/jobs").status_code == 401


def test_paths_of_ray_serve_are_not_reachable(served: Served) -> None:
    for path in ("/-/routes", "/-/healthz", "/%2d/routes"):
        for headers in ({}, BEARER):
            answer = httpx.get(served.client.base_url.join(path), headers=headers, timeout=WITHIN_S)
            assert (answer.status_code, answer.json()["detail"]) == (404, "unknown path")


def test_only_clients_with_the_token_by_a_name_of_this_server_are_answered(served: Served) -> None:
    def status(path: str, **headers: str) -> int:
        return httpx.get(served.client.base_url.join(path), headers=headers, timeout=WITHIN_S).status_code

    assert [status(path) for path in ("/health", "/ready", "/jobs", "/jobs/long/events")] == [200, 401, 401, 401]
    foreign = BEARER | {"Host": "evil.example"}
    assert [status(path, **foreign) for path in ("/health", "/ready", "/jobs")] == [200, 200, 403]
    assert status("/jobs", **BEARER, Origin=f"ftp://127.0.0.1:{served.client.base_url.port}") == 403

    async def test() -> None:
        for path in ("/ws", "/-/routes"):
            with pytest.raises(InvalidStatus, match="403"):
                await connect(_websocket(served, path), additional_headers=foreign)

    asyncio.run(test())


def test_no_secret_is_in_what_ray_keeps_shows_and_logs(served: Served) -> None:
    commands = [process.cmdline() for process in processes(served)]
    driver = next(command for command in commands if "serve_app.launching.driver" in command)
    environment = os.environ | {
        "RAY_ADDRESS": driver[driver.index("--cluster") + 1],
        "RAY_TMPDIR": str(served.rays),
        "RAY_AUTH_MODE": "token",
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # the cluster is reached by 127.0.0.1 only
    }
    # Its logs are beside those of the server.
    command = [sys.executable, "-c", RAY_RECORDS]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, umask=0o077)
    assert done.returncode == 0, done.stderr
    assert "serve-deployment-state-checkpoint" in done.stdout
    assert "secret-" not in done.stdout
    assert "secret-" not in str(commands)
    files = [file for file in served.rays.rglob("*") if file.is_file()]
    assert len(files) > 10
    # The address of the database, without its password, may be in a log; SQLite has none.
    assert [file for file in files if re.search(rb"secret-(token|key)", file.read_bytes())] == []


def test_only_the_owner_can_read_results_database_and_logs(served: Served, results: Path) -> None:
    kept = [results, *results.rglob("*")]
    assert {"secret-database.db", "study.log"} <= {one.name for one in kept}
    logs = [file for file in served.rays.rglob("*") if file.is_file() and not file.is_symlink()]
    assert any(log.name.startswith("job-driver-long.") for log in logs)
    assert [f"{one} {mode(one)}" for one in (*kept, *logs) if one.exists() and one.stat().st_mode & 0o077] == []


def test_more_watchers_than_it_takes_leave_room_for_requests(served: Served) -> None:
    async def first(connected: AsyncExitStack) -> Any:
        address = _websocket(served, "/ws/jobs/long")
        # Without a bound the client reads on, and so answers pings; the server disconnects a client that does not.
        opened = connect(
            address, additional_headers=BEARER, open_timeout=WITHIN_S, ping_timeout=WITHIN_S, max_queue=None
        )
        client = await connected.enter_async_context(opened)
        try:
            return re.findall(r'"type":"(\w+)"', str(await client.recv()))[0]
        except ConnectionClosed:
            return client.close_code

    async def test() -> None:
        async with AsyncExitStack() as connected, httpx.AsyncClient(timeout=WITHIN_S) as http:
            told: Counter[Any] = Counter()
            for _ in range(MOST_CLIENTS // 50 + 1):
                told.update(await asyncio.gather(*(first(connected) for _ in range(50))))
                assert (await http.get(served.client.base_url.join("/health"))).status_code == 200
            assert told == {"snapshot": MOST_CLIENTS, 1013: 50}
            refused = await http.get(served.client.base_url.join("/jobs/long/events"), headers=BEARER)
            assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")

    asyncio.run(test())
    assert served.get("/jobs/long")["status"] == "running"


def _websocket(served: Served, path: str) -> str:
    return str(served.client.base_url.join(path)).replace("http", "ws", 1)
