"""A running study on a terminal: a live screen in place, that leaves nothing behind."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import IO, Any

from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

from tuner.console.formatting import clean
from tuner.console.screen import draw
from tuner.console.snapshot import Snapshot
from tuner.events import DurableEvent

FRAMES_PER_S = 4


@contextmanager
def live_screen(out: Console) -> Iterator[LiveDisplay]:
    """A screen that is drawn on the terminal until the end of the context."""
    aside = StderrAboveDisplay(sys.stderr, lambda text: out.print(Text(text, "dim"), soft_wrap=True))
    screen = LiveDisplay(out, aside)
    live = Live(
        get_renderable=screen.drawn,
        console=out,
        refresh_per_second=FRAMES_PER_S,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
        vertical_overflow="crop",
    )
    with _silent_keys(), live, contextlib.redirect_stderr(aside):
        yield screen


class LiveDisplay:
    """Redrawn by a thread of its own, so that its clock goes on while the store is slow."""

    def __init__(self, out: Console, aside: StderrAboveDisplay) -> None:
        self._out, self._aside = out, aside
        self._snapshot: Snapshot | None = None
        self._taken = 0.0

    def event(self, event: DurableEvent) -> None:
        """Nothing: the next moment shows it."""

    def moment(self, snapshot: Snapshot) -> None:
        self._snapshot, self._taken = snapshot, time.monotonic()

    def drawn(self) -> RenderableType:
        """The latest moment at the terminal's present size."""
        if self._snapshot is None:
            return Text("")
        elapsed_s = self._snapshot.elapsed_s + time.monotonic() - self._taken
        size = self._out.size
        # One line and one column less than there is: what fills the last one scrolls or wraps.
        width, height = max(1, size.width - 1), max(1, size.height - 1)
        return draw(replace(self._snapshot, elapsed_s=elapsed_s), width, height, self._aside.note)


class StderrAboveDisplay:
    """Stands in for stderr below a live screen: whole lines go above it, a line rewritten in place is its note."""

    def __init__(self, stream: IO[str], show: Callable[[str], None]) -> None:
        self._stream, self._show = stream, show
        self._text = ""
        self.note = ""

    def write(self, text: str) -> int:
        *lines, self._text = (self._text + text).split("\n")
        for one in lines:
            shown = clean(one.rpartition("\r")[2])
            # The last state of a line that was rewritten in place, such as a download's bar, is no news.
            if shown and shown != clean(self.note):
                self._show(shown)
            self.note = ""
        if "\r" in self._text:
            self.note = self._text.rstrip("\r").rpartition("\r")[2]
            self._text = "\r" + self.note
        return len(text)

    def flush(self) -> None:
        """Nothing waits here."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def _silent_keys() -> Iterator[None]:
    """Within it the terminal shows no ^C where the key is pressed: it would shift what is drawn."""
    try:
        import termios
    except ImportError:  # Windows
        yield
        return
    try:
        descriptor = sys.stdin.fileno()
        before = termios.tcgetattr(descriptor)
        quiet = [*before[:3], before[3] & ~termios.ECHOCTL, *before[4:]]
        termios.tcsetattr(descriptor, termios.TCSANOW, quiet)
    except (termios.error, OSError, ValueError):  # stdin is closed or no terminal
        yield
        return
    try:
        yield
    finally:
        with contextlib.suppress(termios.error, OSError):
            termios.tcsetattr(descriptor, termios.TCSANOW, before)
