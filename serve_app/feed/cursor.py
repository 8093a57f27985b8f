"""A place in the log of a study: the number of the last event that somebody knows, and of which log.

In text `12:638f0a2b41c80`, or `12` alone where the log does not matter. The log's name is the moment when the study was
made: a study that was deleted and made again under the same name is another one, and its numbers begin again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from serve_app.feed.protocol import CURSOR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Cursor:
    """A place in a log."""

    sequence: int
    """Number of the event before it; 0: the log's begin."""
    log: str | None = None
    """Name of the log; None: whichever there is."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """The cursor that `str` gave.

        Raises:
            ValueError: it is none.
        """
        if not re.fullmatch(CURSOR, text, re.ASCII):
            raise ValueError(f"{text[:40]!r} is no cursor: give back one that the feed told, or a number")
        sequence, _, log = text.partition(":")
        return cls(int(sequence), log or None)

    def __str__(self) -> str:
        return str(self.sequence) if self.log is None else f"{self.sequence}:{self.log}"

    def is_of(self, log: str) -> bool:
        """Whether it is a place in this log, as far as it tells."""
        return self.log in (None, log)


def log_name(created_at: datetime) -> str:
    """The name of the log of a study that was made then."""
    return f"{(created_at - _EPOCH) // timedelta(microseconds=1):x}"
