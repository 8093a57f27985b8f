"""One client of the feed: what it is told next, worked out when it is ready to take it.

Promises: durable messages come in order, each once; samples come when no durable message waits, at the feed's pace and
only the latest. A client that does not take messages costs the size of one and its pending samples, and delays nobody.
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
"""Events that a client may lag behind and still be told one by one; beyond it begins anew with a snapshot."""
ALIVE_S = 15.0
_RETRY_S = 0.5


class Source(Protocol):
    """What a subscription needs of the feed."""

    logs: EventCache
    standings: StudyReadings

    @property
    def sample_interval_s(self) -> float:
        """Time between two samples to one client."""

    def head(self, study: str) -> LogEnd | None:
        """Where a log ended when the logs were last looked at; None: it was not seen."""

    async def look(self, study: str) -> LogEnd | None:
        """Where a log ends at this moment; None: there is no such study."""

    async def all_standings(self) -> list[StudySummary]:
        """All studies in brief."""


class StudyGoneError(Exception):
    """The one study that was watched was deleted."""


class Subscription:
    """What one client is told. Made by `Feed.subscribe`.

    Args:
        study: The one that it watches; None: all.
        after: Where it was in each study when its connection was lost; None: it begins.
    """

    def __init__(self, source: Source, study: str | None, after: Mapping[str, Cursor] | None) -> None:
        self.study = study
        self._source, self._after = source, after
        self._at: dict[str, Cursor] = {}
        self._behind: dict[str, None] = {}
        self._pending = PendingSamples()
        self._awake = asyncio.Event()
        self._sample_at_s = 0.0

    def grown(self, studies: Iterable[str]) -> None:
        """The logs of these studies have changed."""
        self._behind.update(dict.fromkeys(studies))
        self._awake.set()

    def offer(self, sample: Sample) -> None:
        """A sample of a study that it watches."""
        if not self._pending:
            self._awake.set()  # else it knows that samples wait, and when it may tell the next one
        self._pending.offer(sample)

    async def messages(self) -> AsyncGenerator[Message, None]:
        """All that the client is told, for ever.

        Raises:
            UnknownStudyError: there is no such study. Before the first message.
            StudyGoneError: it was deleted. After the message that says so.
        """
        async for told in self._begin():
            yield told
        quiet_since_s = time.monotonic()
        while True:
            self._awake.clear()
            async for told in self._durable():
                yield told
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
        """For news, or until the next sample may be told."""
        due_s = self._sample_at_s if self._pending else until_s
        try:
            async with asyncio.timeout(max(0.0, due_s - time.monotonic())):
                await self._awake.wait()
        except TimeoutError:
            return

    async def _begin(self) -> AsyncIterator[Message]:
        if self._after is None:
            async for told in self._anew():
                yield told
            return
        # What grows from now on is told by `grown`; what was missed until now is found here.
        if self.study is None:
            heads = {one.name: LogEnd(one.sequence, one.created_at) for one in await self._source.all_standings()}
        else:
            head = await self._source.look(self.study)
            if head is None:
                raise UnknownStudyError(f"unknown study {self.study!r}", remedy="see GET /jobs")
            heads = {self.study: head}
        why = self._lost(heads, self._after)
        if why is not None:
            async for told in self._resync(*why):
                yield told
            return
        self._at = {name: Cursor(at.sequence, at.log or log_name(heads[name].created_at))
                    for name, at in self._after.items() if name in heads}  # fmt: skip
        for name in self._after:
            if name not in heads:
                yield message.study_deleted(name)
        self._behind.update(dict.fromkeys(heads))

    def _lost(self, heads: Mapping[str, LogEnd], after: Mapping[str, Cursor]) -> tuple[str | None, str] | None:
        """Why what was missed cannot be told, and because of which study; None: it can."""
        for name, at in after.items():
            if name not in heads:
                continue
            if not at.is_of(log_name(heads[name].created_at)):
                return name, "the study was deleted and made again"
            if at.sequence > heads[name].sequence:
                return name, "the number is beyond the study's last event"
        missed = sum(head.sequence - (after[name].sequence if name in after else 0) for name, head in heads.items())
        return None if missed <= MISSED else (self.study, f"{missed} events were missed")

    async def _anew(self, at_least: Cursor | None = None) -> AsyncIterator[Message]:
        """How things stand, and from there on."""
        self._pending.clear()
        if self.study is not None:
            reading = await self._source.standings.latest(self.study, at_least)
            assert reading.snapshot.cursor is not None
            self._at = {self.study: reading.snapshot.cursor}
            self._behind[self.study] = None
            yield reading.snapshot
            return
        standings = await self._source.all_standings()
        self._at = {one.name: Cursor(one.sequence, log_name(one.created_at)) for one in standings}
        self._behind.update(dict.fromkeys(self._at))
        yield message.studies(standings)

    async def _resync(self, study: str | None, reason: str) -> AsyncIterator[Message]:
        yield message.resync_required(study, reason)
        head = None if self.study is None else self._source.head(self.study)
        at_least = None if head is None else Cursor(head.sequence, log_name(head.created_at))
        async for told in self._anew(at_least):
            yield told

    async def _durable(self) -> AsyncIterator[Message]:
        """What the logs tell, until the client knows all of it."""
        while self._behind:
            study = next(iter(self._behind))
            del self._behind[study]  # first: what grows meanwhile is put there again
            try:
                async for told in self._catch_up(study):
                    yield told
            except UnknownStudyError:
                raise
            except (FixInputError, TryAgainError) as error:  # nothing is lost: it is read once the database is back
                log.debug("the log of study %s cannot be read: %s", study, error)
                await asyncio.sleep(_RETRY_S)
                self._behind[study] = None

    async def _catch_up(self, study: str) -> AsyncIterator[Message]:
        while True:
            head, at = self._source.head(study), self._at.get(study)
            if head is None or (at is not None and not at.is_of(log_name(head.created_at))):
                head = await self._source.look(study)  # what the follower saw may be old
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
                reason = missed if at.is_of(name) else "the study was deleted and made again"
                async for told in self._resync(study, reason):
                    yield told
                return
            if at.sequence >= head.sequence:
                return
            found = await self._source.logs.after(study, name, at.sequence)
            if not found:
                return  # deleted meanwhile: the next look at the logs tells
            for durable in found:
                self._pending.told(study, durable)
                self._at[study] = Cursor(durable.sequence, name)
                yield durable.message
