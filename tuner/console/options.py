"""Prints all fields and the search spaces as tables: `tuner options`."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tuner.console.output import print_json, table
from tuner.search.options import SPACES, fields, options_json, space_rows


def print_options(out: Console, *, as_json: bool = False) -> None:
    """Prints every field that `tuner run` accepts, and the search spaces."""
    if as_json:
        print_json(options_json())
        return
    out.print("tuner run key=value ...: all fields, their values, defaults and meanings.\n", soft_wrap=True)
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
    for data, (what, _) in SPACES.items():
        out.print(
            Text(
                f"\nSearch space for {what}: space.NAME=VALUE fixes a parameter, "
                "space.NAME=[a,b,c] lists choices, space.NAME=a..b sets a range; (log) marks a logarithmic scale."
            ),
            "",
        )
        listed = _wrapping("parameter", "searched", "allowed", "meaning")
        for row in space_rows(data):
            condition = f" (only with {row.only_with})" if row.only_with else ""
            listed.add_row(Text(row.name, "bold"), row.range, row.widest, row.meaning + condition)
        out.print(listed)


def _wrapping(*headings: str) -> Table:
    """Returns a table whose last column wraps, so that a meaning is never cut off."""
    made = table(*headings)
    made.columns[0].style = "bold"
    for column in made.columns[1:]:
        column.no_wrap = False
        column.overflow = "fold"
    made.columns[-1].ratio = 1
    made.columns[1].max_width = 26
    return made
