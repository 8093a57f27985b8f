"""Figures of what layers answer to a few samples: feature maps of images, activity over the tokens of texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from tuner.data import Array
from tuner.plots.mistakes import draw_image, new_page
from tuner.plots.samples import FeatureMaps, Floats, Images, TokenActivity
from tuner.plots.style import (
    BLACK,
    FONT,
    SHADES,
    SMALL_SIZE,
    TEXT_GREY,
    Caption,
    finish,
    new_axes,
    nothing,
    shorten,
    wrap,
)

if TYPE_CHECKING:  # matplotlib takes a third of a second to import
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap, Normalize
    from matplotlib.figure import Figure

TITLE_OF_MAPS = "Feature maps of the first and the last convolution"
TITLE_OF_ONE = "Feature maps of the convolution"
TITLE_OF_TOKENS = "Activity over the tokens of texts"

FILTERS = 8
TILE_INCHES = 0.95

TEXT_SHADES, DARK = "Blues", 0.66
"""Shades behind words, inactive tokens on white paper; words are white on shades from `DARK` on."""

LINES = 4
"""Lines of tokens shown of each text."""

WIDTH_INCHES = 8.0
LINE_INCHES, STRIP_INCHES = 0.24, 0.16
SPACE_INCHES = 0.05
TOKEN_SIZE = 9.0


def activations_figure(
    first: FeatureMaps, last: FeatureMaps, images: Images, labels: Sequence[str], caption: Caption
) -> Figure:
    """Return the figure: per sample its image, then maps of the first layer and below them maps of the last.

    A column is the same filter in all samples. Its shades go from 0 (or its lowest activity, where that is negative)
    to its highest activity in these samples. `labels` has a text per sample, such as its class.
    """
    layers = [first] if first.layer_id == last.layer_id else [first, last]
    title = TITLE_OF_ONE if len(layers) == 1 else TITLE_OF_MAPS
    samples = min(len(images.pixels), len(labels), *(len(layer.maps) for layer in layers))
    filters = min(FILTERS, max(layer.maps.shape[-1] for layer in layers))
    if not samples or not filters:
        return nothing(title, "There are no samples to show.", caption)
    tile = TILE_INCHES * min(2.0, max(0.3, images.pixels.shape[1] / images.pixels.shape[2]))
    rows = len(layers) * samples
    size = (max(5.0, (filters + 1) * TILE_INCHES + 0.4), rows * tile + 1.0 + (0.3 if len(layers) == 1 else 0))
    figure, all_axes = new_axes(rows, filters + 1, *size, grid=False)
    for sample in range(samples):
        of_sample = all_axes[sample * len(layers) : (sample + 1) * len(layers)]
        draw_image(of_sample[0, 0], images.pixels[sample])
        _write_label(list(of_sample[:, 0]), labels[sample])
        for row, layer in zip(of_sample, layers, strict=True):
            _draw_maps(row[1:], layer, sample, samples)
    note = "brighter is more active; each filter has its own scale"
    return finish(figure, title, replace(caption, note=f"{caption.note}; {note}" if caption.note else note))


def token_activity_figure(activity: TokenActivity, labels: Sequence[str], caption: Caption) -> Figure:
    """Return the figure: the first tokens of each text on shades of the layer's activity.

    A strip below a text that is longer than its lines shows all its tokens. `labels` has a text per sample.
    """
    title = f"{TITLE_OF_TOKENS}: {activity.title}"
    texts = [
        (label, tokens, np.nan_to_num(np.asarray(values, np.float64)))
        for label, tokens, values in zip(labels, activity.tokens, activity.activity, strict=False)
        if len(tokens)
    ]
    if not texts:
        return nothing(title, "There are no texts with tokens to show.", caption)
    from matplotlib import colormaps
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    # Encoders often answer to every token: shades from 0 would all look alike.
    lowest = min(float(values.min()) for _, _, values in texts)
    norm, shades = Normalize(lowest if lowest < 0.95 else 0.0, 1.0), colormaps[TEXT_SHADES]
    placed = [_lines(tokens) for _, tokens, _ in texts]
    heights = [_height(lines, tokens) for lines, (_, tokens, _) in zip(placed, texts, strict=True)]
    figure, axes = new_page(WIDTH_INCHES, sum(heights) + 0.5)
    axes.set_ylim(sum(heights), 0)
    top = 0.0
    for (label, tokens, values), lines, height in zip(texts, placed, heights, strict=True):
        head = f"{shorten(label, 90)} ({len(tokens):,} token{'' if len(tokens) == 1 else 's'})"
        axes.text(0, top, head, va="top", fontsize=SMALL_SIZE + 0.5, fontweight="bold")
        _draw_tokens(axes, lines, values, top + 0.2, norm, shades)
        if sum(map(len, lines)) < len(tokens):
            _draw_strip(axes, values, top + 0.2 + len(lines) * LINE_INCHES, norm, shades)
        top += height
    bar = figure.colorbar(
        ScalarMappable(norm, shades), ax=axes, orientation="horizontal", shrink=0.5, aspect=40, pad=0.01
    )
    bar.set_label("activity: norm over the layer's units, 1 is the largest of the text", fontsize=SMALL_SIZE)
    bar.ax.tick_params(labelsize=SMALL_SIZE)
    return finish(figure, title, caption)


def _write_label(column: Sequence[Axes], label: str) -> None:
    """Write the sample's label below its image: into the free place there, or as a label of the image."""
    if len(column) == 1:
        column[0].set_xlabel(shorten(label, 14), fontsize=SMALL_SIZE)
        return
    column[1].set_axis_off()
    text = wrap(shorten(label, 40), TILE_INCHES + 0.15, SMALL_SIZE)
    column[1].text(0.5, 0.95, text, ha="center", va="top", fontsize=SMALL_SIZE, transform=column[1].transAxes)


def _draw_maps(row: Sequence[Axes], layer: FeatureMaps, sample: int, samples: int) -> None:
    maps = np.nan_to_num(np.asarray(layer.maps[:samples], np.float64))
    for number, axes in enumerate(row):
        axes.set_xticks([])
        axes.set_yticks([])
        if number >= maps.shape[-1]:
            axes.set_axis_off()
            continue
        lowest, highest = min(0.0, float(maps[..., number].min())), float(maps[..., number].max())
        highest = highest if highest > lowest else lowest + 1
        axes.imshow(maps[sample, ..., number], cmap=SHADES, vmin=lowest, vmax=highest, interpolation="nearest")
        axes.spines[:].set_visible(False)
    row[0].set_ylabel(wrap(shorten(layer.title, 30), TILE_INCHES + 0.1, SMALL_SIZE), fontsize=SMALL_SIZE)


def _lines(tokens: Sequence[str]) -> list[list[tuple[str, float, float]]]:
    """Put tokens into at most `LINES` lines; each token is its text, its left end and its width in inches."""
    lines: list[list[tuple[str, float, float]]] = [[]]
    left = 0.0
    for token in tokens:
        text = shorten(token, 24)
        width = _width(text) + 0.08
        if left + width > WIDTH_INCHES and lines[-1]:
            if len(lines) == LINES:
                break
            lines.append([])
            left = 0.0
        lines[-1].append((text, left, width))
        left += width + SPACE_INCHES
    return lines


@lru_cache(maxsize=4096)
def _width(text: str) -> float:
    """Width of a text in inches."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family=FONT, size=TOKEN_SIZE)
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, False)
    return float(width) / 72


def _height(lines: Sequence[Sequence[object]], tokens: Sequence[str]) -> float:
    strip = STRIP_INCHES + 0.22 if sum(map(len, lines)) < len(tokens) else 0.0
    return 0.2 + LINE_INCHES * len(lines) + strip + 0.14


def _draw_tokens(
    axes: Axes,
    lines: Sequence[Sequence[tuple[str, float, float]]],
    values: Floats,
    top: float,
    norm: Normalize,
    shades: Colormap,
) -> None:
    from matplotlib.patches import Rectangle

    activity = iter(values)
    for number, line in enumerate(lines):
        y = top + number * LINE_INCHES
        for text, left, width in line:
            shade = float(norm(next(activity)))
            axes.add_patch(Rectangle((left, y), width, LINE_INCHES - 0.04, color=shades(shade), linewidth=0))
            colour = "white" if shade > DARK else BLACK
            place = (left + width / 2, y + (LINE_INCHES - 0.04) / 2)
            axes.text(*place, text, ha="center", va="center_baseline", fontsize=TOKEN_SIZE, color=colour)


def _draw_strip(axes: Axes, values: Array, top: float, norm: Normalize, shades: Colormap) -> None:
    """Draw all tokens of a text as a strip, the first at the left."""
    bottom = top + STRIP_INCHES
    axes.imshow(
        values[None, :], cmap=shades, norm=norm, extent=(0, WIDTH_INCHES, bottom, top), aspect="auto",
        interpolation="nearest",
    )  # fmt: skip
    axes.text(0, bottom + 0.02, "all tokens, the first at the left", va="top", fontsize=SMALL_SIZE, color=TEXT_GREY)
