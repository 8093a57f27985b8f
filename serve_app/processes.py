"""The processes that this one started: it ends at once if a required one ends, and none of them outlives it. Linux.

A process whose parent dies goes on as a child of the system's first process, where nothing could find it. In
`none_left` it becomes a child of this process instead.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import NoReturn

import psutil

KILL_WITHIN_S = 5.0
_SET_CHILD_SUBREAPER = 36
"""Linux's name for what adopts orphans, an operation of `prctl`."""


@contextmanager
def none_left() -> Iterator[None]:
    """Context manager after which no process below this one lives: those that do are killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        kill_all()


def kill_all() -> None:
    """Kill every process below this one, also those that appear meanwhile. Returns within KILL_WITHIN_S."""
    until_s = time.monotonic() + KILL_WITHIN_S
    while (below := psutil.Process().children(recursive=True)) and time.monotonic() < until_s:
        for process in below:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(below, timeout=max(0.0, until_s - time.monotonic()))


def exit_at_once(code: int) -> NoReturn:
    """End this process and all below it without any cleaning up."""
    kill_all()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


@contextmanager
def required(names: Mapping[int, str], on_end: Callable[[str, str], None]) -> Iterator[None]:
    """Context manager in which `on_end` is called, in a thread of its own, when the first of these children ends.

    Its arguments are the child's name and how it ended. Adopted orphans that end meanwhile are forgotten by the system.

    Args:
        names: Children of this process by their numbers.
    """
    over = threading.Event()

    def watch() -> None:
        with suppress(ChildProcessError):  # all have ended, in order
            while names:
                # WNOWAIT: Ray, which started the child, can still ask for its exit code.
                ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
                if over.is_set() or ended is None:
                    return
                if ended.si_pid in names:
                    on_end(names[ended.si_pid], _described(ended))
                    return
                os.waitpid(ended.si_pid, 0)

    threading.Thread(target=watch, name="processes", daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _described(ended: os.waitid_result) -> str:
    killed = ended.si_code in (os.CLD_KILLED, os.CLD_DUMPED)
    return f"killed by signal {ended.si_status}" if killed else f"exit code {ended.si_status}"
