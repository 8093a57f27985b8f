"""The figure of what a scheduler compared: at each rung, which trials it stopped and which went on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import isfinite
from statistics import median
from typing import TYPE_CHECKING

from tuner.events import TrialStatus
from tuner.objectives import Monitored
from tuner.plots.style import BLACK, LINE_GREY, SMALL_SIZE, Caption, finish, new_figure, nothing
from tuner.plots.trial_style import (
    MARKS,
    MOST_VECTORS,
    axis_label,
    duration_text,
    legend_above,
    limit_axis,
    visible_range,
    with_note,
)
from tuner.store import EpochRow, TrialRow

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_RUNGS = 12
"""Further rungs, or with median further epochs, are left out."""

GOLDEN = 0.618034
"""Steps of this size, modulo 1, spread any number of points evenly."""

Value = tuple[int, float]
"""A trial's number and its value."""


@dataclass(frozen=True)
class RungView:
    """The comparisons at one rung; with median, after one epoch."""

    name: str
    stopped: tuple[Value, ...]
    cutoffs: tuple[float, ...]
    """What each stopped trial would have had to reach: it depends on the trials that were there before."""
    went_on: tuple[Value, ...]
    """Trials that trained beyond it, with their values there."""


def rungs_figure(
    trials: Sequence[TrialRow], epochs: Sequence[EpochRow], objective: Monitored, caption: Caption
) -> Figure:
    """A column for each rung with the trials that ended there, their cutoff, and the trials that went on.

    Args:
        objective: The monitored objective, which the scheduler compares.
    """
    stopped = [trial for trial in trials if trial.stopped_by is not None]
    title = f"The scheduler stopped {len(stopped):,} of {len(trials):,} trials"
    if not stopped:
        why = "A scheduler (asha, hyperband or median) stops trials that fall behind, once enough others are as far."
        return nothing("The scheduler stopped no trial", why, caption)
    rungs = rungs_of(trials, epochs)
    ends = _ends(trials, epochs)
    figure, axes = new_figure(max(7.0, 1.2 + 0.95 * (min(len(rungs), MOST_RUNGS) + 1)), 4.6)
    shown = rungs[:MOST_RUNGS]
    for column, rung in enumerate(shown):
        _draw_rung(axes, column, rung, first=column == 0)
    _draw_points(axes, len(shown), ends, "completed", "completed", 0.0)
    values = [value for rung in shown for _, value in (*rung.stopped, *rung.went_on)] + [value for _, value in ends]
    if beyond := limit_axis(axes, values, visible_range(values, objective)):
        caption = with_note(caption, f"{beyond:,} points are beyond the axis")
    labels = [f"{rung.name}\n{len(rung.stopped):,} stopped\n{len(rung.went_on):,} went on" for rung in shown]
    axes.set_xticks(range(len(shown) + 1), [*labels, f"end\n{len(ends):,}\ncompleted"], fontsize=SMALL_SIZE)
    axes.grid(axis="x", visible=False)
    axes.set(ylabel=axis_label(objective), xlim=(-0.6, len(shown) + 0.6))
    legend_above(axes)
    if len(rungs) > len(shown):
        caption = with_note(caption, f"the first {len(shown)} of {len(rungs)} rungs")
    saved = sum(trial.saved_s or 0.0 for trial in stopped)
    return finish(figure, f"{title}, saving about {duration_text(saved)}" if saved else title, caption)


def rungs_of(trials: Sequence[TrialRow], epochs: Sequence[EpochRow]) -> list[RungView]:
    """The rungs at which trials were stopped, in order.

    A rung lies at an epoch; if the trials that it stopped had trained different numbers of epochs, it lies at seconds.
    """
    curves: dict[int, list[EpochRow]] = {}
    for row in epochs:
        curves.setdefault(row.trial_number, []).append(row)
    groups: dict[tuple[bool, int], list[TrialRow]] = {}
    for trial in trials:
        if trial.stopped_by is not None:
            rung = trial.stopped_by.rung
            groups.setdefault((rung is None, trial.epochs_trained if rung is None else rung), []).append(trial)
    return [_rung(key, groups[key], trials, curves) for key in sorted(groups)]


def _rung(
    key: tuple[bool, int],
    stopped: Sequence[TrialRow],
    trials: Sequence[TrialRow],
    curves: Mapping[int, Sequence[EpochRow]],
) -> RungView:
    by_epoch, number = key
    numbers = {trial.trial_number for trial in stopped}
    at_epochs = {trial.epochs_trained for trial in stopped}
    seconds: float | None = None
    if len(at_epochs) > 1:
        seconds = min(_trained_s(curves.get(trial, ()), len(curves.get(trial, ()))) for trial in numbers)
    went_on = []
    for trial in trials:
        curve = curves.get(trial.trial_number, ())
        if trial.trial_number in numbers:
            continue
        reached = min(at_epochs) if seconds is None else _epochs_until(curve, seconds)
        if len(curve) >= reached and trial.epochs_trained > reached and isfinite(curve[reached - 1].objective):
            went_on.append((trial.trial_number, curve[reached - 1].objective))
    place = f"epoch {min(at_epochs)}" if seconds is None else f"about {duration_text(seconds)}"
    return RungView(
        name=place if by_epoch else f"rung {number}: {place}",
        stopped=tuple((trial.trial_number, trial.stopped_by.value) for trial in stopped if trial.stopped_by),
        cutoffs=tuple(trial.stopped_by.cutoff for trial in stopped if trial.stopped_by),
        went_on=tuple(went_on),
    )


def _trained_s(curve: Sequence[EpochRow], epochs: int) -> float:
    return sum(row.duration_s for row in curve[:epochs])


def _epochs_until(curve: Sequence[EpochRow], seconds: float) -> int:
    """The first epoch, from 1, at whose end that many seconds were trained; beyond the curve if none was."""
    reached = enumerate(accumulate(row.duration_s for row in curve), start=1)
    return next((epoch for epoch, trained in reached if trained >= seconds), len(curve) + 1)


def _ends(trials: Sequence[TrialRow], epochs: Sequence[EpochRow]) -> list[Value]:
    """The value of each completed trial after its last epoch."""
    last = {row.trial_number: row.objective for row in epochs if isfinite(row.objective)}
    return [
        (t.trial_number, last[t.trial_number]) for t in trials if t.status == "completed" and t.trial_number in last
    ]


def _draw_rung(axes: Axes, column: int, rung: RungView, *, first: bool) -> None:
    label = "went on" if first else None
    if rung.went_on:
        xs = [column + 0.06 + 0.26 * (index * GOLDEN % 1) for index in range(len(rung.went_on))]
        axes.scatter(
            xs, [value for _, value in rung.went_on], marker="o", facecolors="white", edgecolors=LINE_GREY,
            s=22 if len(xs) <= 300 else 9,
            linewidths=1.2, zorder=3, label=label, rasterized=len(xs) > MOST_VECTORS,
        )  # fmt: skip
    _draw_points(axes, column, rung.stopped, "pruned", "stopped" if first else None, -0.19)
    axes.axvspan(column - 0.42, column + 0.42, color=LINE_GREY, alpha=0.08, linewidth=0, zorder=0.5)
    low, middle, high = min(rung.cutoffs), median(rung.cutoffs), max(rung.cutoffs)
    axes.fill_between([column - 0.42, column + 0.42], low, high, color=BLACK, alpha=0.13, linewidth=0, zorder=1)
    label = "cutoff: median and range" if first else None
    axes.plot([column - 0.42, column + 0.42], [middle, middle], color=BLACK, linewidth=1.6, zorder=2, label=label)


def _draw_points(
    axes: Axes, column: float, values: Sequence[Value], status: TrialStatus, label: str | None, centre: float
) -> None:
    if not values:
        return
    mark = MARKS[status]
    xs = [column + centre + 0.26 * (index * GOLDEN % 1 - 0.5) for index in range(len(values))]
    axes.scatter(
        xs, [value for _, value in values], marker=mark.marker, color=mark.colour,
        s=28 if len(xs) <= 300 else 9, zorder=3, label=label,
        rasterized=len(xs) > MOST_VECTORS,
    )  # fmt: skip
