"""Figures of all trials of a study: the objective by trial, and by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from math import isfinite
from typing import TYPE_CHECKING, Any

from tuner.objectives import Constraint, Monitored, Objective, maximised, violations
from tuner.plots.style import (
    BLACK,
    BLUE,
    GREEN,
    LINE_GREY,
    PINK,
    RED,
    Caption,
    finish,
    integer_ticks,
    new_figure,
    nothing,
)
from tuner.plots.trial_style import (
    LABELS,
    MARKS,
    MOST_VECTORS,
    Mark,
    axis_label,
    legend_above,
    limit_axis,
    sentence,
    value_text,
    visible_range,
    with_note,
)
from tuner.store import EpochRow, TrialRow

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_CURVES = 100
"""Curves of one figure: half are the best ones, half are spread evenly over the others."""

BEST_CURVES = ((BLUE, "-", "o"), (GREEN, "--", "s"), (PINK, "-.", "^"))
"""Colour, dash and marker of the three best trials."""

VIOLATING = Mark("x", RED)
Point = tuple[int, float]


def history_figure(
    objective: Objective,
    trials: Sequence[TrialRow],
    caption: Caption,
    *,
    baseline: float | None = None,
    constraints: Sequence[Constraint] = (),
) -> Figure:
    """Each trial's objective by its number, the best so far as a line, and the baseline's value if it is given.

    Trials that violate a constraint have a mark of their own and never count as the best. Trials without a value are
    marks at the bottom.
    """
    title = f"Best {LABELS[objective]} so far"
    scored = [(trial, trial.objective) for trial in trials if trial.objective is not None and isfinite(trial.objective)]
    if not scored:
        return nothing(title, "No trial has a value of the objective yet.", caption)
    figure, axes = new_figure()
    groups: dict[str, tuple[Mark, list[Point]]] = {status: (mark, []) for status, mark in MARKS.items()}
    groups["constraint violated"] = (VIOLATING, [])
    valid = []
    for trial, value in scored:
        violates = any(violation > 0 for violation in violations(constraints, trial.values).values())
        groups["constraint violated" if violates else trial.status][1].append((trial.trial_number, value))
        if not violates:
            valid.append((trial.trial_number, value))
    limits = visible_range([value for _, value in scored], objective)
    for label, (mark, points) in groups.items():
        _draw_points(axes, label, mark, [point for point in points if limits[0] <= point[1] <= limits[1]])
    _draw_best(axes, objective, valid, max(trial.trial_number for trial in trials))
    if baseline is not None:
        _draw_baseline(axes, baseline)
    _draw_beyond(axes, objective, [point for _, points in groups.values() for point in points], limits)
    _draw_rug(axes, [trial.trial_number for trial in trials if trial.objective is None and trial.status != "running"])
    legend_above(axes)
    integer_ticks(axes.xaxis)
    numbers = [trial.trial_number for trial in trials]
    margin = 0.7 + 0.015 * (max(numbers) - min(numbers))
    axes.set(xlabel="trial", ylabel=axis_label(objective), xlim=(min(numbers) - margin, max(numbers) + margin))
    if valid:
        number, value = _best_of(objective, valid)
        title = f"{title}: {value_text(objective, value)} (trial {number})"
    return finish(figure, title, caption)


def curves_figure(
    monitor: Monitored,
    trials: Sequence[TrialRow],
    epochs: Sequence[EpochRow],
    best: int | None,
    caption: Caption,
    *,
    baseline: float | None = None,
) -> Figure:
    """The monitored objective by epoch of each trial; the three best stand out, a cross ends each pruned trial.

    Args:
        best: Number of the study's best trial; it is drawn as the first one.
    """
    title = sentence(f"{LABELS[monitor]} by epoch")
    curves: dict[int, list[Point]] = {}
    for row in epochs:
        if isfinite(row.objective):
            curves.setdefault(row.trial_number, []).append((row.epoch, row.objective))
    if not curves:
        return nothing(title, "No trial has completed an epoch yet.", caption)
    ranked = _ranked(monitor, curves, best)
    shown = _spread(ranked)
    figure, axes = new_figure()
    values = [value for number in shown for _, value in curves[number]]
    limits = visible_range(values, monitor)
    pruned = {trial.trial_number for trial in trials if trial.status == "pruned"}
    if len(shown) > len(BEST_CURVES):
        axes.plot([], [], color=LINE_GREY, linewidth=1, label="other trials")
    for number in shown[len(BEST_CURVES) :]:
        axes.plot(*zip(*curves[number], strict=True), color=LINE_GREY, linewidth=1, alpha=0.55, zorder=2)
    ends = [curves[number][-1] for number in shown if number in pruned]
    if ends:
        mark = MARKS["pruned"]
        xs, ys = zip(*ends, strict=True)
        axes.scatter(xs, ys, marker=mark.marker, color=mark.colour, s=26, zorder=4, label="pruned here")
    for number, (colour, dash, marker) in zip(shown, BEST_CURVES, strict=False):
        curve = curves[number]
        size = 4.5 if len(curve) <= 30 else 0
        label = f"{'best: ' if number == best else ''}trial {number}"
        axes.plot(
            *zip(*curve, strict=True),
            color=colour, linestyle=dash, marker=marker, markersize=size, linewidth=2, zorder=3, label=label,
        )  # fmt: skip
    if baseline is not None:
        _draw_baseline(axes, baseline)
    limit_axis(axes, values, limits)  # curves that leave the axes are seen to do so
    legend_above(axes, columns=5)
    integer_ticks(axes.xaxis)
    axes.set(xlabel="epoch", ylabel=axis_label(monitor))
    if len(shown) < len(ranked):
        half = MOST_CURVES // 2
        chosen = f"{len(shown)} of {len(ranked):,} curves: the best {half}, and {half} spread evenly over the others"
        caption = with_note(caption, chosen)
    return finish(figure, title, caption)


def _draw_points(axes: Axes, label: str, mark: Mark, points: Sequence[Point]) -> None:
    if not points:
        return
    edges: dict[str, Any] = {"edgecolors": "white", "linewidths": 0.4} if mark.filled else {"linewidths": 1.3}
    xs, ys = zip(*points, strict=True)
    axes.scatter(
        xs, ys, marker=mark.marker, color=mark.colour, s=30 if len(points) <= 300 else 12,
        zorder=3, label=label, rasterized=len(points) > MOST_VECTORS, **edges,
    )  # fmt: skip


def _draw_best(axes: Axes, objective: Objective, points: Sequence[Point], last: int) -> None:
    """Draw the best value so far as steps, to the number of the study's last trial."""
    if not points:
        return
    numbers, values = zip(*sorted(points), strict=True)
    best = list(accumulate(values, max if maximised(objective) else min))
    axes.step(
        [*numbers, last], [*best, best[-1]], where="post", color=BLACK, linewidth=1.6, zorder=2, label="best so far"
    )


def _draw_baseline(axes: Axes, value: float) -> None:
    axes.axhline(value, color=RED, linestyle=":", linewidth=1.8, zorder=1.5, label=f"baseline {value:.4f}")


def _draw_beyond(axes: Axes, objective: Objective, points: Sequence[Point], limits: tuple[float, float]) -> None:
    """Draw outliers at the edge of the axes, which leave them out."""
    beyond = [number for number, value in points if not limits[0] <= value <= limits[1]]
    if not beyond:
        return
    limit_axis(axes, [value for _, value in points], limits)
    low = maximised(objective)
    axes.scatter(
        beyond, [0.02 if low else 0.98] * len(beyond), transform=axes.get_xaxis_transform(), clip_on=False,
        marker="v" if low else "^", facecolors="none", edgecolors=BLACK, s=28, zorder=4,
        label=f"{'below' if low else 'above'} the axis ({len(beyond):,})",
    )  # fmt: skip


def _draw_rug(axes: Axes, numbers: Sequence[int]) -> None:
    """Mark trials without a value at the bottom: failed, rejected and diverged ones, and those cancelled early."""
    if numbers:
        axes.scatter(
            numbers, [0.0] * len(numbers), transform=axes.get_xaxis_transform(), clip_on=False, marker="|",
            color=RED, s=80, linewidths=1.4, zorder=4, label=f"without a value ({len(numbers):,})",
            rasterized=len(numbers) > MOST_VECTORS,
        )  # fmt: skip


def _best_of(objective: Objective, points: Sequence[Point]) -> Point:
    pick = max if maximised(objective) else min
    return pick(points, key=lambda point: point[1])


def _ranked(monitor: Monitored, curves: Mapping[int, Sequence[Point]], best: int | None) -> list[int]:
    """The trials by their best epoch, the best first."""
    reached = {number: _best_of(monitor, curve)[1] for number, curve in curves.items()}
    numbers = sorted(reached, key=lambda number: (reached[number], -number), reverse=True)
    if not maximised(monitor):
        numbers = sorted(reached, key=lambda number: (reached[number], number))
    return sorted(numbers, key=lambda number: number != best)


def _spread(ranked: Sequence[int]) -> list[int]:
    """At most MOST_CURVES of the trials: the best half of them, and as many that are spread over the others."""
    if len(ranked) <= MOST_CURVES:
        return list(ranked)
    half = MOST_CURVES // 2
    others = ranked[half:]
    return [*ranked[:half], *(others[place * len(others) // half] for place in range(half))]
