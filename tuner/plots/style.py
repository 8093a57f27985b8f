"""The common look of all figures: colours, markers, title, caption, files.

Every figure starts with `new_figure` or `new_axes` and ends with `finish`, or is made by `nothing`. Figures are made
without pyplot, whose global state is not thread-safe, and matplotlib is imported only when a figure is drawn.
The colours differ for colour-blind readers; lines and points differ in marker or dash too, so that they differ in grey.
Names from outside (of classes, layers, data sets) pass through `drawable` or `shorten` before they become a label.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:  # matplotlib takes a third of a second to import
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure
    from numpy import ndarray

Format = Literal["png", "svg"]

SIZE_INCHES = (7.0, 4.2)
DPI = 150

BLUE, ORANGE, GREEN, RED = "#0072B2", "#E69F00", "#009E73", "#D55E00"
PINK, SKY, BLACK, YELLOW = "#CC79A7", "#56B4E9", "#000000", "#F0E442"
PALETTE: tuple[str, ...] = (BLUE, ORANGE, GREEN, RED, PINK, SKY, BLACK, YELLOW)
"""The colours of Okabe and Ito (2008), those with the most contrast on white first."""

TEXT_GREY, LINE_GREY, GRID_GREY = "#555555", "#8C8C8C", "#E3E3E3"
SHADES = "cividis"
"""Colour map for shares and counts: even steps of brightness, also in grey and for colour-blind readers."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
DASHES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)), (0, (7, 2, 1, 2)))

TITLE_SIZE, LABEL_SIZE, SMALL_SIZE = 12.5, 10.0, 8.5
"""Font sizes in points. 8.5 points are 9 pixels high in a PNG shown at half size."""

BOLD = 1.15
"""How much wider bold letters are than others."""

FONT = "DejaVu Sans"
"""Comes with matplotlib: Latin, Greek, Cyrillic and Arabic letters, and symbols."""

FALLBACK_FONTS = (
    "Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans CJK TC", "Noto Sans CJK KR", "Source Han Sans SC",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Microsoft YaHei", "Yu Gothic", "Malgun Gothic", "PingFang SC",
    "Hiragino Sans", "Apple SD Gothic Neo", "Arial Unicode MS",
)  # fmt: skip
"""Fonts with Chinese, Japanese or Korean letters; the first one that is installed is used for them."""

settings_lock = Lock()
"""Held by whoever changes matplotlib's settings for a moment: they are global to the process."""


@dataclass(frozen=True)
class Caption:
    """What a figure shows, stated below it: `Trial 17 · mnist · validation, 2,000 samples · note`."""

    dataset: str
    split: str | None = None
    samples: int | None = None
    trial: int | None = None
    note: str | None = None

    def __str__(self) -> str:
        samples = None if self.samples is None else f"{self.samples:,} sample{'' if self.samples == 1 else 's'}"
        data = ", ".join(part for part in (self.split, samples) if part)
        trial = None if self.trial is None else f"Trial {self.trial}"
        return " · ".join(part for part in (trial, self.dataset, data, self.note) if part)


def new_figure(width: float = SIZE_INCHES[0], height: float = SIZE_INCHES[1], grid: bool = True) -> tuple[Figure, Axes]:
    """An empty figure of that size in inches and its axes. `grid`: pale lines behind the data (not for images)."""
    figure, axes = new_axes(1, 1, width, height, grid)
    return figure, axes[0, 0]


def new_axes(
    rows: int, columns: int, width: float, height: float, grid: bool = True
) -> tuple[Figure, ndarray[Any, Any]]:
    """An empty figure of that size in inches and its axes, of shape (rows, columns)."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    all_axes = figure.subplots(rows, columns, squeeze=False)
    for axes in all_axes.flat:
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=SMALL_SIZE + 0.5)
        if grid:
            axes.grid(color=GRID_GREY, linewidth=0.8)
            axes.set_axisbelow(True)
    return figure, all_axes


def line_style(index: int, points: int = 0) -> dict[str, Any]:
    """Colour, dash and marker of the line with that index, for `axes.plot`; no markers on more than 30 `points`."""
    marker = MARKERS[index % len(MARKERS)] if points <= 30 else None
    dash = DASHES[index % len(DASHES)]
    return {"color": PALETTE[index % 7], "linestyle": dash, "marker": marker, "markersize": 5, "linewidth": 1.8}


def integer_ticks(axis: Axis) -> None:
    """Put ticks at whole numbers only, such as epochs and trial numbers."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1, nbins=10))


def percent_ticks(axis: Axis) -> None:
    """Write shares in [0, 1] as `97.5 %`."""
    from matplotlib.ticker import FuncFormatter

    axis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.4g} %"))


def finish(figure: Figure, title: str, caption: Caption) -> Figure:
    """Add the title at the upper left and the caption below; return the figure. Call it when all else is drawn."""
    from matplotlib.text import Text

    width, _ = figure.get_size_inches()
    left = 0.1 / width
    text = wrap(_printable(title), width, TITLE_SIZE * BOLD)
    figure.suptitle(text, x=left, ha="left", fontsize=TITLE_SIZE, fontweight="bold", parse_math=False)
    text = wrap(_printable(str(caption)), width, SMALL_SIZE)
    figure.supxlabel(text, x=left, ha="left", fontsize=SMALL_SIZE, color=TEXT_GREY, parse_math=False)
    for label in figure.findobj(Text):
        label.set_fontfamily(list(_fonts()))
    return figure


def nothing(title: str, why: str, caption: Caption) -> Figure:
    """A figure without data that says why there is nothing to draw; its label (`get_label`) is that sentence."""
    width, height = SIZE_INCHES[0], 2.4
    figure, axes = new_figure(width, height, grid=False)
    axes.set_axis_off()
    figure.set_label(why)
    text = wrap(_printable(why), width - 0.8, LABEL_SIZE)
    axes.text(0.5, 0.5, text, ha="center", va="center", fontsize=LABEL_SIZE, transform=axes.transAxes, parse_math=False)
    return finish(figure, title, caption)


def say(axes: Axes, sentence: str, width: float) -> None:
    """Hide axes without data and write a sentence instead, in lines of at most `width` inches."""
    axes.set_axis_off()
    text = wrap(_printable(sentence), width, SMALL_SIZE + 0.5)
    box = {"facecolor": "white", "edgecolor": GRID_GREY, "pad": 6}
    axes.text(
        0.5, 0.5, text, ha="center", va="center", transform=axes.transAxes,
        fontsize=SMALL_SIZE + 0.5, color=TEXT_GREY, bbox=box, parse_math=False,
    )  # fmt: skip


def save(figure: Figure, folder: Path, name: str, format: Format = "png") -> Path:
    """Write the figure to `name` (without suffix) in `folder`, which is created; return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.{format}"
    file.write_bytes(to_png(figure) if format == "png" else to_svg(figure).encode())
    return file


def to_png(figure: Figure) -> bytes:
    """The figure as a PNG file with 150 dots per inch."""
    with io.BytesIO() as file:
        figure.savefig(file, format="png", dpi=DPI, facecolor="white", metadata=_metadata(figure))
        return file.getvalue()


def to_svg(figure: Figure) -> str:
    """The figure as an SVG document. Texts are paths; equal figures give equal documents."""
    import matplotlib

    with (
        io.BytesIO() as file,
        settings_lock,
        matplotlib.rc_context({"svg.hashsalt": "tuner", "svg.fonttype": "path"}),
    ):
        figure.savefig(file, format="svg", facecolor="white", metadata=_metadata(figure) | {"Date": None})
        return file.getvalue().decode()


def shorten(name: str, width: int) -> str:
    """A name cut to `width` characters, then made `drawable`."""
    name = _printable(name)
    return _escaped(name if len(name) <= width else name[: width - 1] + "…")


def drawable(text: str) -> str:
    """The text as a label: one line, `$` escaped, which would start a formula, □ for letters that no font has."""
    return _escaped(_printable(text))


def wrap(text: str, width: float, size: float) -> str:
    """Break a text into lines of at most `width` inches in a font of `size` points; long words are cut."""
    room = 0.95 * (width - 0.2) * 72 / size  # on a screen, letters are rounded to whole pixels
    lines = [""]
    for word in re.split(r"[ \n\t]+", text.strip()):  # a no-break space, as in "97 %", stays
        longer = f"{lines[-1]} {word}".lstrip()
        if _width(longer) <= room:
            lines[-1] = longer
            continue
        lines.append("")
        for character in word:
            if lines[-1] and _width(lines[-1] + character) > room:
                lines.append("")
            lines[-1] += character
    return "\n".join(line for line in lines if line)


def _escaped(text: str) -> str:
    return text.replace("$", r"\$")


def _printable(text: str) -> str:
    known = _characters()
    words = "".join(character if character.isprintable() else " " for character in text).split()
    return "".join(character if ord(character) in known else "□" for character in " ".join(words))


@cache
def _fonts() -> tuple[str, ...]:
    """The font of all texts, and one with Chinese, Japanese or Korean letters if it is installed."""
    from matplotlib.font_manager import fontManager

    installed = set(fontManager.get_font_names())
    return FONT, *[name for name in FALLBACK_FONTS if name in installed][:1]


@cache
def _characters() -> frozenset[int]:
    """Code points of the characters that these fonts have."""
    from matplotlib.font_manager import findfont, get_font

    return frozenset(code for name in _fonts() for code in get_font(findfont(name)).get_charmap())


def _width(text: str) -> float:
    """Width of a text in units of its font size."""
    return sum(map(_advance, text))


@cache
def _advance(character: str) -> float:
    from matplotlib.font_manager import findfont, get_font

    font = get_font(findfont(FONT))
    font.set_size(100, 72)
    return font.load_char(ord(character)).linearHoriAdvance / 65536 / 100


def _metadata(figure: Figure) -> dict[str, str | None]:
    """Title and caption, for the file's own description of itself."""
    texts = {"Title": figure.get_suptitle(), "Description": figure.get_supxlabel()}
    return {key: " ".join(text.split()) for key, text in texts.items() if text}
