"""Looks at one study for all its clients: batches and resources from its live board, progress once a second.

Only while the study runs.
"""

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

BOARD_S = 0.15
"""How often the board is asked. Workers report ten times a second at most."""
PROGRESS_S = 1.0
READ_S = 5.0
"""How often the rows are read although the log has not grown: whether the process that runs the study is gone."""
_RETRY_S = 1.0


class StudyWatch:
    """One study, watched. `run` is its life."""

    def __init__(
        self, study: str, standings: StudyReadings, boards: SampleSource, offer: Callable[[Sample], None]
    ) -> None:
        self._study, self._standings, self._boards, self._offer = study, standings, boards, offer
        self._told: dict[tuple[str, str, int | None], str] = {}
        self._aside: dict[tuple[str, str, int | None], str] = {}
        """Samples of trials that do not run as far as was read: left behind by a lost worker, unless they change."""
        self._reading: Reading | None = None
        self._head: Cursor | None = None
        self._progress_at_s = 0.0
        self.live: Batches = {}
        """The latest batch of each running trial."""

    def grown(self, head: Cursor) -> None:
        """The log ends there now."""
        self._head = head

    async def run(self) -> None:
        """Ends when the study does not run, or is deleted: whatever changes that makes its log grow."""
        while True:
            try:
                known = await self._look()
            except UnknownStudyError:
                return
            except (FixInputError, TryAgainError) as error:
                log.debug("study %s cannot be looked at: %s", self._study, error)
                await asyncio.sleep(_RETRY_S)
                continue
            if not known.running and not self._is_behind(known):
                self._offer_changed(known.progress_sample({}))
                return
            await asyncio.sleep(BOARD_S)

    async def _look(self) -> Reading:
        known, now_s = self._reading, time.monotonic()
        age_s = 0.0 if known is None else now_s - known.at_s
        if known is None or age_s > READ_S or (self._is_behind(known) and age_s > known.fresh_s):
            known = self._reading = await self._standings.latest(self._study, self._head)
        if known.running:
            self._offer_new(await self._boards.samples(self._study), known)
            if now_s - self._progress_at_s >= PROGRESS_S:
                self._progress_at_s = now_s
                self._offer_changed(known.progress_sample(self.live))
        return known

    def _is_behind(self, known: Reading) -> bool:
        return self._head is not None and not known.is_after(self._head)

    def _offer_new(self, found: list[dict[str, Any]], known: Reading) -> None:
        live: Batches = {}
        trained: dict[int | None, int] = {
            trial.trial_number: trial.epochs_trained for trial in known.standing.trials if not trial.completed_at
        }
        for value in found:
            try:
                read = sample(self._study, value)
            except ValueError as error:  # of a worker of another version
                log.debug("a sample of study %s is not understood: %s", self._study, error)
                continue
            if read.message.type == "batch_progress":
                live[value["trial_number"]] = value
            is_known = read.key in self._told or read.epoch > trained.get(read.key[2], float("inf"))
            if not is_known and self._aside.setdefault(read.key, read.message.text) == read.message.text:
                continue
            self._offer_changed(read)
        self.live = live
        there = {value.get("trial_number") for value in found} | {None}
        for told in (self._told, self._aside):
            for key in [key for key in told if key[2] not in there]:
                del told[key]

    def _offer_changed(self, read: Sample) -> None:
        if self._told.get(read.key) != read.message.text:
            self._told[read.key] = read.message.text
            self._offer(read)
