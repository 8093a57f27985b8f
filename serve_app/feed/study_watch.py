"""Reads the samples of one running study for all its clients: batches and resources, and once a second the progress."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from serve_app.feed.cursor import Cursor
from serve_app.feed.live_samples import Batches, SampleSource
from serve_app.feed.message import Sample, sample
from serve_app.feed.study_readings import Reading, StudyReadings
from tuner.errors import FixInputError, TryAgainError, UnknownStudyError

log = logging.getLogger("tuner.feed")

SAMPLES_S = 0.15
"""Time between two reads of the live progress. Workers report at most ten times a second."""
PROGRESS_S = 1.0
READ_S = 1.0
"""Time between two reads of the rows without new events, to notice a requested cancel and a process that has died."""
_RETRY_S = 1.0


class StudyWatch:
    """Watches one study until `run` ends."""

    def __init__(
        self, study: str, readings: StudyReadings, source: SampleSource, offer: Callable[[Sample], None]
    ) -> None:
        self._study, self._readings, self._source, self._offer = study, readings, source, offer
        self._offered: dict[tuple[str, str, int | None], str] = {}
        self._reading: Reading | None = None
        self._head: Cursor | None = None
        self._progress_at_s = 0.0
        self.live: Batches = {}
        """The latest batch of each running trial."""

    def grown(self, head: Cursor) -> None:
        """Note where the log ends now."""
        self._head = head

    async def run(self) -> None:
        """Offer samples until the study stops running or is deleted. A resumed study gets a new watch."""
        while True:
            try:
                known = await self._read()
            except UnknownStudyError:
                return
            except (FixInputError, TryAgainError) as error:
                log.debug("study %s cannot be read: %s", self._study, error)
                await asyncio.sleep(_RETRY_S)
                continue
            if not known.running and not self._is_behind(known):
                self._offer_changed(known.progress_sample({}))
                return
            await asyncio.sleep(SAMPLES_S)

    async def _read(self) -> Reading:
        known, now_s = self._reading, time.monotonic()
        age_s = 0.0 if known is None else now_s - known.at_s
        if known is None or age_s > READ_S or (self._is_behind(known) and age_s > known.fresh_s):
            known = self._reading = await self._readings.latest(self._study, self._head, only_running=True)
        if known.running:
            self._offer_new(await self._source.samples(self._study))
            if now_s - self._progress_at_s >= PROGRESS_S:
                self._progress_at_s = now_s
                self._offer_changed(known.progress_sample(self.live))
        return known

    def _is_behind(self, known: Reading) -> bool:
        return self._head is not None and not known.is_after(self._head)

    def _offer_new(self, found: list[dict[str, Any]]) -> None:
        live: Batches = {}
        for value in found:
            try:
                read = sample(self._study, value)
            except ValueError as error:  # from a worker of another version
                log.debug("unknown sample of study %s: %s", self._study, error)
                continue
            if read.message.type == "batch_progress":
                live[value["trial_number"]] = value
            self._offer_changed(read)
        self.live = live
        running = {value.get("trial_number") for value in found} | {None}
        self._offered = {key: text for key, text in self._offered.items() if key[2] in running}

    def _offer_changed(self, read: Sample) -> None:
        if self._offered.get(read.key) != read.message.text:
            self._offered[read.key] = read.message.text
            self._offer(read)
