"""Shows a running study as plain lines, for pipes, log files and CI."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import IO

from tuner.console.formatting import clean, estimate, finished
from tuner.console.output import discard
from tuner.console.snapshot import Snapshot
from tuner.events import DurableEvent
from tuner.study.event_text import event_lines

HEARTBEAT_S = 30.0


class PlainDisplay:
    """Prints one line per event with the time of day, and the progress after 30 s without an event.

    Args:
        on_closed: Called once if the reader of the stream (`| head`) has closed the pipe, with the next event of the
            study, which goes on.
    """

    def __init__(
        self,
        stream: IO[str],
        clock: Callable[[], float] = time.monotonic,
        on_closed: Callable[[], None] = lambda: None,
    ) -> None:
        self._stream, self._clock, self._on_closed = stream, clock, on_closed
        self._closed = self._told = False
        self._status = ""
        self._printed_at = clock()

    def show_event(self, event: DurableEvent) -> None:
        for line in event_lines(event):
            self._print(line, event.time.astimezone())
        if self._closed and not self._told:
            self._told = True
            self._on_closed()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Print what the study waits for when that changes, or its progress after 30 s of silence."""
        if snapshot.busy and snapshot.status != self._status:
            self._print(f"{snapshot.status} ...")
        elif self._clock() - self._printed_at >= HEARTBEAT_S:
            self._print(heartbeat(snapshot))
        self._status = snapshot.status

    def _print(self, text: str, at: datetime | None = None) -> None:
        self._printed_at = self._clock()
        try:
            print(f"{at or datetime.now():%H:%M:%S} {clean(text)}", file=self._stream, flush=True)
        except BrokenPipeError:
            discard(self._stream)
            self._closed = True
        except (OSError, ValueError):  # a full disk, or a closed stream: the study must go on
            pass


def heartbeat(snapshot: Snapshot) -> str:
    """The progress of the study in one line."""
    progress = snapshot.progress
    if progress is None or snapshot.busy:
        return f"{snapshot.status} ... {snapshot.elapsed_s:.0f} s"
    parts = []
    for trial in progress.running[:3]:
        batch = f", batch {trial.batch}/{trial.batches}" if trial.batches else ""
        parts.append(f"trial {trial.trial_number} epoch {trial.epoch}/{trial.epochs}{batch}")
    if progress.running_trials > 3:
        parts.append(f"{progress.running_trials - 3} more running")
    parts.append(f"{finished(progress, snapshot.spec)} trials finished")
    if progress.eta is not None:
        parts.append(f"about {estimate(progress.eta)} left")
    return "; ".join(parts)
