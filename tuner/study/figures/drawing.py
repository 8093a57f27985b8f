"""Draws all figures of a study or of a trial into a folder. A figure that fails is left out and harms no other."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from tuner.errors import TunerError, in_one_line
from tuner.store import Store
from tuner.study.figures.catalogue import ANIMATION
from tuner.study.figures.samples import SampleSource
from tuner.study.figures.study_figures import StudyFigures
from tuner.study.figures.trial_figures import TrialFigures

if TYPE_CHECKING:  # matplotlib takes a third of a second to import
    from matplotlib.figure import Figure

log = logging.getLogger("tuner.study")

Format = Literal["png", "svg"]


class Figures(Protocol):
    """The figures of a study or of a trial."""

    def names(self) -> list[str]:
        """The figures that there are, in the order in which they are drawn."""

    def figure(self, name: str) -> Figure:
        """The figure of this name."""


@dataclass
class Drawn:
    """What came of drawing figures."""

    files: list[Path] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    """A line for each figure that failed: its name and why."""
    unknown: list[str] = field(default_factory=list)
    """Names of the figures that were left out since there is nothing to draw."""


def draw_study(store: Store, name: str, folder: Path, format: Format = "png") -> list[Path]:
    """Draw the figures of a study into `folder`, which is created; return the files. Failures are logged."""
    return _logged(draw(StudyFigures(store, name), folder, format), "study")


def draw_trial(
    store: Store, name: str, number: int, folder: Path, samples: SampleSource | None = None, format: Format = "png"
) -> list[Path]:
    """Draw the figures of a trial into `folder`, which is created; return the files. Failures are logged.

    Args:
        samples: As of `TrialFigures`.
    """
    return _logged(draw(TrialFigures(store, name, number, samples), folder, format), f"trial {number}")


def draw(
    figures: Figures,
    folder: Path,
    format: Format = "png",
    *,
    leave_out_empty: bool = False,
    on_file: Callable[[Path], None] = lambda file: None,
) -> Drawn:
    """Draw figures into `folder`, which is created. Never fails: see `Drawn.failures`.

    Args:
        leave_out_empty: Write no figure that only says why there is nothing to draw, and remove an earlier one.
        on_file: Called with each file once it is written.
    """
    from tuner.plots.style import save

    drawn = Drawn()
    for name in figures.names():
        try:
            if name == ANIMATION and isinstance(figures, TrialFigures):
                made = figures.animation(folder / f"{name}.gif")
            else:
                figure = figures.figure(name)
                if leave_out_empty and is_empty(figure):
                    (folder / f"{name}.{format}").unlink(missing_ok=True)
                    drawn.unknown.append(name)
                    continue
                made = save(figure, folder, name, format)
        except Exception as error:
            drawn.failures.append(f"{name}: {why(error)}")
            log.debug("%s cannot be drawn", name, exc_info=True)
            continue
        drawn.files.append(made)
        on_file(made)
    return drawn


def is_empty(figure: Figure) -> bool:
    """Whether a figure only says why there is nothing to draw: `tuner.plots.style.nothing` labels it with that."""
    return bool(figure.get_label())


def why(error: Exception) -> str:
    """Why a figure failed, in one line."""
    return str(error) if isinstance(error, TunerError) else in_one_line(error)


def _logged(drawn: Drawn, what: str) -> list[Path]:
    for failure in drawn.failures:
        log.warning("a figure of %s was left out: %s", what, failure)
    return drawn.files
