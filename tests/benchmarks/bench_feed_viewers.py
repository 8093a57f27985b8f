"""Measures what viewers cost a training: one long trial, with 50 viewers and a stalled one every other stretch.

All epochs of one network take the same work, so the ratio of neighbouring stretches is the cost of the viewers,
whatever else slows the machine. Goal: less than 1 % slower. The viewers read bytes and drop them, since real ones
run on other machines; the CPU time that they take here is reported. The stalled viewer connects and never reads.

    python tests/benchmarks/bench_feed_viewers.py [--viewers 50] [--stretches 20] [--epochs 20]
"""

from __future__ import annotations

import json
import random
import selectors
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parent))

import serving

from tuner.store import Store

GOAL = 0.01
HELLO = (
    "GET /ws/jobs/{study} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def main() -> None:
    parser = serving.arguments(__doc__)
    parser.add_argument("--viewers", type=int, default=50)
    parser.add_argument("--stretches", type=int, default=20, help="half of them with viewers")
    parser.add_argument("--epochs", type=int, default=20, help="of one stretch")
    options = parser.parse_args()
    if options.scripted or options.address:
        raise SystemExit("this measures a training that it starts itself")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environment = stack.enter_context(serving.cluster())
        fixed = {f"space.{name}": value for name, value in serving.SMALL.items()}
        epochs = (options.stretches + 3) * (options.epochs + 4)
        keys = {"trials": 1, "max_epochs_per_trial": epochs, "min_epochs_per_trial": epochs, "scheduler": "none"}
        store = stack.enter_context(
            serving.study(folder, environment, concurrent_workers=1, searcher="random", **keys, **fixed)
        )
        (address,) = stack.enter_context(serving.replicas(folder, 1, environment))
        stretches, told = measure(store, address, options.viewers, options.stretches, options.epochs)
    ratios = [watched / alone for alone, watched in zip(stretches[0::2], stretches[1::2], strict=False)]
    slower = statistics.median(ratios) - 1
    row = {
        "viewers": options.viewers,
        "epoch_s_alone": round(statistics.median(stretches[0::2]), 4),
        "epoch_s_watched": round(statistics.median(stretches[1::2]), 4),
        "slower": round(slower, 4),
        "slower_each": [round(ratio - 1, 4) for ratio in ratios],
        **told,
    }
    print(json.dumps(row, indent=2))
    serving.keep("feed_viewers", serving.about() | {"goal": GOAL} | row)
    print("passed" if slower < GOAL else "FAILED")


def measure(
    store: Store, address: str, viewers: int, stretches: int, epochs: int
) -> tuple[list[float], dict[str, float]]:
    """Median seconds of an epoch in each stretch, in turns without and with viewers; what the viewers did."""
    medians, bytes_read, cpu_s, watched_s = [], 0, 0.0, 0.0
    for stretch in range(stretches):
        with ExitStack() as stack:
            crowd = stack.enter_context(viewing(address, viewers)) if stretch % 2 else None
            began_s = time.monotonic()
            first = trained(store) + 2  # the epoch under way, and one to come to rest
            while trained(store) < first + epochs:
                time.sleep(0.1)
            if crowd is not None:
                bytes_read, cpu_s = bytes_read + crowd.bytes, cpu_s + crowd.cpu_s
                watched_s += time.monotonic() - began_s
        rows = [row.duration_s for row in store.epochs(serving.NAME, 1) if first < row.epoch <= first + epochs]
        medians.append(statistics.median(rows))
        print(f"{'watched' if stretch % 2 else 'alone':8}{medians[-1]:10.4f} s per epoch", flush=True)
    return medians, {
        "kilobytes_per_viewer_and_second": round(bytes_read / 1000 / viewers / watched_s, 2),
        "share_of_a_core_that_the_viewers_took": round(cpu_s / watched_s, 4),
    }


def trained(store: Store) -> int:
    """Epochs of the trial that are done."""
    return store.study_snapshot(serving.NAME).trials[0].epochs_trained


class Crowd:
    """Viewers that read in one thread, and one that does not read."""

    def __init__(self, address: str, viewers: int) -> None:
        self.bytes, self.cpu_s = 0, 0.0
        self._ended = threading.Event()
        self._reading = selectors.DefaultSelector()
        self._sockets = [open_viewer(address) for _ in range(viewers + 1)]
        for viewer in self._sockets[1:]:
            viewer.setblocking(False)
            self._reading.register(viewer, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        while not self._ended.wait(0.05):
            for key, _ in self._reading.select(0):
                read = key.fileobj.recv(65536)  # type: ignore[union-attr]
                if not read:
                    raise SystemExit("a viewer was closed")
                self.bytes += len(read)
            self.cpu_s = time.thread_time()

    def leave(self) -> None:
        self._ended.set()
        self._thread.join()
        for viewer in self._sockets:
            viewer.close()
        self._reading.close()


@contextmanager
def viewing(address: str, viewers: int) -> Iterator[Crowd]:
    crowd = Crowd(address, viewers)
    try:
        yield crowd
    finally:
        crowd.leave()


def open_viewer(address: str) -> socket.socket:
    """A WebSocket that has said hello."""
    time.sleep(random.uniform(0, 0.02))
    host = urlsplit(address).netloc
    viewer = socket.create_connection((urlsplit(address).hostname or "", urlsplit(address).port or 80))
    viewer.sendall(HELLO.format(study=serving.NAME, host=host).encode())
    return viewer


if __name__ == "__main__":
    main()
