"""The live feed of one replica: one follower of the logs, one watch per running study, any number of clients.

Nothing here is the only copy of anything: if a replica is killed, its clients continue at another one with their last
cursor. Without clients the feed does nothing. Everything except the follower's thread and the reading of the database
runs in the event loop of the clients, which must be one and the same for all of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Mapping, Set
from contextlib import contextmanager

from serve_app.feed.cursor import Cursor, log_name
from serve_app.feed.event_cache import EventCache
from serve_app.feed.live_samples import Batches, SampleSource
from serve_app.feed.log_follower import LogFollower
from serve_app.feed.message import Sample
from serve_app.feed.study_readings import StudyReadings
from serve_app.feed.study_watch import StudyWatch
from serve_app.feed.subscription import Subscription
from tuner.store import LogEnd, Store, StudySummary

MOST_CLIENTS = 800
"""Most clients of one replica. Each takes one of the requests that the replica handles at a time."""
SAMPLES_PER_S = 20
"""Most samples per second to one client."""
ALL_SAMPLES_PER_S = 100
"""Most samples per second to all clients together. Each costs CPU, on a machine that may be training."""


class Feed:
    """Sends clients what happens in studies, with samples of `source` (None: this process's Ray cluster)."""

    def __init__(self, store: Store, source: SampleSource | None = None) -> None:
        self.store = store
        self._sample_source = source or SampleSource()
        self._follower = LogFollower(store, self._on_heads)
        self._connections = 0
        self._subscriptions: dict[Subscription, None] = {}
        self._heads: dict[str, LogEnd] = {}
        """Ends of logs as the follower last saw them. Nothing else sets them, so they never go back."""
        self._listed: dict[str, int] | None = None
        """The studies that the last list of all studies had, each with its last event; None: no list was sent."""
        self._watches: dict[str, tuple[StudyWatch, asyncio.Task[None]]] = {}
        self.ending = asyncio.Event()
        """Set when this replica shuts down: every connection is closed then, and each new one at once."""
        self.logs = EventCache(store)
        self.readings = StudyReadings(store, self._live)

    @contextmanager
    def connection(self) -> Iterator[bool]:
        """Context manager for one client from its connection to its end; False: there are MOST_CLIENTS already."""
        free = self._connections < MOST_CLIENTS
        self._connections += free
        try:
            yield free
        finally:
            self._connections -= free

    @contextmanager
    def subscribe(
        self, study: str | None, after: Mapping[str, Cursor] | None = None, *, only_running: bool = False
    ) -> Iterator[Subscription]:
        """Context manager for a client of one study (None: of all studies) while it is connected.

        Args:
            after: The client's position in each study when its connection was lost.
            only_running: Whether a snapshot has only the trials that run now.
        """
        subscription = Subscription(self, study, after, only_running=only_running)
        self._subscriptions[subscription] = None
        self._follow()
        if study is not None:
            self._watch(study)
        try:
            yield subscription
        finally:
            del self._subscriptions[subscription]
            self._follow()
            self._end_watches()

    @property
    def clients(self) -> int:
        return len(self._subscriptions)

    @property
    def sample_interval_s(self) -> float:
        return max(1 / SAMPLES_PER_S, self.clients / ALL_SAMPLES_PER_S)

    async def batches(self, studies: Collection[str]) -> dict[str, Batches]:
        """The latest batches of the running trials of these studies, if known."""
        found = await asyncio.gather(*(self._sample_source.samples(study) for study in studies))
        return {
            study: {sample["trial_number"]: sample for sample in samples if sample["type"] == "batch_progress"}
            for study, samples in zip(studies, found, strict=True)
        }

    def head(self, study: str) -> LogEnd | None:
        return self._heads.get(study)

    async def look(self, study: str) -> LogEnd | None:
        found = await asyncio.to_thread(self.store.log_ends, [study])
        return found.get(study)

    async def all_studies(self) -> list[StudySummary]:
        found = await asyncio.to_thread(self.store.study_summaries)
        self._listed = {brief.name: brief.sequence for brief in found}
        running = {brief.name for brief in found if brief.status == "running"}
        for name in running | {name for name, head in self._heads.items() if self._has_grown(name, head)}:
            self._watch(name)
        return found

    def tell_progress(self, study: str) -> None:
        self._watch(study)

    def _on_heads(self, found: dict[str, LogEnd], names: Set[str] | None) -> None:
        """Handle the ends of logs that the follower found when it polled these studies (None: all)."""
        known, self._heads = self._heads, found
        changed = {name for name, head in found.items() if known.get(name) != head}
        gone = (names if names is not None else known.keys() | (self._listed or {}).keys()) - found.keys()
        # At the first poll all studies are new to the feed; those without events since they were listed need no watch.
        grown = {name for name in changed if names is not None or name in known or self._has_grown(name, found[name])}
        self._notify(changed | gone, grown)
        if self._listed is not None:
            self._listed = {name: sequence for name, sequence in self._listed.items() if name not in gone}

    def _has_grown(self, study: str, head: LogEnd) -> bool:
        """Whether the study has events since all studies were last listed."""
        return self._listed is not None and head.sequence > self._listed.get(study, 0)

    def _notify(self, changed: Set[str], grown: Set[str]) -> None:
        for subscription in self._subscriptions:
            relevant = changed if subscription.study is None else changed & {subscription.study}
            if relevant:
                subscription.grown(relevant)
        for name in grown:
            head = self._heads[name]
            if self._is_watched(name):
                self._watch(name).grown(Cursor(head.sequence, log_name(head.created_at)))

    def _follow(self) -> None:
        watched = {subscription.study for subscription in self._subscriptions}
        self._follower.follow(None if None in watched else frozenset(name for name in watched if name is not None))
        if not watched:
            self._heads, self._listed = {}, None

    def _is_watched(self, study: str) -> bool:
        return any(subscription.study in (None, study) for subscription in self._subscriptions)

    def _watch(self, study: str) -> StudyWatch:
        known = self._watches.get(study)
        if known is not None and not known[1].done():
            return known[0]
        watch = StudyWatch(study, self.readings, self._sample_source, lambda sample: self._offer(study, sample))
        self._watches[study] = watch, asyncio.create_task(watch.run(), name=f"watch-{study}")
        return watch

    def _end_watches(self) -> None:
        for study in [study for study in self._watches if not self._is_watched(study)]:
            self._watches.pop(study)[1].cancel()
            self.readings.forget(study)

    def _offer(self, study: str, sample: Sample) -> None:
        for subscription in self._subscriptions:
            if subscription.study in (None, study):
                subscription.offer(sample)

    def _live(self, study: str) -> Batches:
        known = self._watches.get(study)
        return known[0].live if known is not None else {}
