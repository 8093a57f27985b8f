"""Errors, named by what the caller should do next.

Every message is one line that names what is wrong and the remedy; the command line prints it and exits with
`exit_code`. All of them survive pickling, since they travel between Ray processes.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable


class TunerError(Exception):
    """Base class of all errors that a user can act on. The remedy is empty if the message says what to do."""

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
    """Correct the field, file, folder or setting that the message names, then call again. Nothing was written."""

    exit_code = 2


class CannotBuildError(FixInputError):
    """Correct the own network, or choose other hyperparameters: it cannot be built with these."""


class CannotWriteError(FixInputError):
    """Free space on the disk, or make the folder writable; whoever sends requests to a server cannot do so."""


class FetchDataError(FixInputError):
    """Put the data file where the message says, or connect to the network, then call again."""


class UnknownStudyError(FixInputError):
    """Choose one of the studies that `tuner list` shows."""


class TryAgainError(TunerError):
    """Call again later without a change: what the message names is unreachable, locked or full at the moment."""


class DatabaseAwayError(TryAgainError):
    """Call again once the database is back: it does not answer, is locked, or its disk is full."""


class LeaseLostError(TunerError):
    """Stop writing: another process runs the study now. Follow the study there."""


class ClusterLostError(TunerError):
    """Start Ray again, then `tuner resume`: the Ray cluster ended, and the study with it."""


class StudyFailedError(TunerError):
    """Read the reason, remove it, then `tuner resume`: every trial failed, or the study could not continue."""


def _rebuild(kind: type[TunerError], message: str, remedy: str) -> TunerError:
    return kind(message, remedy=remedy)


LONGEST = 300
"""Most characters of another library's error in a message. Ray's and TensorFlow's own texts have up to 14 kB."""
MOST_KNOWN = 100
"""Most known names in the remedy for a misspelt one."""
_RAISED = re.compile(r"^[\w.]*\b(\w*(?:Error|Exception|Interrupt|Exit)\b.*)$", re.MULTILINE)
"""The line of a traceback that names the error."""


_PLACES = re.compile(
    r"\{\{.*?\}\}|Graph execution error:|^Detected at node .*$|^ *File \".*$|^<stack traces.*$", re.MULTILINE
)
"""Where TensorFlow met an error, which comes before what the error is."""


def in_one_line(error: BaseException) -> str:
    """The type and text of another library's error as one line of limited length; of a traceback, its last error."""
    text = _PLACES.sub("", str(error))
    raised = _RAISED.findall(text) if "Traceback (most recent call last)" in text else []
    name = type(error).__name__
    return shortened(raised[-1] if raised else f"{name}: {text}" if text.strip() else name)


def shortened(text: str, most: int = LONGEST) -> str:
    """The text as one line, cut to `most` characters if it is longer."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[:most].rstrip()} ..."


def nearest(name: str, known: Iterable[str]) -> str:
    """The remedy for a misspelt name: the most similar known name, or all known names if none is similar."""
    names = sorted(known)
    close = difflib.get_close_matches(name[:LONGEST], names, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    more = f" and {len(names) - MOST_KNOWN:,} more" if len(names) > MOST_KNOWN else ""
    return f"known are: {', '.join(names[:MOST_KNOWN])}{more}"
