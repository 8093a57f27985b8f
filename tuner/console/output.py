"""Creates consoles and writes to them: results to stdout; with --json one document to stdout and all else to stderr."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tuner.console.formatting import clean

PIPE_WIDTH = 240
"""Columns of a table that is not printed to a terminal, so that `grep` sees whole lines."""


def console(*, stderr: bool = False) -> Console:
    """A console whose colours and width follow the terminal, NO_COLOR and COLUMNS."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else PIPE_WIDTH
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False, soft_wrap=False)


def is_screen(out: Console) -> bool:
    """Whether the console is a terminal with cursor movement."""
    return out.file.isatty() and not out.is_dumb_terminal


def print_json(document: Any, stream: IO[str] | None = None) -> None:
    """Print the one JSON document of a command with --json."""
    print(json.dumps(document, indent=2, allow_nan=False, ensure_ascii=False), file=stream or sys.stdout, flush=True)


def print_line(out: Console, text: str, style: str = "") -> None:
    """Print one line that the terminal may wrap; the text is not interpreted as markup."""
    out.print(Text(text, style), soft_wrap=True)


def print_error(line: str) -> None:
    """Print an error as one line on stderr."""
    out = Console(stderr=True, highlight=False, markup=False, emoji=False)
    out.print(Text.assemble(("error:", "bold red"), " ", clean(line)), soft_wrap=True)


def discard(stream: IO[str]) -> None:
    """Let everything that is written to the stream from now on vanish: its reader (`| head`) has closed the pipe."""
    with contextlib.suppress(OSError, ValueError), Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())  # fails for a stream without a file, as in a test


def table(*headings: str) -> Table:
    """A table without borders; `>` before a heading aligns right, `~` lets the column shrink first."""
    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading in headings:
        right, flexible = heading.startswith(">"), heading.startswith("~")
        made.add_column(heading.lstrip(">~"), justify="right" if right else "left", no_wrap=not flexible)
    return made


def truncated(text: str) -> Text:
    """A cell that is truncated rather than wrapped when its column shrinks."""
    return Text(clean(text), no_wrap=True, overflow="ellipsis")


@contextlib.contextmanager
def stdout_reserved() -> Iterator[IO[str]]:
    """Context manager that yields the real stdout; all other writes to stdout, also by libraries, go to stderr."""
    sys.stdout.flush()
    try:
        kept = os.dup(1)
    except OSError:  # stdout was closed before the command started
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
