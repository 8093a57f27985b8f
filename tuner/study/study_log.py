"""A study's log in the store and its log file, which has the same lines however the study was started.

Order: the store first, then the log file, then the learners, each in the order of its subscription. A learner therefore
only sees events that every reader of the store sees too.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tuner.events import DurableEvent, TrialComplete
from tuner.store import Store
from tuner.study.event_text import event_lines

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
        for line in event_lines(event):
            log.info("%s", line)
        if isinstance(event, TrialComplete) and event.error:
            log.info("the whole error of trial %d:\n%s", event.trial_number, event.error.rstrip())
        for learn in self._learners:
            learn(event)


@contextmanager
def log_to(file: Path) -> Iterator[None]:
    """Context manager in which everything that the package logs is appended to the file, with UTC times.

    The file's folder is made if it does not exist: a study in an object store may run on several machines in turn.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(file, encoding="utf-8")
    formatter = logging.Formatter("%(asctime)sZ %(levelname)s %(message)s", datefmt="%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logger = logging.getLogger("tuner")
    level = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        handler.close()
