"""The figure of confusions: which classes a model takes for which others.

Up to 20 classes are a matrix with numbers. Up to 60 classes are a matrix whose classes are sorted so that classes that
are confused are neighbours. More classes are bars of the most frequent confusions, since a matrix would be unreadable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tuner.plots.finding import write_finding
from tuner.plots.samples import Floats, Integers, Predictions, class_names, percent
from tuner.plots.style import BLUE, SMALL_SIZE, Caption, finish, integer_ticks, new_figure, nothing

if TYPE_CHECKING:  # matplotlib takes a third of a second to import
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "Confusion matrix"
TITLE_OF_BARS = "Most frequent confusions"

NUMBERED, CLUSTERED = 20, 60
"""Largest number of classes with a number in each cell, and with a matrix."""

BARS = 20

STRIKING = 0.1
"""In a matrix of more than 20 classes, shares of confusions from which on the cell has its number."""

SHADES = "Blues"
"""Few confusions are white paper; darker is more, also in grey."""

GAMMA = 0.5
"""Shades are by share ** GAMMA: linear shades would show 2 % as white."""

DARK = 0.66
"""Shades from which on white letters are easier to read than black ones."""

TICKS = (0, 0.01, 0.05, 0.1, 0.25, 0.5, 1)


class Confusion(NamedTuple):
    """Samples of one class that are predicted as another class."""

    true: int
    predicted: int
    samples: int
    share: float
    """Share of the samples of the true class, in [0, 1]."""


def confusions(counts: Integers) -> list[Confusion]:
    """Return all confusions of a matrix of counts (true classes first), the most frequent first."""
    shares = shares_of(counts)
    wrong = counts * ~np.eye(len(counts), dtype=bool)
    found = [
        Confusion(int(true), int(predicted), int(counts[true, predicted]), float(shares[true, predicted]))
        for true, predicted in np.argwhere(wrong)
    ]
    return sorted(found, key=lambda one: (-one.samples, -one.share, one.true, one.predicted))


def shares_of(counts: Integers) -> Floats:
    """Return each count divided by the samples of its true class; 0 for a class without samples."""
    shares: Floats = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return shares


def clustered_order(shares: Floats) -> Integers:
    """Return the classes in an order in which those that are confused with each other are neighbours.

    Average-linkage clustering with scipy's optimal order of the leaves. Without any confusion the order stays.
    """
    alike = (shares + shares.T) / 2
    np.fill_diagonal(alike, 0)
    if len(alike) < 3 or not alike.any():
        return np.arange(len(alike))
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    distances = 1 - alike
    np.fill_diagonal(distances, 0)
    tree = linkage(squareform(distances, checks=False), method="average", optimal_ordering=True)
    return np.asarray(leaves_list(tree), np.int64)


def confusion_figure(predictions: Predictions, caption: Caption) -> Figure:
    """Return the figure of a model's confusions; shares are of the samples of the true class."""
    caption = predictions.captioned(caption)
    title = TITLE if len(predictions.labels) <= CLUSTERED else TITLE_OF_BARS
    if predictions.missing is not None:
        return nothing(title, predictions.missing, caption)
    if len(predictions.labels) <= CLUSTERED:
        return finish(_matrix(predictions), title, caption)
    found = confusions(predictions.confusion)
    if not found:
        return nothing(title, f"All {len(predictions):,} samples are predicted correctly.", caption)
    return finish(_bars(predictions, found), title, caption)


def _matrix(predictions: Predictions) -> Figure:
    from matplotlib.colors import PowerNorm
    from sklearn.metrics import ConfusionMatrixDisplay

    shares = shares_of(predictions.confusion)
    classes = len(shares)
    numbered = classes <= NUMBERED
    order = np.arange(classes) if numbered else clustered_order(shares)
    names = class_names(predictions.labels, 16 if numbered else 14)
    samples = predictions.confusion.sum(axis=1)
    rows = [f"{names[number]} ({samples[number]:,})" for number in order]
    columns = [names[number] for number in order]
    cell = max(0.44 if numbered else 0.24, min(1.4, 4.4 / classes))
    flat = 0.085 * max(map(len, columns)) < cell
    left, below = 0.075 * max(map(len, rows)), 0.2 if flat else 0.075 * max(map(len, columns))
    figure, axes = new_figure(cell * classes + left + 1.5, cell * classes + below + 1.5, grid=False)
    display = ConfusionMatrixDisplay(shares[np.ix_(order, order)])
    norm = PowerNorm(GAMMA, 0, 1)
    display.plot(ax=axes, cmap=SHADES, include_values=False, colorbar=False, im_kw={"norm": norm})
    _write_cells(axes, display, predictions.confusion[np.ix_(order, order)])
    axes.set_xticks(range(classes), columns, fontsize=SMALL_SIZE, rotation=0 if flat else 90)
    axes.set_yticks(range(classes), rows, fontsize=SMALL_SIZE)
    axes.set(xlabel="predicted class", ylabel="true class (samples)")
    axes.spines[:].set_visible(True)
    bar = figure.colorbar(display.im_, ax=axes, shrink=0.7, pad=0.02, aspect=30, fraction=0.05, ticks=TICKS)
    bar.ax.set_yticklabels([f"{100 * tick:.0f}" for tick in TICKS], fontsize=SMALL_SIZE)
    bar.set_label("percent of the true class")
    write_finding(axes, _finding(predictions, names))
    return figure


def _write_cells(axes: Axes, display: Any, counts: Integers) -> None:
    """Write percents into the cells: all where there is room, with counts for a few classes; else striking ones."""
    shares = display.confusion_matrix
    classes = len(shares)
    for row, column in np.argwhere(counts):
        share = shares[row, column]
        if classes > NUMBERED and (row == column or share < STRIKING):
            continue
        text = f"{100 * share:.0f}" if share >= 0.005 else "<1"
        if classes <= 5:
            text = f"{percent(share)}\n{counts[row, column]:,}"
        colour = "white" if display.im_.norm(share) > DARK else "black"
        size = SMALL_SIZE + 1 if classes <= 12 else SMALL_SIZE if classes <= NUMBERED else SMALL_SIZE - 2
        axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=size)


def _bars(predictions: Predictions, found: list[Confusion]) -> Figure:
    shown = found[:BARS]
    names = class_names(predictions.labels, 22)
    figure, axes = new_figure(8.5, 1.6 + 0.3 * len(shown))
    bars = axes.barh(range(len(shown)), [one.samples for one in shown], color=BLUE)
    samples = predictions.confusion.sum(axis=1)
    texts = [f"{one.samples} of {samples[one.true]:,} ({percent(one.share, 0)})" for one in shown]
    axes.bar_label(bars, texts, padding=3, fontsize=SMALL_SIZE)
    pairs = [f"{names[one.true]} → {names[one.predicted]}" for one in shown]
    axes.set_yticks(range(len(shown)), pairs, fontsize=SMALL_SIZE)
    axes.grid(visible=False, axis="y")
    axes.invert_yaxis()
    axes.margins(x=0.25, y=0.02)
    axes.set(xlabel="samples (in brackets: share of the true class)", ylabel="true class → predicted class")
    integer_ticks(axes.xaxis)
    covered = sum(one.samples for one in shown) / sum(one.samples for one in found)
    write_finding(axes, f"Accuracy {percent(predictions.accuracy)}. {_share_of_mistakes(len(shown), covered)}")
    return figure


def _share_of_mistakes(shown: int, covered: float) -> str:
    if shown == 1:
        return "All mistakes are of this kind."
    return f"These {shown} confusions make up {percent(covered, 0)} of all mistakes."


def _finding(predictions: Predictions, names: list[str]) -> str:
    found = confusions(predictions.confusion)
    if not found:
        return "All samples are predicted correctly."
    worst = found[0]
    return (
        f"Accuracy {percent(predictions.accuracy)}. Most frequent confusion: {names[worst.true]} predicted as "
        f"{names[worst.predicted]}, {worst.samples:,} of {predictions.confusion[worst.true].sum():,} samples."
    )
