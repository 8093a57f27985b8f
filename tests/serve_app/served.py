"""`tuner serve` as a process, as a user starts it, and what a client of it needs."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
WITHIN_S = float(os.environ.get("TUNER_TEST_WITHIN_S", "200"))
"""Longest wait for anything: a busy machine is slow, not wrong."""
_LOOK_S = 0.5
SMALL = {
    "dataset": "digits",
    "trials": 2,
    "max_epochs_per_trial": 2,
    "concurrent_workers": 1,
    "scheduler": "none",
    "plot_generation": "none",
    "baseline": False,
    "space": {
        "conv_layers": 1,
        "filters_1": 8,
        "kernel_size": 3,
        "batch_normalization": False,
        "use_global_pooling": False,
        "dense_layers": 0,
        "optimizer": "adam",
        "learning_rate": "1e-3..1e-2",
        "batch_size": 32,
    },
}
"""A study of tiny networks."""
LONG = SMALL | {
    "model": "tests.serve_app.patient:build",
    "trials": 20,
    "max_epochs_per_trial": 10_000,
    "early_stopping_patience": None,
    "space": {"optimizer": "adam", "learning_rate": "1e-3..1e-2", "batch_size": 32, "step_s": 0.02},
}
"""One whose first trial does not end while a test looks. Its processes wait most of the time; an epoch takes a second.

With one trial only, the process that saves the model would start with it.
"""


class Served:
    """A running `tuner serve`."""

    def __init__(self, process: subprocess.Popen[str], said: list[str], client: httpx.Client, rays: Path) -> None:
        """`rays` is where its Ray keeps what it writes."""
        self.process, self.said, self.client, self.rays = process, said, client, rays

    def get(self, path: str) -> Any:
        return self._ask("GET", path)

    def post(self, path: str, document: Any = None) -> Any:
        return self._ask("POST", path, json=document)

    def start(self, name: str, **fields: Any) -> str:
        """Begin a study."""
        created = self.post("/jobs", SMALL | {"run_name": name} | fields)
        assert created["id"] == name
        return name

    def wait(self, name: str, until: Callable[[dict[str, Any]], Any], within_s: float = WITHIN_S) -> dict[str, Any]:
        """The study once it is so."""
        end = time.monotonic() + within_s
        while True:
            job: dict[str, Any] = self.get(f"/jobs/{name}")
            if until(job):
                return job
            assert time.monotonic() < end, f"waited {within_s:g} s: {job['status']}, {job['reason']}, {job['progress']}"
            assert job["status"] != "failed", job["reason"]
            time.sleep(_LOOK_S)

    def descendants(self, called: str) -> list[int]:
        """Processes below this one whose command line has that in it."""
        children: dict[int, list[int]] = defaultdict(list)
        commands: dict[int, str] = {}
        for process in (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()):
            try:
                parent = int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
                commands[process] = Path(f"/proc/{process}/cmdline").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue  # it has ended meanwhile
            children[parent].append(process)
        below = [self.process.pid]
        for process in below:
            below += children[process]  # whose numbers may be lower: a system begins anew after its highest
        return [process for process in below[1:] if called in commands[process]]

    def _ask(self, method: str, path: str, **content: Any) -> Any:
        """The answer of the application, after all those that ask to try again: a proxy or a replica that died, or
        that did not answer Ray Serve in time on a busy machine, is replaced."""
        end = time.monotonic() + WITHIN_S
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        while True:
            try:
                response = self.client.request(method, path, headers=headers, **content)
            except httpx.TransportError:
                response = None
            if response is not None and response.status_code not in (502, 503):
                assert response.is_success, (response.status_code, response.text)
                return response.json()
            assert self.process.poll() is None, self.said
            assert time.monotonic() < end, self.said
            time.sleep(_LOOK_S)


def ended(job: dict[str, Any]) -> bool:
    return job["status"] in ("completed", "failed", "cancelled")


def trains(job: dict[str, Any]) -> bool:
    """Whether a trial is in the middle of an epoch."""
    running = job["progress"]["running"]
    return any(trial["batches"] is not None and 0 < trial["batch"] < trial["batches"] for trial in running)


@contextmanager
def serving(results: Path, *options: str, **environment: str) -> Iterator[Served]:
    """Within it `tuner serve` runs; at its end it is stopped as by Ctrl-C, if it runs still."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("TUNER_", "RAY_"))}
    rays = tempfile.mkdtemp(prefix="tuner-")  # short, for sockets; no other Ray of this machine is found there
    own = {"TUNER_RESULTS_DIR": str(results), "TUNER_ALLOWED_MODELS": LONG["model"]}
    own |= {"RAY_TMPDIR": rays, "PYTHONPATH": _path()} | environment
    process = subprocess.Popen(
        [sys.executable, "-m", "tuner.cli", "serve", "--port", "0", *options],
        cwd=results.parent,
        env=inherited | own,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said: list[str] = []
    found = threading.Event()

    def listen() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line.rstrip())
            if "(Ctrl-C stops the server)" in line:
                found.set()
        found.set()

    listener = threading.Thread(target=listen)
    listener.start()
    try:
        assert found.wait(WITHIN_S), said
        address = re.search(r"HTTP API (?:is|are) at (http://\S+)", "\n".join(said))
        assert address is not None, said
        with httpx.Client(base_url=address[1], timeout=WITHIN_S) as client:
            yield Served(process, said, client, Path(rays))
    finally:
        stop(process)
        listener.join(WITHIN_S)
        assert process.stdout is not None
        process.stdout.close()
        shutil.rmtree(rays, ignore_errors=True)


def stop(process: subprocess.Popen[str], number: signal.Signals = signal.SIGINT) -> int:
    """Ctrl-C, or another signal, and the exit code."""
    if process.poll() is None:
        process.send_signal(number)
        try:
            process.wait(WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
    return process.returncode


def _path() -> str:
    return os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
