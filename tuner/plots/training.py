"""The figure of one trial's training: loss, accuracy, learning rate, gap between training and validation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite, log10
from typing import TYPE_CHECKING

from tuner.events import TrainingSummary
from tuner.plots.style import (
    BLACK,
    BLUE,
    GREEN,
    LABEL_SIZE,
    LINE_GREY,
    ORANGE,
    PINK,
    SMALL_SIZE,
    TEXT_GREY,
    Caption,
    finish,
    integer_ticks,
    new_axes,
    nothing,
    percent_ticks,
    say,
)
from tuner.store import EpochRow

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE_INCHES = (9.0, 6.2)
PANEL_WIDTH = 3.5
"""Width of one of the four axes in inches."""

MOST_MARKERS = 30
"""Number of epochs up to which each one has a marker."""

WIDE_RANGE = 30
"""Ratio of the largest to the smallest value from which on an axis is logarithmic."""

VALIDATION, TRAINING = (BLUE, "-", "o"), (ORANGE, "--", "s")
"""Colour, dash and marker of the two splits."""


def training_figure(
    epochs: Sequence[EpochRow],
    summaries: Mapping[int, TrainingSummary],
    best_epoch: int | None,
    baseline: float | None,
    caption: Caption,
) -> Figure:
    """Four curves over the epochs of one trial.

    Args:
        epochs: Of one trial, in any order.
        summaries: By epoch; they hold the learning rate.
        best_epoch: Its best epoch by the monitored objective; None: not known.
        baseline: Validation accuracy of the baseline, in [0, 1]; None: not known.
    """
    if not epochs:
        return nothing("Training", "This trial ended before its first epoch was complete.", caption)
    rows = sorted(epochs, key=lambda row: row.epoch)
    figure, axes = new_axes(2, 2, *SIZE_INCHES)
    (loss, accuracy), (rate, gap) = axes
    draw_loss(loss, rows)
    draw_accuracy(accuracy, rows, baseline)
    _draw_rate(rate, {row.epoch: summaries[row.epoch].learning_rate for row in rows if row.epoch in summaries})
    _draw_gap(gap, rows, best_epoch)
    for one in axes.flat:
        epoch_axis(one, rows[0].epoch, rows[-1].epoch)
        if best_epoch is not None and one.axison:
            one.axvline(best_epoch, color=LINE_GREY, linestyle=":", linewidth=1.2, zorder=1, label="best epoch")
    for one in (loss, accuracy):
        one.legend(loc="best", fontsize=SMALL_SIZE, framealpha=0.9)
    return finish(figure, _title(rows, best_epoch), caption)


def draw_loss(axes: Axes, rows: Sequence[EpochRow]) -> None:
    """Draw training and validation loss; logarithmic if they span a wide range."""
    drawn = _draw_curves(axes, rows, lambda row: row.train_loss, lambda row: row.val_loss)
    heading = "Loss (cross-entropy in nats)"
    if (lowest := _extreme(rows, lambda row: row.val_loss, min)) is not None and len(rows) > 1:
        heading = f"Loss: validation lowest at epoch {lowest}"
    axes.set_title(heading, loc="left", fontsize=LABEL_SIZE)
    axes.set_ylabel("cross-entropy [nats]")
    if drawn and 0 < WIDE_RANGE * min(drawn) < max(drawn):
        axes.set_yscale("log")


def draw_accuracy(axes: Axes, rows: Sequence[EpochRow], baseline: float | None) -> None:
    """Draw training and validation accuracy, and the validation accuracy of the baseline as a line."""
    _draw_curves(axes, rows, lambda row: row.train_accuracy, lambda row: row.val_accuracy)
    if baseline is not None:
        label = f"baseline {percent_text(baseline)}"
        axes.axhline(baseline, color=BLACK, linestyle="-.", linewidth=1.2, zorder=1, label=label)
    heading = "Accuracy"
    if (highest := _extreme(rows, lambda row: row.val_accuracy, max)) is not None and len(rows) > 1:
        heading = f"Accuracy: validation highest at epoch {highest}"
    axes.set_title(heading, loc="left", fontsize=LABEL_SIZE)
    axes.set_ylabel("share of right answers")
    percent_ticks(axes.yaxis)


def epoch_axis(axes: Axes, first: int, last: int) -> None:
    """Label the horizontal axis, with whole epochs from the first to the last."""
    margin = 0.5 if first == last else 0.04 * (last - first)
    axes.set_xlim(first - margin, last + margin)
    axes.set_xlabel("epoch")
    integer_ticks(axes.xaxis)


def percent_text(share: float) -> str:
    """A share as text, such as `97.4 %`."""
    return f"{100 * share:.1f} %"


def _title(rows: Sequence[EpochRow], best_epoch: int | None) -> str:
    best = next((row for row in rows if row.epoch == best_epoch), None)
    last = rows[-1].epoch
    if best is None:
        return f"Training: {last} epoch{'' if last == 1 else 's'}"
    end = " (the last one)" if best.epoch == last > 1 else ""
    reached = f"{percent_text(best.val_accuracy)} validation accuracy"
    return f"Training: {reached} at the best epoch, {best.epoch} of {last}{end}"


def _draw_curves(
    axes: Axes, rows: Sequence[EpochRow], training: Callable[[EpochRow], float], validation: Callable[[EpochRow], float]
) -> list[float]:
    """Draw one value of both splits; return the finite values. Epochs without a finite value are gaps."""
    epochs, drawn = [row.epoch for row in rows], []
    for (colour, dash, marker), name, value in (
        (TRAINING, "training", training),
        (VALIDATION, "validation", validation),
    ):
        values = [value(row) for row in rows]
        drawn += [one for one in values if isfinite(one)]
        mark = marker if len(rows) <= MOST_MARKERS else None
        axes.plot(epochs, values, color=colour, linestyle=dash, marker=mark, markersize=5, linewidth=1.8, label=name)
    if not drawn:
        say(axes, "No value is a finite number.", PANEL_WIDTH)
    return drawn


def _draw_rate(axes: Axes, rates: Mapping[int, float]) -> None:
    axes.set_title("Learning rate", loc="left", fontsize=LABEL_SIZE)
    if not rates:
        say(axes, "The learning rate was not kept. plot_generation=best or all keeps it.", PANEL_WIDTH)
        return
    epochs = sorted(rates)
    values = [rates[epoch] for epoch in epochs]
    marker = "D" if len(epochs) <= MOST_MARKERS else None
    axes.plot(epochs, values, color=PINK, linestyle="-", marker=marker, markersize=5, linewidth=1.8)
    axes.set_ylabel("at the end of the epoch")
    low, high = min(values), max(values)
    if low == high:
        axes.set_title(f"Learning rate: constant {low:.3g}", loc="left", fontsize=LABEL_SIZE)
        axes.set_ylim(0, 1.5 * high or 1.0)
    else:
        axes.set_title(f"Learning rate: from {values[0]:.3g} to {values[-1]:.3g}", loc="left", fontsize=LABEL_SIZE)
        if 0 < WIDE_RANGE * low < high:
            axes.set_yscale("log")
    if axes.get_yscale() == "linear" and high > 0 and not -3 <= log10(high) < 4:
        axes.ticklabel_format(axis="y", style="sci", scilimits=(0, 0), useMathText=True)


def _draw_gap(axes: Axes, rows: Sequence[EpochRow], best_epoch: int | None) -> None:
    epochs = [row.epoch for row in rows]
    gaps = [100 * (row.train_accuracy - row.val_accuracy) for row in rows]
    axes.axhline(0, color=TEXT_GREY, linewidth=1)
    axes.fill_between(epochs, gaps, 0, color=GREEN, alpha=0.15, linewidth=0)
    marker = "^" if len(rows) <= MOST_MARKERS else None
    axes.plot(epochs, gaps, color=GREEN, linestyle="-", marker=marker, markersize=5.5, linewidth=1.8)
    heading = "Gap in accuracy"
    at_best = next((gap for epoch, gap in zip(epochs, gaps, strict=True) if epoch == best_epoch), None)
    if at_best is not None:
        heading += f": {at_best:+.1f} points at the best epoch"
    axes.set_title(heading, loc="left", fontsize=LABEL_SIZE)
    axes.set_ylabel("training minus validation [points]")


def _extreme(rows: Sequence[EpochRow], value: Callable[[EpochRow], float], pick: Callable[..., EpochRow]) -> int | None:
    """The first epoch with the lowest or highest finite value; None if there is none."""
    known = [row for row in rows if isfinite(value(row))]
    return pick(known, key=value).epoch if known else None
