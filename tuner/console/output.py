"""Where the console writes: results to stdout, or exactly one JSON document there and everything else to stderr."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from typing import IO, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tuner.console.formatting import clean

PIPE_WIDTH = 240
"""Columns of a table that no terminal limits: nothing is cut off for `grep`."""


def console(*, stderr: bool = False) -> Console:
    """A console for people. Colours and widths follow the terminal, NO_COLOR and COLUMNS."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else PIPE_WIDTH
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False, soft_wrap=False)


def is_screen(out: Console) -> bool:
    """Whether the console is a terminal on which the cursor may move."""
    return out.file.isatty() and not out.is_dumb_terminal


def print_json(document: Any, stream: IO[str] | None = None) -> None:
    """The one JSON document of a command with --json."""
    print(json.dumps(document, indent=2, allow_nan=False, ensure_ascii=False), file=stream or sys.stdout, flush=True)


def print_error(line: str) -> None:
    """One line on stderr, as every error of the command line; whatever it holds."""
    out = Console(stderr=True, highlight=False, markup=False, emoji=False)
    # soft_wrap: what is one line stays one, whoever reads it
    out.print(Text.assemble(("error:", "bold red"), " ", clean(line)), soft_wrap=True)


def table(*headings: str) -> Table:
    """A plain table. A heading that begins with `>` is of numbers; one with `~` gives way first when room is short."""
    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading in headings:
        right, yielding = heading.startswith(">"), heading.startswith("~")
        made.add_column(heading.lstrip(">~"), justify="right" if right else "left", no_wrap=not yielding)
    return made


def cut(text: str) -> Text:
    """A cell for a column that gives way: its end is cut off, where others would be wrapped."""
    return Text(clean(text), no_wrap=True, overflow="ellipsis")


@contextlib.contextmanager
def stdout_reserved() -> Iterator[IO[str]]:
    """Within it, whatever this process or a library writes to stdout goes to stderr; gives the real stdout."""
    sys.stdout.flush()
    try:
        kept = os.dup(1)
    except OSError:  # it was closed before we began
        yield sys.stdout
        return
    os.dup2(2, 1)
    with os.fdopen(kept, "w", encoding="utf-8") as real:
        try:
            with contextlib.redirect_stdout(sys.stderr):
                yield real
        finally:
            sys.stdout.flush()
            os.dup2(kept, 1)
