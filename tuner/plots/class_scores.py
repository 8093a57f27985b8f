"""The figure of precision, recall and F1 score of each class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tuner.plots.finding import write_finding
from tuner.plots.samples import Floats, Integers, Predictions, class_names
from tuner.plots.style import (
    BLACK,
    BLUE,
    LINE_GREY,
    ORANGE,
    SMALL_SIZE,
    TEXT_GREY,
    Caption,
    finish,
    new_figure,
    nothing,
)

if TYPE_CHECKING:  # matplotlib takes a third of a second to import
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "Precision, recall and F1 score of each class"

ALL_SHOWN, WORST, BEST = 30, 15, 5
"""Up to 30 classes are all shown; of more, the 15 with the lowest and the 5 with the highest F1 scores."""

MARKS = (("precision", "s", ORANGE), ("recall", "^", BLUE), ("f1", "o", BLACK))
NAMES = {"precision": "precision", "recall": "recall", "f1": "F1 score"}


class Scores(NamedTuple):
    """Scores of C classes in [0, 1], each of shape (C,); NaN where a score is not defined."""

    precision: Floats
    """Share of the predictions of the class that are right; NaN: it is never predicted."""
    recall: Floats
    """Share of the samples of the class that are predicted as it; NaN: it has no samples."""
    f1: Floats
    """2 P R / (P + R) of precision and recall; NaN: the class does not occur."""


def scores_of(counts: Integers) -> Scores:
    """Return the scores of all classes by a matrix of counts, shape (C, C), true classes first."""
    right, predicted, samples = counts.diagonal(), counts.sum(axis=0), counts.sum(axis=1)
    return Scores(_share(right, predicted), _share(right, samples), _share(2 * right, predicted + samples))


def class_scores_figure(predictions: Predictions, caption: Caption) -> Figure:
    """Return the figure, the classes with the lowest F1 scores first."""
    caption = predictions.captioned(caption)
    if predictions.missing is not None:
        return nothing(TITLE, predictions.missing, caption)
    scores = scores_of(predictions.confusion)
    known = np.flatnonzero(~np.isnan(scores.f1))
    order = known[np.argsort(scores.f1[known], kind="stable")]
    left_out = len(order) - WORST - BEST if len(order) > ALL_SHOWN else 0
    shown = np.concatenate([order[:WORST], order[-BEST:]]) if left_out else order
    # The best classes lie a row below the others, so that a sentence has room between them.
    rows = np.arange(len(shown)) + (np.arange(len(shown)) >= WORST) * bool(left_out)
    figure, axes = new_figure(7.5, 1.9 + 0.29 * (rows[-1] + 1))
    _draw(axes, predictions, scores, shown, rows)
    if left_out:
        between = scores.f1[order[WORST:-BEST]]
        text = f"{left_out} more classes with F1 scores from {between[0]:.2f} to {between[-1]:.2f}"
        style: dict[str, Any] = {"fontsize": SMALL_SIZE, "color": TEXT_GREY, "style": "italic"}
        box = {"facecolor": "white", "edgecolor": "none", "pad": 2}
        axes.text(float(np.mean(axes.get_xlim())), WORST, text, ha="center", va="center", bbox=box, **style)
    sentence = _finding(predictions, scores, int((predictions.confusion.sum(axis=1) == 0).sum()))
    write_finding(axes, sentence, pad=26)
    return finish(figure, TITLE, caption)


def _share(part: Integers, whole: Integers) -> Floats:
    shares = np.full(len(whole), np.nan)
    np.divide(part, whole, out=shares, where=whole > 0)
    return shares


def _draw(axes: Axes, predictions: Predictions, scores: Scores, shown: Integers, rows: Integers) -> None:
    values = np.stack([score[shown] for score in scores])
    lowest, highest = np.nanmin(values, axis=0), np.nanmax(values, axis=0)
    axes.hlines(rows, lowest, highest, color=LINE_GREY, linewidth=1.2, zorder=2)
    for name, marker, colour in MARKS:
        style: dict[str, Any] = {
            "s": 46 if name == "f1" else 38,
            "color": colour,
            "marker": marker,
            "label": NAMES[name],
        }
        axes.scatter(getattr(scores, name)[shown], rows, zorder=3, alpha=0.95, **style)
    mean = float(np.nanmean(scores.f1))
    axes.axvline(mean, color=BLACK, linestyle=":", linewidth=1.2, zorder=1, label=f"mean F1 score {mean:.3f}")
    start = max(0.0, np.floor((values[np.isfinite(values)].min() - 0.02) * 20) / 20)
    margin = 0.02 * (1 - start)
    axes.set_xlim(start - margin, 1 + margin)
    samples, predicted = predictions.confusion.sum(axis=1), predictions.confusion.sum(axis=0)
    names = class_names(predictions.labels, 24)
    for number, row in zip(shown, rows, strict=True):
        if not predicted[number] or not samples[number]:
            why = "never predicted" if not predicted[number] else "no samples of this class"
            axes.text(start + 2 * margin, row, why, va="center", fontsize=SMALL_SIZE, color=TEXT_GREY, style="italic")
    axes.set_yticks(rows, [f"{names[number]} ({samples[number]:,})" for number in shown], fontsize=SMALL_SIZE)
    axes.set_ylim(rows[-1] + 0.6, -0.6)
    axes.grid(visible=False, axis="y")
    axes.set(xlabel="score: share from 0 to 1, higher is better", ylabel="class (samples)")
    place: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0.2, "ncols": 4}
    axes.legend(**place, frameon=False, fontsize=SMALL_SIZE, handletextpad=0.3, columnspacing=1.2)


def _finding(predictions: Predictions, scores: Scores, absent: int) -> str:
    samples, predicted = predictions.confusion.sum(axis=1), predictions.confusion.sum(axis=0)
    worst = int(np.nanargmin(scores.f1))
    name = class_names(predictions.labels, 24)[worst]
    parts = [f"Lowest F1 score: {scores.f1[worst]:.2f} of {name}."]
    never = int(((samples > 0) & (predicted == 0)).sum())
    if never:
        parts.append(f"{never} of {len(samples)} classes {'is' if never == 1 else 'are'} never predicted.")
    if absent:
        parts.append(f"{absent} {'class has' if absent == 1 else 'classes have'} no samples here.")
    return " ".join(parts)
