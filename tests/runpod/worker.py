"""A real `runpod` worker process against a control plane of this machine.

`Worker(plane)` runs the project's own handler, `Worker(plane, handler="tests.runpod.handlers:waits", concurrency=6)`
any other one. The process has a process group of its own, which is what a kill ends: the SDK's ping is a process too
and would go on for a worker that is dead.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.runpod.control_plane import ControlPlane

ROOT = Path(__file__).parents[2]
START_S = 120.0
"""How long a worker may take until it asks for its first job: `import runpod` alone takes seconds."""
END_S = 30.0


class Worker:
    """Starts with `with`, which returns once the worker asks for jobs; ends it with SIGTERM.

    Args:
        handler: module:function of another handler than the project's; `concurrency` jobs of it run at once.
        environment: Set for the worker in addition.
        log: File that its output goes to; None: nowhere.
    """

    def __init__(
        self,
        plane: ControlPlane,
        *,
        worker_id: str = "worker1",
        handler: str | None = None,
        concurrency: int = 1,
        environment: Mapping[str, str] | None = None,
        log: Path | None = None,
    ) -> None:
        self.worker_id = worker_id
        self._plane = plane
        self._command = [sys.executable, "-m", "runpod_handler.handler"]
        if handler is not None:
            self._command = [sys.executable, "-m", "tests.runpod.launch"]
            environment = {**(environment or {}), "TEST_HANDLER": handler, "TEST_CONCURRENCY": str(concurrency)}
        self._environment = environment or {}
        self._log = log

    def __enter__(self) -> Self:
        environment = {**os.environ, **self._plane.worker_environment(self.worker_id), **self._environment}
        environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, sys.path)])
        with Path(self._log or os.devnull).open("ab") as output:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=environment, stdout=output, stderr=output, start_new_session=True
            )

        def asks(plane: ControlPlane) -> bool:
            if self._process.poll() is not None:
                raise RuntimeError(f"the worker ended with {self._process.returncode}: see {self._log}")
            return any(f"/{self.worker_id}?" in one.path for one in plane.requests() if "job-take" in one.operation)

        try:
            self._plane.wait_for(asks, START_S)
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.alive:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(END_S)
        self.kill()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """End it and all that it started with SIGKILL, as a container that is taken away."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(END_S)
