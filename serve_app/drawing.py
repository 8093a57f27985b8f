"""Draws figures and reports in child processes: few at a time, limited, shared and cached.

Drawing takes seconds, up to some gigabytes and TensorFlow, none of which belongs into the process that answers
requests. A child has the lowest priority and no GPU, so it delays no trial. It is killed after LIMIT_S, and when the
last client that waits for it has left.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from serve_app.figure_cache import FigureCache
from serve_app.public_text import public_page
from serve_app.settings import GIB, ServeSettings
from tuner.errors import FixInputError, TryAgainError
from tuner.store import StudyRow

log = logging.getLogger("tuner.serve")

AT_ONCE = 2
MOST_WAITING = 8
"""Drawings that wait for one of the AT_ONCE; further ones are refused."""
LIMIT_S = 120
SMALLEST_MEMORY_BYTES = 8 * GIB
UNNEEDED_SECRETS = ("TUNER_API_TOKEN", "RUNPOD_API_KEY")
REPORT = "report"
_LOGGED_BYTES = 4_096
_ERROR = "error: "
"""How a child's message about a FixInputError begins."""
_LIMITED = Path(__file__).with_name("limited.py")


class DrawingFailedError(Exception):
    """The child process ended without a drawing."""


class DrawingRefusedError(DrawingFailedError):
    """The study or trial has no such drawing; the message says why."""


class DrawingTimeoutError(DrawingFailedError):
    """The child process was killed after LIMIT_S."""


@dataclass(frozen=True)
class Drawing:
    """One figure or report of a study, after the study's event at `place`."""

    study: str
    figure: str
    """Name of a figure, or REPORT."""
    format: str
    place: str
    """Of `serve_app.routes.common.log_place`."""
    trial: int | None = None
    """None: a figure of the study."""

    @property
    def version(self) -> str:
        """Differs after each event of the study, and between versions of tuner."""
        return hashlib.sha256(f"{self.place} {version('tuner')}".encode()).hexdigest()[:12]

    @property
    def file_name(self) -> str:
        of = "study" if self.trial is None else f"trial-{self.trial:05d}"
        return f"{of}-{self.figure}.{self.version}.{self.format}"

    @property
    def etag(self) -> str:
        return f'W/"{self.version}"'

    def command(self, file: Path) -> list[str]:
        """The command that writes it to a file."""
        python = [sys.executable, "-P", "-m"]
        if self.figure == REPORT:
            return [*python, "tuner.study.report", self.study, "--output", str(file)]
        of_trial = [] if self.trial is None else ["--trial", str(self.trial)]
        asked = ["--figure", self.figure, "--format", self.format, "--output", str(file)]
        return [*python, "tuner.study.figures", self.study, *of_trial, *asked]


class _Shared:
    """A drawing under way, and how many clients wait for it."""

    def __init__(self, task: asyncio.Task[bytes]) -> None:
        self.task, self.clients = task, 0


class Drawings:
    """The drawings of one replica. A drawing that several clients ask for at a time is made once."""

    def __init__(self, settings: ServeSettings) -> None:
        self._environment = child_environment(settings)
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="drawing")
        self._under_way: dict[tuple[str, str], _Shared] = {}

    async def content(self, study: StudyRow, drawing: Drawing) -> bytes:
        """The drawing, from the cache if it is there. Cancel it when the client has left.

        Raises:
            TryAgainError: too many drawings wait.
            DrawingFailedError: it cannot be drawn.
        """
        cache = FigureCache(study)
        cached = await asyncio.to_thread(cache.get, drawing.file_name)
        if cached is not None:
            return cached
        key = drawing.study, drawing.file_name
        shared = self._under_way.get(key)
        if shared is None:
            if len(self._under_way) >= AT_ONCE + MOST_WAITING:
                raise TryAgainError(f"{len(self._under_way)} other figures are being drawn", remedy="try again later")
            shared = self._under_way[key] = _Shared(asyncio.create_task(self._drawn(cache, drawing)))
            shared.task.add_done_callback(lambda task: self._ended(key, task))
        shared.clients += 1
        try:
            return await asyncio.shield(shared.task)
        finally:
            shared.clients -= 1
            if not shared.clients and not shared.task.done():
                shared.task.cancel()
                self._forget(key, shared.task)  # who asks for it now, starts it anew

    async def _drawn(self, cache: FigureCache, drawing: Drawing) -> bytes:
        async with self._slots:
            child = _Child(drawing, self._environment)
            drawn = asyncio.get_running_loop().run_in_executor(self._threads, child.run)
            try:
                content = await asyncio.shield(drawn)
            except asyncio.CancelledError:
                child.kill()
                await asyncio.wait([drawn])  # it holds its slot until it has ended
                raise
        if drawing.format == "html":
            content = (await asyncio.to_thread(public_page, content.decode())).encode()
        await asyncio.to_thread(cache.put, drawing.file_name, content)
        return content

    def _ended(self, key: tuple[str, str], task: asyncio.Task[bytes]) -> None:
        if not task.cancelled():
            task.exception()  # its clients may have left: nobody else takes it
        self._forget(key, task)

    def _forget(self, key: tuple[str, str], task: asyncio.Task[bytes]) -> None:
        shared = self._under_way.get(key)
        if shared is not None and shared.task is task:
            del self._under_way[key]


class _Child:
    """A process that makes one drawing. `kill` may be called by another thread than `run`, also before it."""

    def __init__(self, drawing: Drawing, environment: Mapping[str, str]) -> None:
        self._drawing, self._environment = drawing, environment
        self._starting = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._killed = False

    def run(self) -> bytes:
        """The drawing. Raises DrawingFailedError."""
        with TemporaryDirectory(prefix="tuner-figure-") as folder:
            file, said = Path(folder) / f"drawing.{self._drawing.format}", Path(folder) / "stderr"
            with said.open("wb") as errors:
                ended = self._wait(self._drawing.command(file), errors)
            # Both: the code is 0 if another part of this process, such as Ray, has taken it.
            if ended == 0 and file.is_file():
                return file.read_bytes()
            reason = _end_of(said)
            last = reason.rpartition("\n")[2]
            if ended == FixInputError.exit_code and last.startswith(_ERROR):
                raise DrawingRefusedError(last.removeprefix(_ERROR))
            if not self._killed:
                name, study = self._drawing.file_name, self._drawing.study
                log.error("%s of study %s cannot be drawn (exit code %s): %s", name, study, ended, reason)
            raise DrawingFailedError

    def kill(self) -> None:
        """End the process and all that it started."""
        with self._starting:
            self._killed = True
            if self._process is not None and self._process.poll() is None:
                os.killpg(self._process.pid, signal.SIGKILL)

    def _wait(self, command: Sequence[str], errors: IO[bytes]) -> int:
        with self._starting:
            if self._killed:
                raise DrawingFailedError
            self._process = subprocess.Popen(
                limited(command),
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
            )
        try:
            return self._process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            log.error("%s of study %s took more than %s s", self._drawing.file_name, self._drawing.study, LIMIT_S)
            self.kill()
            self._process.wait()
            raise DrawingTimeoutError from None


def limited(command: Sequence[str]) -> list[str]:
    """The command with the limits of `serve_app.limited`."""
    return [sys.executable, "-I", str(_LIMITED), str(LIMIT_S + 5), str(memory_bytes()), *command]


def memory_bytes() -> int:
    """Most memory of a child: half of this machine's, but always SMALLEST_MEMORY_BYTES."""
    return max(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2, SMALLEST_MEMORY_BYTES)


def child_environment(settings: ServeSettings) -> dict[str, str]:
    """The environment of a child: the settings of this process, which tests give as arguments, and no GPU."""
    given = {
        "TUNER_RESULTS_DIR": str(settings.results_dir.absolute()),
        "TUNER_DATABASE_URL": settings.store_url(),
        "CUDA_VISIBLE_DEVICES": "",
        "MPLBACKEND": "agg",
        "TF_CPP_MIN_LOG_LEVEL": "2",
    }
    if settings.data_dir is not None:
        given["TUNER_DATA_DIR"] = str(settings.data_dir.absolute())
    kept = {name: value for name, value in os.environ.items() if name not in UNNEEDED_SECRETS}
    return kept | given


def _end_of(file: Path) -> str:
    return file.read_bytes()[-_LOGGED_BYTES:].decode(errors="replace").strip() or "it said nothing"
