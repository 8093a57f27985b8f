"""A thread that polls the logs of watched studies and reports new events to the event loop.

It polls 25 times a second, which costs microseconds while there are no new events (`store.log_watch`). If the database
cannot be read, it polls less and less often; events then arrive later, and none is lost.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Set
from contextlib import closing

from tuner.errors import FixInputError, TryAgainError
from tuner.store import LogEnd, Store

log = logging.getLogger("tuner.feed")

LOOK_S = 0.04
RETRY_S = 2.0
"""Longest time between two polls of a database that cannot be read."""

OnHeads = Callable[[dict[str, LogEnd], Set[str] | None], None]
"""Called with the ends of logs, and the names of the polled studies (None: all)."""


class LogFollower:
    """Follows the logs of studies for the event loop that starts it."""

    def __init__(self, store: Store, on_heads: OnHeads) -> None:
        self._store, self._on_heads = store, on_heads
        self._names: frozenset[str] | None = frozenset()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def follow(self, names: frozenset[str] | None) -> None:
        """Follow these studies from now on (None: all). With no study the thread ends."""
        self._names = names
        if names is not None and not names:
            self.stop()
        elif self._thread is None:
            self._ended = threading.Event()
            loop = asyncio.get_running_loop()
            self._thread = threading.Thread(
                target=self._run, args=(loop, self._ended), name="tuner-feed-follower", daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        """End the thread at its next poll."""
        self._ended.set()
        self._thread = None

    def _run(self, loop: asyncio.AbstractEventLoop, ended: threading.Event) -> None:
        pause_s = LOOK_S
        polled: frozenset[str] | None = frozenset()
        with closing(self._store.watch_logs()) as watch:
            while not ended.wait(pause_s):
                names = self._names
                try:
                    if names != polled:
                        watch.reset()
                    heads = watch.poll(names)
                except (FixInputError, TryAgainError) as error:
                    pause_s = min(RETRY_S, 2 * pause_s)
                    log.warning("the feed waits for the database: %s", error)
                    continue
                pause_s, polled = LOOK_S, names
                if heads is None:
                    continue
                try:
                    loop.call_soon_threadsafe(self._report, heads, names, ended)
                except RuntimeError:
                    return  # the loop is closed

    def _report(self, heads: dict[str, LogEnd], names: Set[str] | None, ended: threading.Event) -> None:
        """Report to the event loop, unless the thread was stopped: another one may have started since."""
        if not ended.is_set():
            self._on_heads(heads, names)
