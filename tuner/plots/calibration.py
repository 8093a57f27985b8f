"""The figure of calibration: is a model right as often as it is sure?"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from tuner.data import Array
from tuner.plots.finding import write_finding
from tuner.plots.samples import Booleans, Floats, Integers, Predictions, percent
from tuner.plots.style import (
    BLACK,
    BLUE,
    LINE_GREY,
    ORANGE,
    SMALL_SIZE,
    Caption,
    finish,
    new_axes,
    nothing,
)

if TYPE_CHECKING:  # matplotlib takes a third of a second to import
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "Calibration: confidence and accuracy"
BINS = 15

FEW = 10
"""Bins with fewer samples are hollow points: their accuracy is mostly chance."""

Z = 1.96
"""Standard errors of a 95 % interval."""


def expected_calibration_error(confidence: Array, right: Array, bins: int = BINS) -> float:
    """Return the mean distance of confidence and accuracy, in [0, 1]; NaN without samples.

    Guo et al., On Calibration of Modern Neural Networks, 2017: samples are put into bins of equal width by their
    confidence; the distances of mean confidence and accuracy of the bins are averaged, weighted by their samples.

    Args:
        confidence: Probability of the predicted class of each sample, in [0, 1], shape (N,).
        right: Whether each prediction is right, shape (N,).
    """
    if not len(confidence):
        return float("nan")
    sure = np.asarray(confidence, np.float64)
    places = _places(sure, bins)
    distances = np.bincount(places, sure - np.asarray(right, np.float64), bins)
    return float(np.abs(distances).sum() / len(sure))


def calibration_figure(predictions: Predictions, caption: Caption) -> Figure:
    """Return the figure: accuracy by confidence with 95 % intervals, and how many samples have which confidence."""
    caption = predictions.captioned(caption)
    if predictions.missing is not None:
        return nothing(TITLE, predictions.missing, caption)
    # A probability in float16 or float32 may be above 1 by a rounding error.
    confidence = np.clip(predictions.confidence, 0, 1)
    figure, (upper, lower) = _two_axes()
    start = np.floor(10 / len(predictions.labels)) / 10
    _draw_accuracy(upper, confidence, predictions.right)
    _draw_samples(lower, confidence, predictions.right)
    for axes in (upper, lower):
        axes.set_xlim(start - 0.01, 1.01)
    error = expected_calibration_error(confidence, predictions.right)
    write_finding(upper, _finding(confidence, predictions.right, error))
    return finish(figure, TITLE, caption)


def _two_axes() -> tuple[Figure, tuple[Axes, Axes]]:
    figure, axes = new_axes(2, 1, 7.0, 6.2)
    axes[0, 0].get_gridspec().set_height_ratios((2.4, 1))
    axes[0, 0].sharex(axes[1, 0])
    return figure, (axes[0, 0], axes[1, 0])


def _places(confidence: Floats, bins: int) -> Integers:
    """The bin of each confidence; bins include their upper ends, as scikit-learn's `calibration_curve` has them."""
    return np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], confidence).astype(np.int64)


def _draw_accuracy(axes: Axes, confidence: Floats, right: Booleans) -> None:
    from sklearn.calibration import calibration_curve

    accuracy, sure = calibration_curve(right, confidence, n_bins=BINS, strategy="uniform")
    counts = np.bincount(_places(confidence, BINS), minlength=BINS)
    counts = counts[counts > 0]
    low, high = _interval(accuracy, counts)
    axes.plot([0, 1], [0, 1], color=LINE_GREY, linestyle="--", linewidth=1.4, label="perfect calibration")
    bars = np.maximum([accuracy - low, high - accuracy], 0)
    axes.errorbar(sure, accuracy, bars, fmt="none", ecolor=BLUE, elinewidth=1.2, capsize=3, label="95 % interval")
    many = counts >= FEW
    axes.vlines(sure[many], *_sorted(sure[many], accuracy[many]), color=ORANGE, linewidth=5, alpha=0.55)
    style: dict[str, Any] = {"color": BLUE, "marker": "o", "markersize": 6}
    if many.any():
        axes.plot([], [], color=ORANGE, linewidth=5, alpha=0.55, label="distance")
        axes.plot(sure[many], accuracy[many], linewidth=1.6, label="this model", **style)
    if not many.all():
        label = f"bins with fewer than {FEW} samples"
        axes.plot(sure[~many], accuracy[~many], linestyle="none", markerfacecolor="white", label=label, **style)
    axes.set(ylabel="accuracy (share of right predictions)", ylim=(-0.02, 1.02))
    axes.legend(loc="best", fontsize=SMALL_SIZE)
    axes.tick_params(labelbottom=False)


def _sorted(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    return np.minimum(first, second), np.maximum(first, second)


def _interval(shares: Floats, counts: Integers) -> tuple[Floats, Floats]:
    """Lower and upper ends of Wilson's 95 % interval of shares of so many samples."""
    middle = (shares + Z**2 / (2 * counts)) / (1 + Z**2 / counts)
    half = Z * np.sqrt(shares * (1 - shares) / counts + Z**2 / (4 * counts**2)) / (1 + Z**2 / counts)
    return middle - half, middle + half


def _draw_samples(axes: Axes, confidence: Floats, right: Booleans) -> None:
    edges = np.linspace(0, 1, BINS + 1)
    places = _places(confidence, BINS)
    below = np.zeros(BINS)
    for name, chosen, colour, hatch in (("wrong", ~right, ORANGE, "///"), ("right", right, BLUE, "")):
        counts = np.bincount(places[chosen], minlength=BINS)
        style: dict[str, Any] = {"width": 1 / BINS, "align": "edge", "edgecolor": "white", "linewidth": 0.6}
        axes.bar(edges[:-1], counts, bottom=below, color=colour, hatch=hatch, label=name, **style)
        below += counts
    axes.axvline(confidence.mean(), color=BLACK, linestyle=":", linewidth=1.4, label="mean confidence")
    axes.set(xlabel="confidence (probability of the predicted class)", ylabel="samples")
    place: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0.2, "ncols": 3}
    axes.legend(**place, frameon=False, fontsize=SMALL_SIZE)


def _finding(confidence: Floats, right: Booleans, error: float) -> str:
    sure, accuracy = float(confidence.mean()), float(np.mean(right))
    chance = Z * sqrt(accuracy * (1 - accuracy) / len(right))
    if abs(sure - accuracy) <= max(chance, 0.005):
        verdict = f"Mean confidence {percent(sure)} matches accuracy {percent(accuracy)}."
    else:
        too = "overconfident" if sure > accuracy else "underconfident"
        verdict = f"The model is {too}: mean confidence {percent(sure)}, accuracy {percent(accuracy)}."
    return f"Expected calibration error {error:.3f} ({BINS} bins). {verdict}"
