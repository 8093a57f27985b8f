"""`tuner options`: all keys and the search space as tables."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tuner.console.output import table
from tuner.search.options import SPACES, fields, space_rows


def print_options(out: Console) -> None:
    """All that can be said behind `tuner run`."""
    out.print("tuner run key=value ...: all keys, their values, defaults and meanings.\n", soft_wrap=True)
    group = ""
    shown: Table | None = None
    for option in fields():
        if option.group != group:
            if shown is not None:
                out.print(shown, "")
            group, shown = option.group, _wrapping(option.group, "value", "default", "meaning")
        assert shown is not None
        field, dot, part = option.name.partition(".")
        shown.add_row(Text(f"  .{part}" if dot else field, "bold"), option.kind, option.default, option.meaning)
    out.print(shown)
    for name, (what, _) in SPACES.items():
        out.print(
            Text(
                f"\nSearch space of architecture={name}, here for {what}: space.NAME=VALUE fixes,"
                " space.NAME=[a,b] narrows or widens."
            ),
            "",
        )
        listed = _wrapping("parameter", "searched", "may be", "meaning")
        for parameter, searched, widest, only_with, meaning in space_rows(name):
            condition = f" (only with {only_with})" if only_with else ""
            listed.add_row(Text(parameter, "bold"), searched, widest, meaning + condition)
        out.print(listed)


def _wrapping(*headings: str) -> Table:
    """A table whose last column wraps: what an option means is never cut off."""
    made = table(*headings)
    made.columns[0].style = "bold"
    for column in made.columns[1:]:
        column.no_wrap = False
        column.overflow = "fold"
    made.columns[-1].ratio = 1
    made.columns[1].max_width = 26
    return made
