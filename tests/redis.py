"""A Redis server for tests, from the program on the PATH. It listens to this machine alone, and keeps nothing."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

GIVEN = os.environ.get("TUNER_TEST_REDIS_ADDRESS")
"""host:port of a server to use instead. It must be empty."""
REMEDY = "no Redis: apt-get install redis-server, or set TUNER_TEST_REDIS_ADDRESS"
_START_S = 30.0
_LOOK_S = 0.05


@contextmanager
def server(folder: Path) -> Iterator[str | None]:
    """The address of an empty server, as host:port; None: there is no Redis on this machine.

    Args:
        folder: For its log.
    """
    program = shutil.which("redis-server")
    if GIVEN is not None or program is None:
        yield GIVEN
        return
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
    log = folder / "redis.log"
    with log.open("w") as output:
        process = subprocess.Popen([program, *settings], stdout=output, stderr=output)
    try:
        _wait(port, process, log)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return once it answers a PING."""
    until_s = time.monotonic() + _START_S
    while not _answers(port):
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < until_s, log.read_text()
        time.sleep(_LOOK_S)


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False
