"""A pool of processes that train trials. It belongs to one event loop and never blocks it.

Processes instead of threads: TensorFlow's and Keras's seeds, Keras's session and the number of TensorFlow's threads
are global to a process. Two trials in one process would draw from each other's random numbers and end each other's
graphs, so that the same spec would no longer give the same history; and a trial that runs out of memory would
end all others. A process is reused for further trials with the same number of threads, with TensorFlow imported.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Self

from tuner.remote_protocol import WorkRequest

STOP_WITHIN_S = 20.0
"""A training that has not stopped by then has its process killed."""
LINE_BYTES = 16 << 20
KEYS = ("RUNPOD_AI_API_KEY", "RUNPOD_API_KEY")
COMMAND = (sys.executable, "-m", "runpod_handler.trial_process")


class TrialError(Exception):
    """The trial was refused or its process died, for the reason in its text, which is one line."""


class Pool:
    """At most `size` processes, each of which trains one trial at a time."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._slots = asyncio.Semaphore(size)
        self._busy = 0
        self._idle: list[_TrialProcess] = []

    def begin(self, request: WorkRequest) -> Run:
        """Start a trial as soon as a process is free. It runs in the background until it ends or is stopped."""
        return Run(self, request)

    async def close(self) -> None:
        """End the idle processes."""
        while self._idle:
            await self._idle.pop().end()

    @asynccontextmanager
    async def process(self, threads: int) -> AsyncIterator[_TrialProcess]:
        """Context manager with a process for a trial with this many threads: an idle one if possible."""
        async with self._slots:
            self._busy += 1
            try:
                process = await self._take(threads)
                try:
                    yield process
                finally:  # also after a refused request
                    self._idle.append(process)
            finally:
                self._busy -= 1

    async def _take(self, threads: int) -> _TrialProcess:
        self._idle = [process for process in self._idle if process.alive]
        warm = [process for process in self._idle if process.threads == threads]
        if warm:
            self._idle.remove(warm[-1])
            return warm[-1]
        while len(self._idle) + self._busy > self._size:
            await self._idle.pop(0).end()
        return await _TrialProcess.start(threads)


class Run:
    """One trial in a process of the pool."""

    def __init__(self, pool: Pool, request: WorkRequest) -> None:
        self._pool = pool
        self._request = request
        self._values: asyncio.Queue[dict[str, Any] | TrialError | None] = asyncio.Queue()
        self._process: _TrialProcess | None = None
        self._stopped = False
        self._work = asyncio.create_task(self._train(), name=request.trial.trial_id)

    async def values(self) -> AsyncIterator[dict[str, Any]]:
        """Yield the trial's values as they are produced; raise TrialError if it is refused or lost."""
        while (value := await self._values.get()) is not None:
            if isinstance(value, TrialError):
                raise value
            yield value

    def stop(self) -> None:
        """End the training within a batch; return at once. Does nothing after the trial's end."""
        if self._stopped or self._work.done():
            return
        self._stopped = True
        if self._process is None:
            self._work.cancel()
        else:
            self._process.stop()
            asyncio.get_running_loop().call_later(STOP_WITHIN_S, self._kill)

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    async def _train(self) -> None:
        try:
            async with self._pool.process(self._request.trial.threads) as self._process:
                async for value in self._process.values(self._request):
                    self._values.put_nowait(value)
        except TrialError as error:
            self._values.put_nowait(error)
        except OSError as error:
            self._values.put_nowait(TrialError(f"no process for the trial: {error.strerror or error}"))
        finally:
            self._process = None
            self._values.put_nowait(None)


class _TrialProcess:
    """A process of runpod_handler.trial_process, with a fixed number of TensorFlow threads."""

    def __init__(self, process: Process, threads: int) -> None:
        self.threads = threads
        self._process = process
        self._number = 0

    @classmethod
    async def start(cls, threads: int) -> Self:
        # Training does not need the service's keys.
        environment = {name: value for name, value in os.environ.items() if name not in KEYS}
        return cls(
            await asyncio.create_subprocess_exec(*COMMAND, stdin=PIPE, stdout=PIPE, limit=LINE_BYTES, env=environment),
            threads,
        )

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    async def values(self, request: WorkRequest) -> AsyncIterator[dict[str, Any]]:
        """Yield the values of one trial; then the process is idle. It raises TrialError if it refuses or dies."""
        assert self._process.stdout is not None
        self._number += 1
        refused = None
        self._send({"number": self._number, "request": request.model_dump(mode="json")})
        while line := await self._process.stdout.readline():
            message = json.loads(line)
            if "idle" in message:
                if refused is not None:
                    raise TrialError(refused)
                return
            refused = message.get("refused", refused)
            if "value" in message:
                yield message["value"]
        raise TrialError(f"the process of the trial died ({_death(await self._process.wait())})")

    def stop(self) -> None:
        """End the current training within a batch."""
        self._send({"stop": self._number})

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()

    async def end(self) -> None:
        """Kill the process and wait for its end."""
        self.kill()
        await self._process.wait()

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        if not self._process.stdin.is_closing():
            self._process.stdin.write(json.dumps(message).encode() + b"\n")


def _death(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {-code}{', out of memory?' if code == -9 else ''}"
