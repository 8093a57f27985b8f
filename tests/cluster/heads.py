"""A head of a Ray cluster, by Ray's own command line."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from tests.serve_app.served import WITHIN_S

BIN = Path(sys.executable).parent
STARTED = "Ray runtime started"


def free_ports(count: int) -> list[int]:
    with ExitStack() as open_ones:
        sockets = [open_ones.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [one.getsockname()[1] for one in sockets]


@contextmanager
def running_head(*arguments: str, environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """`ray start --head` with these arguments, until the end; gives the environment of whoever works with it."""
    rays = tempfile.mkdtemp(prefix="head", dir="/tmp")  # sockets below it must have short names
    given = {**environment, "RAY_TMPDIR": rays}
    command = [str(BIN / "ray"), "start", "--head", "--block", *arguments]
    process = subprocess.Popen(
        command, env=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )  # fmt: skip
    said: list[str] = []
    started = threading.Event()

    def listen() -> None:  # to the end: nobody may wait for room in the pipe
        assert process.stdout is not None
        with process.stdout as output:
            for line in output:
                said.append(line)
                if STARTED in line:
                    started.set()
        started.set()

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    try:
        assert started.wait(WITHIN_S), "it does not start: " + "".join(said)
        assert any(STARTED in line for line in said), "".join(said)
        yield given
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(30)
        with suppress(ProcessLookupError):  # what it left
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        listener.join(WITHIN_S)
        assert not listener.is_alive(), "some process of the head outlived it"
        shutil.rmtree(rays, ignore_errors=True)
