"""The figures of a study: all its trials together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, cast

from tuner.errors import FixInputError, nearest
from tuner.store import Store
from tuner.study.figures.catalogue import INTERACTIVE
from tuner.study.study_figure import (
    STUDY_FIGURE_NAMES,
    StudyFigureName,
    StudyRows,
    interactive_figure,
    makes_sense,
    study_figure,
)

if TYPE_CHECKING:  # matplotlib takes a third of a second to import
    from matplotlib.figure import Figure


class StudyFigures:
    """Makes the figures of a study as it was when this object was made. Raises UnknownStudyError."""

    def __init__(self, store: Store, name: str) -> None:
        self._rows = StudyRows(store.study(name), store.trials(name), store.epochs(name), store.now())

    @classmethod
    def of(cls, rows: StudyRows) -> Self:
        """The figures of rows that were read before."""
        made = cls.__new__(cls)
        made._rows = rows
        return made

    def names(self) -> list[str]:
        """The figures that make sense for this study."""
        return [name for name in STUDY_FIGURE_NAMES if makes_sense(name, self._rows)]

    def figure(self, name: str) -> Figure:
        """The figure of this name, which says so if there is nothing to draw. Raises FixInputError for other names."""
        _check(name, self.names())
        return study_figure(cast(StudyFigureName, name), self._rows)

    def interactive_names(self) -> list[str]:
        """The figures that can be made interactive."""
        return [name for name in self.names() if name in INTERACTIVE]

    def interactive(self, name: str) -> Any:
        """The same as an interactive figure of Plotly. Raises FixInputError for names not in `interactive_names`."""
        _check(name, self.interactive_names())
        return interactive_figure(name, self._rows)


def _check(name: str, known: list[str]) -> None:
    if name not in known:
        remedy = nearest(name, known) if known else "it has no trials yet"
        raise FixInputError(f"this study has no figure {name!r}", remedy=remedy)
