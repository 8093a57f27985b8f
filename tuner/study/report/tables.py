"""Tables of a report: plain texts in rows and columns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """A table. A column whose heading begins with `>` holds numbers."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str | None = None
    bold: int | None = None
    """Index of the row that stands out."""

    @property
    def headings(self) -> list[tuple[str, bool]]:
        """Each heading, and whether its column holds numbers."""
        return [(column.lstrip(">"), column.startswith(">")) for column in self.columns]
