"""The live feed of one replica: one follower of the logs, one watch per running study, any number of clients.

Promises: nothing here is the only copy of anything. A replica that is killed loses nothing: its clients go on at
another one with their last cursor. Without clients it does nothing. Everything but the follower's thread and the
reading of the database happens in the event loop of whoever subscribes, which must always be the same one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Mapping, Set
from contextlib import contextmanager

from serve_app.feed.cursor import Cursor, log_name
from serve_app.feed.event_cache import EventCache
from serve_app.feed.live_samples import Batches, RaySampleSource, SampleSource
from serve_app.feed.log_follower import LogFollower
from serve_app.feed.message import Sample
from serve_app.feed.study_readings import StudyReadings
from serve_app.feed.study_watch import StudyWatch
from serve_app.feed.subscription import Subscription
from tuner.store import LogEnd, Store, StudySummary

SAMPLES_PER_S = 20
"""Most samples that one client gets in a second."""
ALL_SAMPLES_PER_S = 100
"""Most samples in a second to all clients together: each is written to a socket, on a machine that may be training."""


class Feed:
    """Tells clients what happens in studies.

    Args:
        boards: Where samples come from; None: from this process's Ray cluster, if it has one.
    """

    def __init__(self, store: Store, boards: SampleSource | None = None) -> None:
        self.store = store
        self._boards = boards or RaySampleSource()
        self._follower = LogFollower(store, self._looked)
        self._subscriptions: dict[Subscription, None] = {}
        self._heads: dict[str, LogEnd] = {}
        """As the follower saw it last, and from nobody else: so it never goes back."""
        self._shown: dict[str, int] | None = None
        """Studies that clients of all know of, and the number of their last event then; None: none was told."""
        self._watches: dict[str, tuple[StudyWatch, asyncio.Task[None]]] = {}
        self.logs = EventCache(store)
        self.standings = StudyReadings(store, self._live)

    @contextmanager
    def subscribe(self, study: str | None, after: Mapping[str, Cursor] | None = None) -> Iterator[Subscription]:
        """A client of one study (None: of all), for as long as it stays.

        Args:
            after: Where it was when its connection was lost, by study.
        """
        subscription = Subscription(self, study, after)
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
        """How many there are now."""
        return len(self._subscriptions)

    @property
    def sample_interval_s(self) -> float:
        return max(1 / SAMPLES_PER_S, self.clients / ALL_SAMPLES_PER_S)

    async def batches(self, studies: Collection[str]) -> dict[str, Batches]:
        """Where the running epochs of these studies stand, as far as it is known."""
        found = await asyncio.gather(*(self._boards.samples(study) for study in studies))
        return {
            study: {sample["trial_number"]: sample for sample in samples if sample["type"] == "batch_progress"}
            for study, samples in zip(studies, found, strict=True)
        }

    def head(self, study: str) -> LogEnd | None:
        return self._heads.get(study)

    async def look(self, study: str) -> LogEnd | None:
        found = await asyncio.to_thread(self.store.log_ends, [study])
        return found.get(study)

    async def all_standings(self) -> list[StudySummary]:
        found = await asyncio.to_thread(self.store.study_summaries)
        self._shown = {brief.name: brief.sequence for brief in found}
        running = {brief.name for brief in found if brief.status == "running"}
        for name in running | {name for name, head in self._heads.items() if self._has_grown(name, head)}:
            self._watch(name)
        return found

    def _looked(self, found: dict[str, LogEnd], names: Set[str] | None) -> None:
        """The follower looked at these studies (None: all), and that is where their logs end."""
        known, self._heads = self._heads, found
        changed = {name for name, head in found.items() if known.get(name) != head}
        gone = (names if names is not None else known.keys() | (self._shown or {}).keys()) - found.keys()
        # At the first look all are new to the feed: those that did nothing since they were shown need no watch.
        grown = {name for name in changed if names is not None or name in known or self._has_grown(name, found[name])}
        self._tell(changed | gone, grown)
        if self._shown is not None:
            self._shown = {name: sequence for name, sequence in self._shown.items() if name not in gone}

    def _has_grown(self, study: str, head: LogEnd) -> bool:
        """Whether something happened in it since all studies were shown last."""
        return self._shown is not None and head.sequence > self._shown.get(study, 0)

    def _tell(self, changed: Set[str], grown: Set[str]) -> None:
        for subscription in self._subscriptions:
            of_it = changed if subscription.study is None else changed & {subscription.study}
            if of_it:
                subscription.grown(of_it)
        for name in grown:
            head = self._heads[name]
            if self._is_watched(name):
                self._watch(name).grown(Cursor(head.sequence, log_name(head.created_at)))

    def _follow(self) -> None:
        watched = {subscription.study for subscription in self._subscriptions}
        self._follower.follow(None if None in watched else frozenset(name for name in watched if name is not None))
        if not watched:
            self._heads, self._shown = {}, None

    def _is_watched(self, study: str) -> bool:
        return any(subscription.study in (None, study) for subscription in self._subscriptions)

    def _watch(self, study: str) -> StudyWatch:
        known = self._watches.get(study)
        if known is not None and not known[1].done():
            return known[0]
        watch = StudyWatch(study, self.standings, self._boards, lambda sample: self._offer(study, sample))
        self._watches[study] = watch, asyncio.create_task(watch.run(), name=f"watch-{study}")
        return watch

    def _end_watches(self) -> None:
        for study in [study for study in self._watches if not self._is_watched(study)]:
            self._watches.pop(study)[1].cancel()
            self.standings.forget(study)

    def _offer(self, study: str, sample: Sample) -> None:
        for subscription in self._subscriptions:
            if subscription.study in (None, study):
                subscription.offer(sample)

    def _live(self, study: str) -> Batches:
        known = self._watches.get(study)
        return known[0].live if known is not None else {}
