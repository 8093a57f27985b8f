"""Formats values for people, in the same way on the console, in reports and wherever else a study is described."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from tuner.objectives import SHARES

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


def clean(text: str) -> str:
    """The text as one line without control characters, so that a traceback or file name cannot control the terminal."""
    return _CONTROL.sub(" ", text).strip()


def duration(seconds: float | None) -> str:
    """A duration such as `0.4 s`, `12 s`, `3 min 05 s` or `2 h 07 min`; `-` for None."""
    if seconds is None:
        return "-"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def score(value: float | None) -> str:
    """A loss or a share with 4 digits; `-` for None."""
    if value is None:
        return "-"
    return f"{value:.4f}" if abs(value) < 1000 else f"{value:.3g}"


def objective_value(name: str, value: float | None) -> str:
    """An objective's value: numbers of weights in full, times with 3 digits, all others with 4; `-` for None."""
    if value is None or name == "val_loss" or name in SHARES:
        return score(value)
    return f"{value:,.0f}" if name == "parameter_count" else f"{value:.3g}"


def scalar(value: object) -> str:
    """A hyperparameter's value."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.4g}" if isinstance(value, float) else clean(str(value))


def local_time(time: datetime | None) -> str:
    """Date and time to the minute in the local time zone; `-` for None."""
    return "-" if time is None else f"{time.astimezone():%Y-%m-%d %H:%M}"


MOST_LISTED = 12


def trial_list(numbers: Sequence[int]) -> str:
    """The first trial numbers and how many more there are, such as `1, 2, 3 and 4 more`."""
    more = len(numbers) - MOST_LISTED
    return ", ".join(map(str, numbers[:MOST_LISTED])) + (f" and {more} more" if more > 0 else "")


def counted(number: int, noun: str) -> str:
    """A number with its noun: `1 trial`, `20 trials`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def capital(text: str) -> str:
    """The text with a capital letter at its start."""
    return text[:1].upper() + text[1:]
