"""The two faces of a running study: a live screen on a terminal, plain lines everywhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from tuner.console.output import is_screen
from tuner.console.plain_display import PlainDisplay
from tuner.console.terminal import live_screen
from tuner.console.watcher import StudyDisplay


@contextmanager
def display_for(out: Console) -> Iterator[StudyDisplay]:
    """The face that fits the console, until the end of the context."""
    if is_screen(out):
        with live_screen(out) as screen:
            yield screen
    else:
        yield PlainDisplay(out.file)
