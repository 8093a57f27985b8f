"""A position in the log of a study: the number of the last event that a client has, and the log's name.

As text `12:638f0a2b41c80`, or `12` if the log does not matter. The log's name is the time when the study was created: a
study that was deleted and created again under the same name has another log, whose numbers start again.
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
    sequence: int
    """Number of the event before it; 0: the start of the log."""
    log: str | None = None
    """Name of the log; None: the study's log, whatever its name."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """The cursor that a text holds. Raises ValueError if the text is not a cursor."""
        if not re.fullmatch(CURSOR, text, re.ASCII):
            raise ValueError(f"{text[:40]!r} is not a cursor: use a cursor from the feed, or a number")
        sequence, _, log = text.partition(":")
        return cls(int(sequence), log or None)

    def __str__(self) -> str:
        return str(self.sequence) if self.log is None else f"{self.sequence}:{self.log}"

    def is_of(self, log: str) -> bool:
        """Whether it is a position in this log, or names no log."""
        return self.log in (None, log)


def log_name(created_at: datetime) -> str:
    """The name of the log of a study that was created at that time."""
    return f"{(created_at - _EPOCH) // timedelta(microseconds=1):x}"
