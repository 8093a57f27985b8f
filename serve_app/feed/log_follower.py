"""A thread that looks at the logs while somebody watches, and tells the event loop when they have grown.

It looks 25 times a second, which costs microseconds while nobody writes (`store.log_watch`). A database that cannot be
read is asked again, less and less often; nothing is lost by that, only later.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Set

from tuner.errors import FixInputError, TryAgainError
from tuner.store import LogEnd, Store

log = logging.getLogger("tuner.feed")

LOOK_S = 0.04
RETRY_S = 2.0
"""Longest time between two looks at a database that cannot be read."""

Told = Callable[[dict[str, LogEnd], Set[str] | None], None]
"""Gets where logs end, and of which studies that was asked (None: of all)."""


class LogFollower:
    """Follows the logs of some studies, for the event loop that starts it."""

    def __init__(self, store: Store, told: Told) -> None:
        self._store, self._told = store, told
        self._names: frozenset[str] | None = frozenset()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def follow(self, names: frozenset[str] | None) -> None:
        """From now on these studies (None: all). Without a study there is no thread."""
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
        """The thread ends with its next look."""
        self._ended.set()
        self._thread = None

    def _run(self, loop: asyncio.AbstractEventLoop, ended: threading.Event) -> None:
        pause_s = LOOK_S
        asked: frozenset[str] | None = frozenset()
        with self._store.watch_logs() as watch:
            while not ended.wait(pause_s):
                names = self._names
                try:
                    if names != asked:
                        watch.reset()
                    heads = watch.poll(names)
                except (FixInputError, TryAgainError) as error:
                    pause_s = min(RETRY_S, 2 * pause_s)
                    log.warning("the feed waits: %s", error)
                    continue
                pause_s, asked = LOOK_S, names
                if heads is None:
                    continue
                try:
                    loop.call_soon_threadsafe(self._tell, heads, names, ended)
                except RuntimeError:
                    return  # the loop is closed: nobody listens any more

    def _tell(self, heads: dict[str, LogEnd], names: Set[str] | None, ended: threading.Event) -> None:
        """In the event loop: a thread that was told to end is not heard any more, since another one may follow now."""
        if not ended.is_set():
            self._told(heads, names)
