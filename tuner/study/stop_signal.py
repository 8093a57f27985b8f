"""Ends a study before its trials are all done: cancelled, out of time, or on target."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from tuner.events import StudyStatusName, TrialCause


@dataclass(frozen=True)
class StudyEnd:
    """How the study ends, and why the trials do that it cuts short."""

    status: StudyStatusName
    reason: str
    cause: TrialCause = "cancelled"


class StopSignal:
    """Whether the study is to end now. May be set from any thread or signal handler; the first reason stays."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._stop: StudyEnd | None = None

    def request(self, status: StudyStatusName, reason: str, cause: TrialCause = "cancelled") -> None:
        with self._lock:
            self._stop = self._stop or StudyEnd(status, reason, cause)

    @property
    def stop(self) -> StudyEnd | None:
        return self._stop
