"""The figure of the most confident mistakes, with their images or texts.

A confident mistake is often a wrong label, so that these samples are worth a look before the network is changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tuner.data import Array
from tuner.plots.samples import Images, Integers, Predictions, Shown, class_names, percent
from tuner.plots.style import RED, SMALL_SIZE, Caption, drawable, finish, new_axes, new_figure, nothing, wrap

if TYPE_CHECKING:  # matplotlib takes a third of a second to import
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "Most confident mistakes"

COLUMNS = 4
TILE_INCHES = 1.75
TEXT_WIDTH_INCHES = 8.0
TEXT_LINES = 3
"""Lines shown of each text."""

LINE_INCHES = 0.17


def most_confident_mistakes(predictions: Predictions, count: int = 12) -> Integers:
    """Return the indices of at most `count` wrong predictions, the most confident first; equal ones in data order."""
    wrong = np.flatnonzero(~predictions.right)
    order = np.argsort(-predictions.confidence[wrong], kind="stable")
    return wrong[order[:count]]


def mistakes_figure(predictions: Predictions, indices: Array, shown: Shown, caption: Caption) -> Figure:
    """Return the figure of the samples at `indices`, with what they look like in the order of `indices`."""
    caption = predictions.captioned(caption)
    if predictions.missing is not None:
        return nothing(TITLE, predictions.missing, caption)
    mistakes = int((~predictions.right).sum())
    if not mistakes:
        return nothing(TITLE, f"All {len(predictions):,} samples are predicted correctly.", caption)
    count = min(len(indices), len(shown.pixels) if isinstance(shown, Images) else len(shown))
    if not count:
        return nothing(TITLE, f"The model has {mistakes:,} mistakes, but their samples are not available.", caption)
    chosen = np.asarray(indices, np.int64)[:count]
    figure = _images(predictions, chosen, shown) if isinstance(shown, Images) else _texts(predictions, chosen, shown)
    note = "the only mistake" if mistakes == 1 else f"{count} of {mistakes:,} mistakes"
    note = f"{note}; check first whether the true class is right"
    return finish(figure, TITLE, replace(caption, note=f"{caption.note}; {note}" if caption.note else note))


def draw_image(axes: Axes, pixels: Array) -> None:
    """Draw an image, floats in [0, 1] of shape (height, width, channels): 1 channel as grey, 3 as red, green, blue.

    Of any other number of channels the mean is drawn.
    """
    image = np.clip(np.nan_to_num(np.asarray(pixels, np.float64)), 0, 1)
    if image.shape[-1] == 3:
        axes.imshow(image, interpolation="nearest")
    else:
        axes.imshow(image.mean(axis=-1), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(True)
    axes.spines[:].set_linewidth(0.5)


def new_page(width: float, height: float) -> tuple[Figure, Axes]:
    """A figure for lines of text, and hidden axes whose units are inches, from the upper left corner."""
    figure, axes = new_figure(width + 0.1, height + 0.85, grid=False)
    axes.set_axis_off()
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    return figure, axes


def _images(predictions: Predictions, chosen: Integers, shown: Images) -> Figure:
    names = class_names(predictions.labels, 14)
    rows = -(-len(chosen) // COLUMNS)
    height, width = shown.pixels.shape[1:3]
    tile_height = TILE_INCHES * min(2.0, max(0.3, height / width)) + 0.5
    figure, all_axes = new_axes(rows, COLUMNS, COLUMNS * (TILE_INCHES + 0.25), rows * tile_height + 0.75, grid=False)
    for axes, index, pixels in zip(all_axes.flat, chosen, shown.pixels, strict=False):
        draw_image(axes, pixels)
        true, predicted = names[predictions.true[index]], names[predictions.predicted[index]]
        text = f"true: {true}\npredicted: {predicted}, {_sure(predictions, index)}"
        axes.set_title(text, loc="left", fontsize=SMALL_SIZE)
    for axes in all_axes.flat[len(chosen) :]:
        axes.set_axis_off()
    return figure


def _texts(predictions: Predictions, chosen: Integers, shown: Sequence[str]) -> Figure:
    names = class_names(predictions.labels, 32)
    bodies = [_first_lines(text) for text in shown[: len(chosen)]]
    heights = [LINE_INCHES * (len(body) + 1.7) for body in bodies]
    figure, axes = new_page(TEXT_WIDTH_INCHES, sum(heights))
    style: dict[str, Any] = {"va": "top", "fontsize": SMALL_SIZE + 0.5}
    top = 0.0
    for index, body, height in zip(chosen, bodies, heights, strict=True):
        true, predicted = names[predictions.true[index]], names[predictions.predicted[index]]
        head = f"true: {true} · predicted: {predicted}, {_sure(predictions, index)}"
        axes.text(0.12, top, head, fontweight="bold", **style)
        axes.text(0.12, top + LINE_INCHES * 1.1, "\n".join(body), linespacing=1.25, **style)
        axes.plot([0.03, 0.03], [top + 0.02, top + height - 0.1], color=RED, linewidth=2)
        top += height
    return figure


def _first_lines(text: str) -> list[str]:
    """The first lines of a text, each as wide as the figure; the last ends with … if the text goes on."""
    # A line has fewer than 200 characters; cutting first keeps a text of a megabyte cheap.
    lines = wrap(drawable(text[: 200 * (TEXT_LINES + 1)]), TEXT_WIDTH_INCHES, SMALL_SIZE + 0.5).split("\n")
    if len(lines) > TEXT_LINES:
        lines = lines[:TEXT_LINES]
        words, _, _ = lines[-1].rpartition(" ")
        lines[-1] = f"{words or lines[-1][:-1]} …"
    return lines if lines[0] else ["(empty text)"]


def _sure(predictions: Predictions, index: int) -> str:
    """The confidence; 100.0 % would be a rounded 99.97 %."""
    share = float(predictions.confidence[index])
    return percent(share) if share < 0.9995 else f"> {percent(0.999)}"
