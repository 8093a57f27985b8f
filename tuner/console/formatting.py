"""How values look to people: the same everywhere on the console."""

from __future__ import annotations

import re
from datetime import datetime

from tuner.objectives import SHARES

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


def clean(text: str) -> str:
    """One line without control characters: what a traceback or a file name holds must not steer the terminal."""
    return _CONTROL.sub(" ", text).strip()


def duration(seconds: float | None) -> str:
    """Such as `0.4 s`, `12 s`, `3 min 05 s`, `2 h 07 min`; `-` if not known."""
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


def about(seconds: float) -> str:
    """A duration that is only estimated: `40 s`, `3 min`, `2 h`."""
    if seconds < 55:
        return f"{max(5, round(seconds / 5) * 5)} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"


def score(value: float | None) -> str:
    """A loss or a share, with 4 digits; `-` if there is none."""
    if value is None:
        return "-"
    return f"{value:.4f}" if abs(value) < 1000 else f"{value:.3g}"


def objective_value(name: str, value: float | None) -> str:
    """An objective's value: weights are counted, times are rounded."""
    if value is None or name == "val_loss" or name in SHARES:
        return score(value)
    return f"{value:,.0f}" if name == "parameter_count" else f"{value:.3g}"


def scalar(value: object) -> str:
    """A hyperparameter's value."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.4g}" if isinstance(value, float) else clean(str(value))


def local_time(time: datetime | None) -> str:
    """Date and time in the user's zone, to the minute; `-` if there is none."""
    return "-" if time is None else f"{time.astimezone():%Y-%m-%d %H:%M}"


def counted(number: int, noun: str) -> str:
    """Such as `1 trial`, `20 trials`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
