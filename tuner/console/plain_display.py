"""A running study as plain lines, for pipes, log files and CI."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from datetime import datetime
from typing import IO

from tuner.console.formatting import about, clean
from tuner.console.snapshot import Snapshot
from tuner.events import DurableEvent
from tuner.study.event_text import event_line

HEARTBEAT_S = 30.0


class PlainDisplay:
    """One line per event, with the time of day; a sign of life when nothing happened for half a minute."""

    def __init__(self, stream: IO[str], clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._clock = stream, clock
        self._status = ""
        self._spoke = clock()

    def event(self, event: DurableEvent) -> None:
        self._say(event_line(event), event.time.astimezone())

    def moment(self, snapshot: Snapshot) -> None:
        if snapshot.busy and snapshot.status != self._status:
            self._say(f"{snapshot.status} ...")
        elif self._clock() - self._spoke >= HEARTBEAT_S:
            self._say(heartbeat(snapshot))
        self._status = snapshot.status

    def _say(self, text: str, at: datetime | None = None) -> None:
        self._spoke = self._clock()
        # Whoever read this may be gone (`| head`): the study goes on all the same.
        with contextlib.suppress(OSError, ValueError):
            print(f"{at or datetime.now():%H:%M:%S} {clean(text)}", file=self._stream, flush=True)


def heartbeat(snapshot: Snapshot) -> str:
    """Where the study stands, in one line."""
    progress = snapshot.progress
    if progress is None or snapshot.busy:
        return f"{snapshot.status} ... {snapshot.elapsed_s:.0f} s"
    parts = []
    for trial in progress.running[:3]:
        batch = f", batch {trial.batch}/{trial.batches}" if trial.batches else ""
        parts.append(f"trial {trial.trial_number} epoch {trial.epoch}/{trial.epochs}{batch}")
    if progress.running_trials > 3:
        parts.append(f"{progress.running_trials - 3} more in training")
    parts.append(f"{progress.trials_performed}/{progress.total_trials} trials done")
    if progress.eta is not None:
        parts.append(f"about {about(progress.eta)} left")
    return "; ".join(parts)
