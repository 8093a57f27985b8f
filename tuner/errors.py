"""Errors named by what the caller should do next.

Every message is one line that names the culprit and the remedy; the command line prints it as it is and
exits with `exit_code`. All of them survive pickling, since they travel between Ray processes.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class TunerError(Exception):
    """Base of all errors that a user can act on."""

    exit_code = 1

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} - {self.remedy}" if self.remedy else self.message

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.message, self.remedy))


class FixInputError(TunerError):
    """Correct a field, a file or a folder, then call again. Nothing was written."""

    exit_code = 2


class FetchDataError(FixInputError):
    """Put the named file where the message says, or connect to the network, then call again."""


class UnknownStudyError(FixInputError):
    """Choose one of the studies that `tuner list` shows."""


class TryAgainError(FixInputError):
    """Nothing to correct: what is named was away, locked or full; call again once it is back."""


class LeaseLostError(TunerError):
    """Another process runs the study now: follow it there. This one must write nothing more."""


class StudyFailedError(TunerError):
    """Every trial failed or the study could not go on: read the reason, mend it, then `tuner resume`."""


def _rebuild(kind: type[TunerError], message: str, remedy: str) -> TunerError:
    return kind(message, remedy=remedy)


def in_one_line(error: BaseException) -> str:
    """What another library's error says, which may be many lines."""
    return " ".join(f"{type(error).__name__}: {error}".split())


def nearest(name: str, known: Iterable[str]) -> str:
    """A remedy for a misspelt name: the nearest known one, or all of them when none is near."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else f"known are: {', '.join(names)}"
