"""Ends `tuner serve` within seconds when the Ray cluster that it needs ends.

Without its cluster the application cannot answer, and calls of Ray wait for minutes. So nothing is cleaned up in order:
a line says what happened, the processes that were started are killed, and this process ends with exit code 1.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from serve_app.processes import exit_at_once, required
from tuner.runners.cluster import RayCluster, answers

LOOK_S = 2.0
LOST_S = 8.0
"""A joined cluster that has not answered for so long is lost."""

_Fail = Callable[[str], None]


@contextmanager
def ending_with_cluster(cluster: RayCluster, fail: _Fail) -> Iterator[None]:
    """Context manager in which this process ends when a process of its own cluster ends, or a joined one is lost.

    Args:
        fail: Prints an error as one line.
    """
    import ray

    if cluster.started:
        with required(ray_processes(), lambda name, how: _end(f"Ray's process {name} ended: {how}", fail)):
            yield
    else:
        address = ray.get_runtime_context().gcs_address
        with _answering(address, lambda: _end(f"the Ray cluster at {address} is lost", fail)):
            yield


def ray_processes() -> dict[int, str]:
    """Ray's processes that this process has started, such as `raylet`, by their numbers.

    The cluster does without none of them: the raylet ends with its agents, and the dashboard starts drivers.
    """
    import ray

    folder = f"{Path(ray.__file__).parent}{os.sep}"
    found = {}
    for child in psutil.Process().children():
        with suppress(psutil.Error):  # it has ended
            programs = [word for word in child.cmdline() if word.startswith(folder)]
            if programs:
                found[child.pid] = Path(programs[0]).stem
    return found


@contextmanager
def _answering(address: str, on_lost: Callable[[], None]) -> Iterator[None]:
    """Context manager in which `on_lost` is called, in a thread of its own, once nothing answers at the address."""
    over = threading.Event()

    def watch() -> None:
        silent_s = 0.0
        while not over.wait(LOOK_S):
            silent_s = 0.0 if answers(address) else silent_s + LOOK_S
            if silent_s >= LOST_S:
                on_lost()
                return

    threading.Thread(target=watch, name="cluster", daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _end(what: str, fail: _Fail) -> None:
    fail(f"{what} - start the server again; --go-on resumes the studies that it ran")
    exit_at_once(1)
