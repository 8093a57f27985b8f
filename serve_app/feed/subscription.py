"""The messages for one client of the feed, each computed when the client is ready for it.

Durable messages come in order, each once. Samples come when no durable message waits, at a limited rate and only the
latest ones. A client that stops reading costs the memory of one message and its pending samples, and delays no other.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from typing import Protocol

from serve_app.feed import message
from serve_app.feed.cursor import Cursor, log_name
from serve_app.feed.event_cache import EventCache
from serve_app.feed.message import Message, Sample
from serve_app.feed.pending_samples import PendingSamples
from serve_app.feed.study_readings import StudyReadings
from tuner.errors import FixInputError, TryAgainError, UnknownStudyError
from tuner.store import LogEnd, StudySummary

log = logging.getLogger("tuner.feed")

MISSED = 1000
"""Events that a client may miss and still get one by one; a client that missed more gets a snapshot."""
ALIVE_S = 15.0
_RETRY_S = 0.5


class Source(Protocol):
    """The part of the feed that a subscription uses."""

    logs: EventCache
    readings: StudyReadings

    @property
    def sample_interval_s(self) -> float:
        """Time between two samples to one client."""

    def head(self, study: str) -> LogEnd | None:
        """The end of a log at the follower's last poll; None: not polled yet."""

    async def look(self, study: str) -> LogEnd | None:
        """The end of a log now, from the database; None: there is no such study."""

    async def all_studies(self) -> list[StudySummary]:
        """Summaries of all studies."""

    def tell_progress(self, study: str) -> None:
        """Send a study's progress to its clients: once, or again and again while it is running."""


class StudyGoneError(Exception):
    """The study of a client was deleted."""


class Subscription:
    """The messages for one client. Created by `Feed.subscribe`.

    Args:
        study: The client's study; None: all studies.
        after: The client's position in each study when its connection was lost; None: a new client.
        only_running: Whether a snapshot has only the trials that run now.
    """

    def __init__(
        self, source: Source, study: str | None, after: Mapping[str, Cursor] | None, *, only_running: bool = False
    ) -> None:
        self.study = study
        self._source, self._after, self._only_running = source, after, only_running
        self._at: dict[str, Cursor] = {}
        self._behind: dict[str, None] = {}
        self._pending = PendingSamples()
        self._awake = asyncio.Event()
        self._sample_at_s = 0.0

    def grown(self, studies: Iterable[str]) -> None:
        """Note that the logs of these studies have changed."""
        self._behind.update(dict.fromkeys(studies))
        self._awake.set()

    def offer(self, sample: Sample) -> None:
        """Add a sample of one of the client's studies."""
        if not self._pending:
            self._awake.set()  # else it is already waiting until it may send the next one
        self._pending.offer(sample)

    async def messages(self) -> AsyncGenerator[Message, None]:
        """Yield messages without end. Raises UnknownStudyError at the start, StudyGoneError after a deletion."""
        async for sent in self._begin():
            yield sent
        quiet_since_s = time.monotonic()
        while True:
            self._awake.clear()
            async for sent in self._durable():
                yield sent
                quiet_since_s = time.monotonic()
            now_s = time.monotonic()
            if now_s >= self._sample_at_s and (waiting := self._pending.take()) is not None:
                self._sample_at_s = now_s + self._source.sample_interval_s
                yield waiting
                quiet_since_s = time.monotonic()
            elif now_s - quiet_since_s >= ALIVE_S:
                yield message.ALIVE
                quiet_since_s = time.monotonic()
            else:
                await self._wait(quiet_since_s + ALIVE_S)

    async def _wait(self, until_s: float) -> None:
        """Wait for news, or until the next sample may be sent."""
        due_s = self._sample_at_s if self._pending else until_s
        try:
            async with asyncio.timeout(max(0.0, due_s - time.monotonic())):
                await self._awake.wait()
        except TimeoutError:
            return

    async def _begin(self) -> AsyncIterator[Message]:
        if self._after is None:
            async for sent in self._start_again():
                yield sent
            return
        # `grown` reports later events; the ones missed so far are found here.
        interrupted: list[str] = []
        if self.study is None:
            summaries = await self._source.all_studies()
            heads = {one.name: LogEnd(one.sequence, one.created_at) for one in summaries}
            interrupted = [one.name for one in summaries if one.status == "interrupted"]
        else:
            head = await self._source.look(self.study)
            if head is None:
                raise UnknownStudyError(f"unknown study {self.study!r}", remedy="see GET /jobs")
            heads = {self.study: head}
        why = self._lost(heads, self._after)
        if why is not None:
            async for sent in self._resync(*why):
                yield sent
            return
        self._at = {name: Cursor(at.sequence, at.log or log_name(heads[name].created_at))
                    for name, at in self._after.items() if name in heads}  # fmt: skip
        for name in self._after:
            if name not in heads:
                yield message.study_deleted(name)
        self._behind.update(dict.fromkeys(heads))
        for name in interrupted:  # the end of a process is no event, and the client may still show the study as running
            self._source.tell_progress(name)

    def _lost(self, heads: Mapping[str, LogEnd], after: Mapping[str, Cursor]) -> tuple[str | None, str] | None:
        """The study because of which missed events cannot be sent, and why; None: they can be sent."""
        for name, at in after.items():
            if name not in heads:
                continue
            if not at.is_of(log_name(heads[name].created_at)):
                return name, "the study was deleted and created again"
            if at.sequence > heads[name].sequence:
                return name, "the number is greater than the study's last event"
        missed = sum(head.sequence - (after[name].sequence if name in after else 0) for name, head in heads.items())
        return None if missed <= MISSED else (self.study, f"{missed} events were missed")

    async def _start_again(self, at_least: Cursor | None = None) -> AsyncIterator[Message]:
        """A snapshot, after which later events follow."""
        self._pending.clear()
        if self.study is not None:
            reading = await self._source.readings.latest(self.study, at_least, only_running=self._only_running)
            assert reading.snapshot.cursor is not None
            self._at = {self.study: reading.snapshot.cursor}
            self._behind[self.study] = None
            yield reading.snapshot
            return
        summaries = await self._source.all_studies()
        self._at = {one.name: Cursor(one.sequence, log_name(one.created_at)) for one in summaries}
        self._behind.update(dict.fromkeys(self._at))
        yield message.studies(summaries)

    async def _resync(self, study: str | None, reason: str) -> AsyncIterator[Message]:
        yield message.resync_required(study, reason)
        head = None if self.study is None else self._source.head(self.study)
        at_least = None if head is None else Cursor(head.sequence, log_name(head.created_at))
        async for sent in self._start_again(at_least):
            yield sent

    async def _durable(self) -> AsyncIterator[Message]:
        while self._behind:
            study = next(iter(self._behind))
            del self._behind[study]  # before reading: `grown` may add it again meanwhile
            try:
                async for sent in self._catch_up(study):
                    yield sent
            except UnknownStudyError:
                raise
            except (FixInputError, TryAgainError) as error:  # read again once the database is back
                log.debug("the log of study %s cannot be read: %s", study, error)
                await asyncio.sleep(_RETRY_S)
                self._behind[study] = None

    async def _catch_up(self, study: str) -> AsyncIterator[Message]:
        while True:
            head, at = self._source.head(study), self._at.get(study)
            if head is None or (at is not None and not at.is_of(log_name(head.created_at))):
                head = await self._source.look(study)  # the follower's last poll may be outdated
            if head is None:
                if self._at.pop(study, None) is not None:
                    yield message.study_deleted(study)
                if self.study is not None:
                    raise StudyGoneError(study)
                return
            name = log_name(head.created_at)
            at = self._at.setdefault(study, Cursor(0, name))
            if not at.is_of(name) or head.sequence - at.sequence > MISSED:
                missed = f"{head.sequence - at.sequence} events were missed"
                reason = missed if at.is_of(name) else "the study was deleted and created again"
                async for sent in self._resync(study, reason):
                    yield sent
                return
            if at.sequence >= head.sequence:
                return
            found = await self._source.logs.after(study, name, at.sequence)
            if not found:
                return  # deleted meanwhile: the follower will notice
            for durable in found:
                self._pending.drop_outdated(study, durable)
                self._at[study] = Cursor(durable.sequence, name)
                yield durable.message
