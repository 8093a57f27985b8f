"""Appends a study's events to the store and to the log file, and passes each one on to whoever learns from the log.

Order: the store first, then the log file, then the learners, each in the order of its subscription. A learner therefore
only sees events that every reader of the store sees too.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from tuner.events import DurableEvent
from tuner.store import Store
from tuner.study.event_text import event_line

log = logging.getLogger("tuner.study")

Learner = Callable[[DurableEvent], None]


class StudyLog:
    """The log of one study, for the process that runs it."""

    def __init__(self, store: Store, name: str) -> None:
        self.store, self.name = store, name
        self._learners: list[Learner] = []

    def subscribe(self, *learners: Learner) -> None:
        """Call these functions with every event from now on."""
        self._learners += learners

    def append(self, event: DurableEvent) -> None:
        """Write one event to the store and to the log file, then call the learners."""
        self.store.append(self.name, event)
        log.info(event_line(event))
        for learn in self._learners:
            learn(event)
