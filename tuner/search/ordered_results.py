"""Lets a search learn results in the order of the suggestions, not in the order in which trials happen to end.

With n concurrent trials, a suggestion knows the results of all trials before it but the last n - 1, which may still
train and count as running. So a new trial waits until the oldest running one has ended, and what is suggested does not
depend on the speed of workers.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable

from tuner.events import DurableEvent, EpochProgress, TrialComplete, TrialStart


class OrderedResults:
    """Holds back the events of the latest trials.

    Args:
        concurrent: Number of trials that train at once.
        learn: Called with each event once the search may know it.
    """

    def __init__(self, concurrent: int, learn: Callable[[DurableEvent], None]) -> None:
        self._concurrent, self._learn = concurrent, learn
        self._waiting: deque[int] = deque()
        """Numbers of the trials whose results are not known yet, in the order in which they were suggested."""
        self._ended: set[int] = set()
        self._events: dict[int, list[DurableEvent]] = defaultdict(list)

    def suggested(self, number: int) -> None:
        """Note that a trial was suggested."""
        if number not in self._waiting:
            self._waiting.append(number)

    def add(self, event: DurableEvent) -> None:
        """Take in an event of the log; that of a trial which was not suggested is learned at once."""
        held = isinstance(event, TrialStart | EpochProgress | TrialComplete) and event.trial_number in self._waiting
        if held:
            self._events[event.trial_number].append(event)  # type: ignore[union-attr]
        else:
            self._learn(event)

    def end(self, number: int) -> None:
        """Note that a trial has ended, for whatever reason, and that all its events were added."""
        self._ended.add(number)

    @property
    def ready(self) -> bool:
        """Whether the next trial may be suggested."""
        return len(self._waiting) < self._concurrent or self._waiting[0] in self._ended

    def release(self) -> None:
        """Learn what the next suggestion may know."""
        while len(self._waiting) >= self._concurrent and self._waiting[0] in self._ended:
            number = self._waiting.popleft()
            self._ended.discard(number)
            for event in self._events.pop(number, []):
                self._learn(event)
