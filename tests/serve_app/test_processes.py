"""A process ends with those that it requires, and leaves none. Real processes, without Ray."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[2]
WAIT_S = 60.0
PARENT = """
import subprocess, sys
from serve_app.processes import exit_at_once, none_left, required

SLEEP = [sys.executable, "-c", "import time; time.sleep(1000)"]
ORPHAN = f"import subprocess; print(subprocess.Popen({SLEEP}, stdout=subprocess.DEVNULL, start_new_session=True).pid)"

def end(name, how):
    print(f"{name} ended: {how}", flush=True)
    exit_at_once(1)

with none_left():
    part = subprocess.Popen(SLEEP)
    orphan = subprocess.run([sys.executable, "-c", ORPHAN], stdout=subprocess.PIPE, text=True).stdout.strip()
    print(part.pid, orphan, flush=True)
    with required({part.pid: "the part"}, end):
        sys.stdin.read()
"""


class Parent:
    """A process with a child that it requires and a grandchild whose parent has ended."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self.process = process
        self.part, self.orphan = map(int, process.stdout.readline().split())

    def ended(self) -> tuple[int, str]:
        """Its exit code and what it has said, once it has ended by itself."""
        self.process.wait(WAIT_S)
        return self.end()

    def end(self) -> tuple[int, str]:
        """Let it end; its exit code and what it has said."""
        said, _ = self.process.communicate(timeout=WAIT_S)
        return self.process.returncode, said.strip()


@pytest.fixture
def parent() -> Iterator[Parent]:
    command = [sys.executable, "-c", PARENT]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Parent(process)
        finally:
            process.kill()


def test_it_ends_when_a_required_process_is_killed(parent: Parent) -> None:
    os.kill(parent.part, signal.SIGKILL)
    assert parent.ended() == (1, "the part ended: killed by signal 9")
    assert not psutil.pid_exists(parent.orphan)


def test_an_adopted_process_may_end_and_is_forgotten(parent: Parent) -> None:
    """As long as the system keeps its number, a study would count as running on it."""
    orphan = psutil.Process(parent.orphan)  # once it is forgotten, nothing knows its number
    orphan.kill()
    orphan.wait(WAIT_S)
    assert parent.process.poll() is None
    assert psutil.pid_exists(parent.part)
    parent.end()


def test_none_is_left_at_its_own_end(parent: Parent) -> None:
    assert parent.end() == (0, "")
    assert [pid for pid in (parent.part, parent.orphan) if psutil.pid_exists(pid)] == []
