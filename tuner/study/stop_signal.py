"""What the process that runs a study is asked to do meanwhile: to end the study before all its trials are done
(cancelled, out of time, target reached), to end single trials, or to train more or fewer trials at once."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from tuner.events import StudyStatusName, TrialCause


@dataclass(frozen=True)
class StudyEnd:
    """How the study ends, and the cause that its running trials get."""

    status: StudyStatusName
    reason: str
    cause: TrialCause = "cancelled"


class StopSignal:
    """Whether the study is to end now. May be set from any thread or signal handler; the first reason stays.

    The two other attributes are what people ask of a running study, as it was last read from the database.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._stop: StudyEnd | None = None
        self._cancelled = False
        self.trials_to_cancel: frozenset[int] = frozenset()
        """Numbers of the running trials that a person asked to end."""
        self.workers: int | None = None
        """Most trials that train at once; None: as the study began."""

    def request(self, status: StudyStatusName, reason: str, cause: TrialCause = "cancelled") -> None:
        with self._lock:
            self._stop = self._stop or StudyEnd(status, reason, cause)
            self._cancelled = self._cancelled or status == "cancelled"

    @property
    def cancelled(self) -> bool:
        """Whether a person asked to stop, also after another reason to end."""
        return self._cancelled

    @property
    def stop(self) -> StudyEnd | None:
        return self._stop
