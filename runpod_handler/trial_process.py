"""A process that trains one trial after the other: `python -m runpod_handler.trial_process`.

On standard input, a line each: `{"number": 1, "request": {...}}` (a `WorkRequest`), `{"stop": 1}` (ends that training
after the batch that runs; one that has ended is left alone). On standard output, a line each: `{"value": {...}}` for
each value of the answer, `{"refused": "one line"}`, and `{"idle": true}` once it is ready for the next request. The
process ends when its standard input does: it never outlives its worker.
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
from tuner.datasets import load
from tuner.errors import FixInputError
from tuner.remote_protocol import WorkRequest
from tuner.spec import DataSpec


class _StoppedError(BaseException):
    """Ends a training from within; no Exception, so that nothing on the way takes it for a crash of the network."""


class _Stop:
    """Raises in the main thread while it trains the request that is to stop. Python does so between two batches at
    the latest: a signal's handler runs as soon as TensorFlow gives control back."""

    def __init__(self) -> None:
        self._armed = False
        self._unwanted = self._current = 0
        signal.signal(signal.SIGUSR1, lambda number, frame: self._check())

    def want(self, number: int) -> None:
        """Stop this request; called by another thread than the main one."""
        self._unwanted = number
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)

    def begin(self, number: int) -> None:
        """From now on this request can be stopped: _StoppedError is raised wherever the main thread is."""
        self._current = number
        self._arm()

    def end(self) -> None:
        """From now on nothing is."""
        self._armed = False

    @contextmanager
    def not_now(self) -> Iterator[None]:
        """Within it nothing is stopped: what is done is done whole."""
        self._armed = False
        yield
        self._arm()

    def _arm(self) -> None:
        self._armed = True
        self._check()

    def _check(self) -> None:
        if self._armed and self._unwanted == self._current:
            self._armed = False
            raise _StoppedError


def main() -> None:
    """Train until standard input ends."""
    # Whatever a library prints goes to the log: standard output is for messages alone.
    with os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8") as messages:
        os.dup2(2, 1)

        def tell(message: dict[str, Any]) -> None:
            messages.write(json.dumps(message) + "\n")

        def tell_whole(message: dict[str, Any]) -> None:
            with stop.not_now():
                tell(message)

        stop = _Stop()
        requests: queue.SimpleQueue[tuple[int, WorkRequest]] = queue.SimpleQueue()
        threading.Thread(target=_read, args=(requests, stop), name="requests", daemon=True).start()
        while True:
            number, request = requests.get()
            try:
                stop.begin(number)
                _train(request, tell_whole)
                stop.end()
            except _StoppedError:
                _forget()
            tell({"idle": True})


def _train(request: WorkRequest, tell: Callable[[dict[str, Any]], None]) -> None:
    try:
        data = _loaded(request.trial.data, os.environ.get("TUNER_DATA_DIR"))
    except FixInputError as error:
        tell({"refused": str(error)})
        return
    for value in answers(request, data):
        tell({"value": value})


def _forget() -> None:
    """Clear the session again: the stop may have come while it was being cleared."""
    import keras

    keras.backend.clear_session()


@lru_cache(maxsize=1)
def _loaded(spec: DataSpec, folder: str | None) -> Data:
    """The trials of a study share their data: it is loaded for the first of them."""
    return load(spec.model_copy(update={"data_dir": folder}))[0]


def _read(requests: queue.SimpleQueue[tuple[int, WorkRequest]], stop: _Stop) -> None:
    for line in sys.stdin:
        message = json.loads(line)
        if "stop" in message:
            stop.want(message["stop"])
        else:
            requests.put((message["number"], WorkRequest.model_validate(message["request"])))
    os._exit(0)  # the worker is gone: nobody hears of what is still being trained


if __name__ == "__main__":
    main()
