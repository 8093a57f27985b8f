"""Starts the commands that are measured, with a clean environment, and ends them with all their processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[3]
SCRIPTS = Path(__file__).parent / "scripts"
FOREIGN = ("TUNER_", "RAY_", "TUNE_", "KERAS_", "TF_", "PYTHONDONTWRITEBYTECODE")
"""Beginnings of the environment variables that measured commands do not inherit."""
END_WITHIN_S = 30.0
"""Time in which a process may end by itself before it is killed."""


class MeasurementError(Exception):
    """A measured command failed."""


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    started: float
    """`time.time()` immediately before the start of its process."""
    ended: float
    code: int
    output: str
    """Standard output and standard error."""
    timed_out: bool

    @property
    def seconds(self) -> float:
        return self.ended - self.started

    def figures(self) -> dict[str, Any] | None:
        """The last line of its output that is a JSON object; None without one."""
        for line in reversed(self.output.splitlines()):
            if line.startswith("{"):
                with suppress(ValueError):
                    found: dict[str, Any] = json.loads(line)
                    return found
        return None


@contextmanager
def own_folder() -> Iterator[Path]:
    """An empty folder with a short name, since Ray makes sockets in it; it is removed at the end."""
    with tempfile.TemporaryDirectory(prefix="speed-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def environment(folder: Path, **more: str) -> dict[str, str]:
    """The environment of a measured command: quiet libraries, and a Ray of its own whose files are in this folder."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    own = {
        "TUNER_RESULTS_DIR": str(folder / "results"),
        "RAY_TMPDIR": str(folder),
        "RAY_USAGE_STATS_ENABLED": "0",
        "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(SCRIPTS)]),
    }
    return inherited | own | more


def executable(name: str) -> str:
    """The path of a command of this Python environment."""
    return str(Path(sys.executable).with_name(name))


def run(command: Sequence[str], variables: dict[str, str], timeout_s: float) -> Ended:
    """Run a command to its end, or end it after the timeout."""
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        started = time.time()
        process = _started(command, variables, output)
        timed_out = threading.Event()

        def stop() -> None:
            timed_out.set()
            end(process)

        timer = threading.Timer(timeout_s, stop)
        timer.start()
        try:
            # Without a timeout of its own: `wait` would look only every 50 ms.
            code = process.wait()
            ended = time.time()
        finally:
            timer.cancel()
            end(process)
        if timed_out.is_set():
            timer.join()
        output.seek(0)
        return Ended(started, ended, code, output.read(), timed_out.is_set())


def run_well(command: Sequence[str], variables: dict[str, str], timeout_s: float) -> Ended:
    """Run a command to its end. Raises MeasurementError if it fails or takes longer than the timeout."""
    done = run(command, variables, timeout_s)
    if done.code or done.timed_out:
        how = f"did not end within {timeout_s:g} s" if done.timed_out else f"exited with {done.code}"
        raise MeasurementError(f"{' '.join(command)} {how}:\n{done.output[-3_000:]}")
    return done


@dataclass(frozen=True)
class Running:
    """A command that runs."""

    process: subprocess.Popen[str]
    started: float
    """`time.time()` immediately before the start of its process."""
    log: Path

    def check(self) -> None:
        """Raise MeasurementError if it has ended."""
        if self.process.poll() is not None:
            raise MeasurementError(f"exited with {self.process.returncode}:\n{self.log.read_text()[-3_000:]}")


@contextmanager
def running(command: Sequence[str], variables: dict[str, str], log: Path) -> Iterator[Running]:
    """Context manager in which a command runs; it is ended with the context."""
    with log.open("w") as output:
        started = time.time()
        process = _started(command, variables, output)
        try:
            yield Running(process, started, log)
        finally:
            end(process)


def script(name: str, *arguments: object) -> list[str]:
    """The command of a script of a peer."""
    return [sys.executable, str(SCRIPTS / name), *map(str, arguments)]


def end(process: subprocess.Popen[str]) -> None:
    """End a process and all processes below it; kill those that have not ended after a while.

    If the process has ended already, the others of its group are killed.
    """
    if process.poll() is not None:
        _kill_group(process.pid)
        return
    family = []
    with suppress(psutil.NoSuchProcess):
        family = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    try:
        process.wait(END_WITHIN_S)
    except subprocess.TimeoutExpired:
        _kill_group(process.pid)
        process.wait()
    _, alive = psutil.wait_procs(family, timeout=5)
    for one in alive:
        with suppress(psutil.NoSuchProcess):
            one.kill()


def _kill_group(leader: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def _started(command: Sequence[str], variables: dict[str, str], output: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
