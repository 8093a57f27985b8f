"""Progress bars of one line, readable without colours, in ASCII if the terminal has no Unicode."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.segment import Segment
from rich.style import Style

Part = tuple[float, str, str, str]
"""Amount, style, character, ASCII character."""


class Bar:
    """A bar of coloured parts of a total that fills the available width."""

    def __init__(self, parts: Sequence[Part], total: float) -> None:
        self._parts, self._total = parts, max(total, 1e-9)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width, reached, drawn = options.max_width, 0.0, 0
        for amount, style, character, ascii_character in self._parts:
            reached += amount
            cells = min(width, round(width * reached / self._total)) - drawn
            if cells > 0:
                yield Segment((ascii_character if options.ascii_only else character) * cells, Style.parse(style))
                drawn += cells
        if drawn < width:
            yield Segment(("." if options.ascii_only else "─") * (width - drawn), Style.parse("dim"))

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(4, options.max_width)


def share_bar(share: float, style: str = "cyan") -> Bar:
    """A bar that is filled to a share in [0, 1]."""
    return Bar([(min(1.0, max(0.0, share)), style, "━", "=")], 1.0)
