"""A process that trains one trial after the other: `python -m runpod_handler.trial_process`.

Messages are lines of JSON. On standard input: `{"number": 1, "request": {...}}` (a `WorkRequest`) and `{"stop": 1}`,
which ends that training after its current batch. On standard output: `{"value": {...}}` for each value of the answer,
`{"refused": "one line"}`, and `{"idle": true}` when the process is ready for the next request. The process ends when
its standard input ends, so it never outlives its worker.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from runpod_handler.answers import answers
from tuner.data import Data
from tuner.data_spec import DataSpec
from tuner.datasets import load
from tuner.errors import FixInputError
from tuner.remote_protocol import WorkRequest


class _StoppedError(BaseException):
    """Ends a training. Not an Exception, so that no handler mistakes it for a crash of the network."""


class _Stop:
    """Raises `_StoppedError` in the main thread while it trains the request to stop, within a batch.

    It uses a signal, whose handler runs as soon as TensorFlow returns to Python.
    """

    def __init__(self) -> None:
        self._armed = False
        self._stopped = self._current = 0
        signal.signal(signal.SIGUSR1, lambda number, frame: self._check())

    def request(self, number: int) -> None:
        """Stop a request; called from another thread than the main one."""
        self._stopped = number
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)

    def begin(self, number: int) -> None:
        """Allow this request to be stopped: `_StoppedError` may be raised anywhere in the main thread."""
        self._current = number
        self._arm()

    def end(self) -> None:
        """Raise no more."""
        self._armed = False

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Context manager in which `_StoppedError` is not raised."""
        self._armed = False
        yield
        self._arm()

    def _arm(self) -> None:
        self._armed = True
        self._check()

    def _check(self) -> None:
        if self._armed and self._stopped == self._current:
            self._armed = False
            raise _StoppedError


def main() -> None:
    """Train until standard input ends."""
    # Output of libraries goes to the log: standard output is for messages only.
    with os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8") as messages:
        os.dup2(2, 1)

        def send(message: dict[str, Any]) -> None:
            messages.write(json.dumps(message) + "\n")

        def send_uninterrupted(message: dict[str, Any]) -> None:
            with stop.deferred():
                send(message)

        stop = _Stop()
        requests: queue.SimpleQueue[tuple[int, WorkRequest]] = queue.SimpleQueue()
        threading.Thread(target=_read, args=(requests, stop), name="requests", daemon=True).start()
        while True:
            number, request = requests.get()
            try:
                stop.begin(number)
                _train(request, send_uninterrupted)
                stop.end()
            except _StoppedError:
                import keras

                keras.backend.clear_session()  # again, since the stop may have interrupted it
            send({"idle": True})


def _train(request: WorkRequest, send: Callable[[dict[str, Any]], None]) -> None:
    try:
        data = _loaded(request.trial.data, os.environ.get("TUNER_DATA_DIR"))
    except FixInputError as error:
        send({"refused": str(error)})
        return
    for value in answers(request, data):
        send({"value": value})


@lru_cache(maxsize=1)
def _loaded(spec: DataSpec, folder: str | None) -> Data:
    """Return the data, loaded once for all trials of a study."""
    return load(spec.model_copy(update={"data_dir": folder}))[0]


def _read(requests: queue.SimpleQueue[tuple[int, WorkRequest]], stop: _Stop) -> None:
    for line in sys.stdin:
        message = json.loads(line)
        if "stop" in message:
            stop.request(message["stop"])
        else:
            requests.put((message["number"], WorkRequest.model_validate(message["request"])))
    os._exit(0)  # the worker has ended


if __name__ == "__main__":
    main()
