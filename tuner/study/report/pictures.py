"""The figures of a report: drawn as SVG, or as PNG where that is smaller, each with a text that replaces it.

A figure that fails is logged and left out. One that only says why there is nothing to draw becomes that sentence.
"""

from __future__ import annotations

import base64
import io
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tuner.errors import TunerError, in_one_line
from tuner.store import Store
from tuner.study.paths import StudyPaths
from tuner.study.wording import capital

if TYPE_CHECKING:  # matplotlib takes a third of a second to import
    from matplotlib.figure import Figure

    from tuner.study.figures import SampleSource

log = logging.getLogger("tuner.study")

MOST_SVG_BYTES = 160_000
"""A larger SVG has so many parts that a PNG is smaller and shown faster."""
MOST_PNG_BYTES = 250_000
"""A larger PNG is reduced to 256 colours."""
MOST_BYTES = 3_300_000
"""All pictures together, before base64 makes them a third larger: the report must stay below 5 MB."""
WIDE_INCHES = 8.5
"""Width from which on a figure takes the whole page; two narrower ones fit side by side."""
OF_SAMPLES = ("mistakes", "activations")
"""Figures that need the data or the network. Their files from the study's end are used, since those do not change."""
SAME_ON_TEST = {"confusion": "test_confusion", "class_scores": "test_class_scores", "calibration": "test_calibration"}
"""Figures of validation data that the report leaves out where there is the same of test data."""
LEFT_OUT = ("animation",)
"""A page for print and mail has no moving pictures."""


@dataclass(frozen=True)
class Picture:
    """One figure as a file."""

    name: str
    title: str
    caption: str
    """Data set, split, number of samples and trial, as the figure states them."""
    shows: str
    """What the figure shows, as a sentence."""
    content: bytes
    """A PNG or SVG file; empty: there is nothing to draw."""
    wide: bool = False
    nothing: str | None = None
    """Why there is nothing to draw, as a sentence; None: there is a picture."""

    @property
    def address(self) -> str:
        """The file as a data: address."""
        kind = "png" if self.content.startswith(b"\x89PNG") else "svg+xml"
        return f"data:image/{kind};base64,{base64.b64encode(self.content).decode()}"


def study_pictures(store: Store, name: str) -> list[Picture]:
    """The figures of a study."""
    from tuner.study.figures import STUDY_FIGURES, StudyFigures

    figures = StudyFigures(store, name)
    return list(_pictures(figures.names(), figures.figure, STUDY_FIGURES, lambda figure: None))


def trial_pictures(store: Store, name: str, number: int, samples: SampleSource | None = None) -> list[Picture]:
    """The figures of a trial; `samples` as for `TrialFigures`."""
    from tuner.study.figures import TRIAL_FIGURES, TrialFigures

    folder = StudyPaths(Path(store.study(name).folder)).trial_plots(number)
    figures = TrialFigures(store, name, number, samples)
    names = figures.names()
    chosen = [one for one in names if one not in LEFT_OUT and SAME_ON_TEST.get(one) not in names]
    return list(_pictures(chosen, figures.figure, TRIAL_FIGURES, lambda figure: folder / f"{figure}.png"))


def within_limit(pictures: Iterable[Picture], limit: int = MOST_BYTES) -> list[Picture]:
    """The pictures in their order; from where they would be larger than the limit together, large ones are left out."""
    kept, total = [], 0
    for picture in pictures:
        if total + len(picture.content) > limit:
            log.warning("figure %s was left out of the report, which would be too large", picture.name)
            continue
        total += len(picture.content)
        kept.append(picture)
    return kept


def _pictures(
    names: Iterable[str], draw: Callable[[str], Figure], titles: Mapping[str, str], file: Callable[[str], Path | None]
) -> Iterator[Picture]:
    from tuner.study.figures import SHOWS

    for name in names:
        shows = SHOWS.get(name, "")
        shows = f"{capital(shows)}{'' if shows.endswith('?') else '.'}" if shows else ""
        try:
            drawn = file(name) if name in OF_SAMPLES else None
            if drawn is not None and drawn.is_file():
                yield _of_file(name, titles[name], shows, drawn)
            else:
                yield picture_of(name, titles[name], shows, draw(name))
        except TunerError as error:
            log.warning("figure %s was left out of the report: %s", name, error)
        except Exception as error:  # a figure that fails must not cost the report
            log.warning("figure %s was left out of the report: %s", name, in_one_line(error), exc_info=True)


def picture_of(name: str, title: str, shows: str, figure: Figure) -> Picture:
    """The figure as the smaller kind of file."""
    from tuner.plots.style import to_png, to_svg

    caption, nothing = figure.get_supxlabel(), str(figure.get_label() or "") or None
    if nothing is not None:
        return Picture(name, title, caption, shows, b"", nothing=nothing)
    wide = bool(figure.get_size_inches()[0] > WIDE_INCHES)
    content = to_svg(figure).encode()
    if len(content) > MOST_SVG_BYTES:
        content = _smaller(to_png(figure))
    return Picture(name, figure.get_suptitle() or title, caption, shows, content, wide)


def _of_file(name: str, title: str, shows: str, file: Path) -> Picture:
    """A figure that was drawn at the study's end. Its title and caption are in the file."""
    from PIL import Image

    from tuner.plots.style import DPI

    content = file.read_bytes()
    with Image.open(io.BytesIO(content)) as image:
        image.load()  # texts may come after the pixels
        texts, width = dict(getattr(image, "text", {})), image.width
    title, caption = str(texts.get("Title", title)), str(texts.get("Description", ""))
    return Picture(name, title, caption, shows, _smaller(content), wide=width > WIDE_INCHES * DPI)


def _smaller(png: bytes) -> bytes:
    """The same picture with 256 colours if it is large and that makes it smaller."""
    if len(png) <= MOST_PNG_BYTES:
        return png
    from PIL import Image

    with Image.open(io.BytesIO(png)) as image, io.BytesIO() as file:
        image.convert("RGB").quantize(256).save(file, format="png", optimize=True)
        return min(png, file.getvalue(), key=len)
