"""Shows a running study as a live screen on a terminal; the screen is erased at the end."""

from __future__ import annotations

import contextlib
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import IO, Any

from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

from tuner.console.formatting import clean
from tuner.console.screen import study_screen
from tuner.console.snapshot import Snapshot
from tuner.events import DataRead, DurableEvent, StudyStatus
from tuner.study.event_text import event_lines

FRAMES_PER_S = 4


@contextmanager
def live_screen(out: Console) -> Iterator[LiveDisplay]:
    """Context manager that shows a live screen on the terminal."""
    stderr = StderrAboveScreen(sys.stderr, lambda text: out.print(Text(text, "dim"), soft_wrap=True))
    screen = LiveDisplay(out, stderr)
    live = Live(
        get_renderable=screen.renderable,
        console=out,
        refresh_per_second=FRAMES_PER_S,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
        vertical_overflow="crop",
    )
    with _control_echo_off(), live, contextlib.redirect_stderr(stderr):
        yield screen


class LiveDisplay:
    """Keeps the latest snapshot; a separate thread redraws it, so that the clock advances while the store is slow."""

    def __init__(self, out: Console, stderr: StderrAboveScreen) -> None:
        self._out, self._stderr = out, stderr
        self._snapshot: Snapshot | None = None
        self._received_at = 0.0

    def show_event(self, event: DurableEvent) -> None:
        """Print notes and the report on the data above the screen; the next snapshot includes all else."""
        if isinstance(event, StudyStatus) and event.status == "running" and event.reason:
            self._out.print(Text(clean(event.reason), "yellow"), soft_wrap=True)
        if isinstance(event, DataRead):
            for line in event_lines(event):
                self._out.print(Text(clean(line), "yellow" if ": warning:" in line else "dim"), soft_wrap=True)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Keep the snapshot for the next redraw."""
        self._snapshot, self._received_at = snapshot, time.monotonic()

    def renderable(self) -> RenderableType:
        """The latest snapshot at the terminal's current size."""
        if self._snapshot is None:
            return Text("")
        elapsed_s = self._snapshot.elapsed_s + time.monotonic() - self._received_at
        size = self._out.size
        # The last line and column stay empty: writing to them scrolls or wraps.
        width, height = max(1, size.width - 1), max(1, size.height - 1)
        return study_screen(replace(self._snapshot, elapsed_s=elapsed_s), width, height, self._stderr.note)


class StderrAboveScreen:
    """Replaces stderr during a live screen: prints whole lines above it and keeps a line rewritten in place as note."""

    def __init__(self, stream: IO[str], show: Callable[[str], None]) -> None:
        self._stream, self._show = stream, show
        self._text = ""
        self.note = ""

    def write(self, text: str) -> int:
        *lines, self._text = (self._text + text).split("\n")
        for line in lines:
            shown = clean(line.rpartition("\r")[2])
            # The last state of a line rewritten in place, such as a download bar, was shown as the note.
            if shown and shown != clean(self.note):
                self._show(shown)
            self.note = ""
        if "\r" in self._text:
            self.note = self._text.rstrip("\r").rpartition("\r")[2]
            self._text = "\r" + self.note
        return len(text)

    def flush(self) -> None:
        """Do nothing: whole lines are printed at once."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def _control_echo_off() -> Iterator[None]:
    """Context manager that stops the terminal from printing ^C, which would shift the screen."""
    try:
        descriptor = sys.stdin.fileno()
        before = termios.tcgetattr(descriptor)
        quiet = [*before[:3], before[3] & ~termios.ECHOCTL, *before[4:]]
        termios.tcsetattr(descriptor, termios.TCSANOW, quiet)
    except (termios.error, OSError, ValueError):  # stdin is closed or not a terminal
        yield
        return
    try:
        yield
    finally:
        with contextlib.suppress(termios.error, OSError):
            termios.tcsetattr(descriptor, termios.TCSANOW, before)
