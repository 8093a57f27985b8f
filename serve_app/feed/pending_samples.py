"""The samples that one client has not got yet: the latest of each kind and trial, and no more, however slow it is.

Fair: what waits longest is told first, so that many trials share the pace. A sample of an epoch that the client knows
to be done is never told.
"""

from __future__ import annotations

from serve_app.feed.message import Durable, Message, Sample


class PendingSamples:
    """Samples on their way to one client."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str, int | None], Sample] = {}
        self._done: dict[tuple[str, int | None], float] = {}

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def offer(self, sample: Sample) -> None:
        """Takes the place of the one of the same key that still waits."""
        if not self._is_old(sample):
            self._waiting[sample.key] = sample  # an older one keeps its place in the queue

    def told(self, study: str, durable: Durable) -> None:
        """The client gets this event now: samples of what it ended are old."""
        if durable.epochs_done is None:
            return
        trial = (study, durable.trial_number)
        self._done[trial] = durable.epochs_done
        for key in [key for key, sample in self._waiting.items() if (key[0], key[2]) == trial and self._is_old(sample)]:
            del self._waiting[key]

    def take(self) -> Message | None:
        """The sample that waits longest."""
        if not self._waiting:
            return None
        return self._waiting.pop(next(iter(self._waiting))).message

    def clear(self) -> None:
        """The client begins anew."""
        self._waiting.clear()
        self._done.clear()

    def _is_old(self, sample: Sample) -> bool:
        study, _, trial = sample.key
        return trial is not None and sample.epoch <= self._done.get((study, trial), -1)
