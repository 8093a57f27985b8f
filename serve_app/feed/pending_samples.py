"""The samples that wait for one client: only the latest of each type and trial, however slow the client is.

The sample that waits longest is sent first, so that all trials get their turn. A sample of an epoch that the client
knows to be done is never sent.
"""

from __future__ import annotations

from serve_app.feed.message import Durable, Message, Sample


class PendingSamples:
    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str, int | None], Sample] = {}
        self._done: dict[tuple[str, int | None], float] = {}

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def offer(self, sample: Sample) -> None:
        """Add a sample, in place of a waiting one with the same key."""
        if not self._is_outdated(sample):
            self._waiting[sample.key] = sample  # keeps the queue position of the replaced one

    def drop_outdated(self, study: str, durable: Durable) -> None:
        """Drop the samples that an event outdates, which the client gets now."""
        if durable.epochs_done is None:
            return
        trial = (study, durable.trial_number)
        self._done[trial] = durable.epochs_done
        for key in [
            key for key, sample in self._waiting.items() if (key[0], key[2]) == trial and self._is_outdated(sample)
        ]:
            del self._waiting[key]

    def take(self) -> Message | None:
        """Remove and return the message that waits longest; None: there is none."""
        if not self._waiting:
            return None
        return self._waiting.pop(next(iter(self._waiting))).message

    def clear(self) -> None:
        """Forget everything, for a client that starts again with a snapshot."""
        self._waiting.clear()
        self._done.clear()

    def _is_outdated(self, sample: Sample) -> bool:
        study, _, trial = sample.key
        return trial is not None and sample.epoch <= self._done.get((study, trial), -1)
