"""Snapshots of the watched studies, read from the store seldom: clients that connect together share one reading.

There are two kinds: with all trials, or only with the running ones, which is quick however many have ended.
A snapshot may be a little old. It names the last event that it includes, and the client gets the later ones.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from serve_app.feed.cursor import Cursor, log_name
from serve_app.feed.live_samples import Batches
from serve_app.feed.message import TRIAL_FIELDS, Message, Sample, progress_sample, snapshot
from tuner.store import LiveSnapshot, Store
from tuner.study.progress import Progress, progress

FRESH_S = 0.5
"""How long a reading is used."""
_SHARE = 0.05
"""Largest share of the time that may be spent on reading one study."""


@dataclass(frozen=True)
class Reading:
    """One study as it was at a certain time."""

    found: LiveSnapshot
    snapshot: Message
    at_s: float
    fresh_s: float
    """How long it is used."""

    @property
    def running(self) -> bool:
        return self.found.study.current_status == "running"

    def is_after(self, cursor: Cursor) -> bool:
        """Whether it includes the event at a position."""
        log = log_name(self.found.study.created_at)
        return cursor.is_of(log) and self.found.sequence >= cursor.sequence

    def progress_sample(self, live: Batches) -> Sample:
        """The study's progress as a message, from this reading and the latest batches."""
        return progress_sample(self.found.study, _progress(self.found, live))


class StudyReadings:
    def __init__(self, store: Store, live: Callable[[str], Batches]) -> None:
        self._store, self._live = store, live
        self._readings: dict[tuple[str, bool], Reading] = {}
        self._reading: dict[tuple[str, bool], asyncio.Lock] = {}

    async def latest(self, study: str, at_least: Cursor | None = None, *, only_running: bool = False) -> Reading:
        """A recent reading that includes the event at `at_least`. Raises UnknownStudyError if there is no study.

        Args:
            only_running: Whether its snapshot has only the trials that run now.
        """
        key = study, only_running
        async with self._reading.setdefault(key, asyncio.Lock()):
            known = self._readings.get(key)
            recent = known is not None and time.monotonic() - known.at_s < known.fresh_s
            if known is not None and recent and (at_least is None or known.is_after(at_least)):
                return known
            found = await asyncio.to_thread(self._read, study, self._live(study), only_running)
            self._readings[key] = found
            return found

    def forget(self, study: str) -> None:
        """Drop the readings of a study that has no clients any more."""
        for key in ((study, False), (study, True)):
            self._readings.pop(key, None)
            if key in self._reading and not self._reading[key].locked():
                del self._reading[key]

    def _read(self, study: str, live: Batches, only_running: bool) -> Reading:
        began_s = time.monotonic()
        found = self._store.live_snapshot(study, TRIAL_FIELDS, only_running=only_running)
        message = snapshot(found, _progress(found, live))
        ended_s = time.monotonic()
        return Reading(found, message, ended_s, max(FRESH_S, (ended_s - began_s) / _SHARE))


def _progress(found: LiveSnapshot, live: Batches) -> Progress:
    return progress(found.study, found.running, found.epochs, live, found.now, found.totals)
