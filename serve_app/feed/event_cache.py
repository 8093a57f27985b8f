"""Cache of the latest events of the watched logs, so that each event is read from the store once for all clients.

Each client requests the next events when it has sent the earlier ones, and only the first of these requests reads the
store. A slow client costs nothing, since nothing is queued for it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque

from serve_app.feed.message import Durable, durable
from tuner.errors import UnknownStudyError
from tuner.store import Store

KEPT = 256
"""Events cached of each log."""
LOGS = 64
"""Logs cached; the least recently used one is dropped."""
CHUNK = 200
"""Most events read at once."""


class EventCache:
    """Cache for the clients of one event loop."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._logs: OrderedDict[tuple[str, str], _Log] = OrderedDict()

    async def after(self, study: str, log: str, sequence: int) -> list[Durable]:
        """The next events after a number, in order and at most CHUNK; empty: none, or the study was deleted."""
        key = (study, log)
        kept = self._logs.setdefault(key, _Log())
        self._logs.move_to_end(key)
        while len(self._logs) > LOGS:
            self._logs.popitem(last=False)
        found = kept.after(sequence)
        if found is not None:
            return found
        async with kept.reading:
            found = kept.after(sequence)  # another client may have read them meanwhile
            if found is None:
                found = await asyncio.to_thread(self._read, study, log, sequence)
                kept.add(found)
        return found

    def _read(self, study: str, log: str, sequence: int) -> list[Durable]:
        try:
            found = self._store.read(study, sequence, CHUNK)
        except UnknownStudyError:
            return []
        return [durable(study, log, number, event) for number, event in found]


class _Log:
    def __init__(self) -> None:
        self._events: deque[Durable] = deque(maxlen=KEPT)
        self.reading = asyncio.Lock()

    def after(self, sequence: int) -> list[Durable] | None:
        """The next events after a number; None: not cached."""
        if not self._events or not self._events[0].sequence <= sequence + 1 <= self._events[-1].sequence:
            return None
        first = sequence + 1 - self._events[0].sequence
        return [self._events[index] for index in range(first, min(first + CHUNK, len(self._events)))]

    def add(self, events: list[Durable]) -> None:
        """Add events that follow each other. If a gap separates them from the cached ones, those are dropped."""
        if self._events and events and events[0].sequence > self._events[-1].sequence + 1:
            self._events.clear()
        self._events.extend(event for event in events if not self._events or event.sequence > self._events[-1].sequence)
