"""The figure of a study with several objectives: all trials and the Pareto front."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from tuner.objectives import Constraint, Objective, maximised, violations
from tuner.plots.style import GREEN, LINE_GREY, RED, SIZE_INCHES, SMALL_SIZE, Caption, finish, new_axes, nothing
from tuner.plots.trial_style import LABELS, MOST_VECTORS, axis_label, legend_above
from tuner.store import TrialRow

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NUMBER_WIDTH, NUMBER_HEIGHT = 7, 12
"""Size of a digit in pixels; a trial number that would overlap another one is left out."""

WIDE_RANGE = 30
"""Ratio of the largest to the smallest cost from which on the axis is logarithmic."""

PANEL_WIDTH = 5.0
"""Width in inches of each of several panels."""

Point = tuple[float, float]


def front_figure(
    objectives: Sequence[Objective],
    constraints: Sequence[Constraint],
    trials: Sequence[TrialRow],
    front: Collection[int],
    caption: Caption,
) -> Figure:
    """The first objective over each other one, which is usually a cost, with the trial numbers of the front.

    Args:
        front: Numbers of the trials on the front.
    """
    title = "Pareto front"
    vertical, *others = objectives
    if not others:
        return nothing(title, f"The study has one objective, {LABELS[vertical]}: a front needs two.", caption)
    complete = [trial for trial in trials if trial.status == "completed" and set(objectives) <= trial.values.keys()]
    if not complete:
        return nothing(title, "No trial has completed yet: the front is of completed trials.", caption)
    width = SIZE_INCHES[0] if len(others) == 1 else PANEL_WIDTH * len(others)
    figure, panels = new_axes(1, len(others), width, SIZE_INCHES[1])
    for axes, horizontal in zip(panels[0], others, strict=True):
        _draw_panel(axes, vertical, horizontal, constraints, complete, front, line=len(others) == 1)
    legend_above(panels[0, 0], columns=3)
    on_it = sum(trial.trial_number in front for trial in complete)
    title = f"{title}: {on_it:,} of {len(complete):,} completed trials"
    return finish(figure, title, caption)


def _draw_panel(
    axes: Axes,
    vertical: Objective,
    horizontal: Objective,
    constraints: Sequence[Constraint],
    trials: Sequence[TrialRow],
    front: Collection[int],
    *,
    line: bool,
) -> None:
    on_front: dict[Point, list[int]] = {}
    others, violating = [], []
    for trial in trials:
        point = (trial.values[horizontal], trial.values[vertical])
        if trial.trial_number in front:
            on_front.setdefault(point, []).append(trial.trial_number)
        elif any(violation > 0 for violation in violations(constraints, trial.values).values()):
            violating.append(point)
        else:
            others.append(point)
    # With three objectives a trial on the front may be anywhere in a panel: then there is no line.
    if on_front:
        _draw_front(axes, sorted(on_front), horizontal if line else None)
    for label, marker, colour, points in (
        ("other completed trials", "o", LINE_GREY, others),
        ("constraint violated", "x", RED, violating),
    ):
        if points:
            xs, ys = zip(*points, strict=True)
            size = 26 if len(points) <= 300 else 12
            shapes = len(points) > MOST_VECTORS
            axes.scatter(xs, ys, marker=marker, color=colour, alpha=0.7, s=size, label=label, rasterized=shapes)
    costs = [] if maximised(horizontal) else [x for x, _ in (*on_front, *others, *violating)]
    if costs and 0 < WIDE_RANGE * min(costs) < max(costs):
        axes.set_xscale("log")
    axes.margins(x=0.08, y=0.12)
    _draw_numbers(axes, on_front)
    axes.set(xlabel=axis_label(horizontal), ylabel=axis_label(vertical))


def _draw_front(axes: Axes, points: Sequence[Point], horizontal: Objective | None) -> None:
    """Draw the front, with steps if `horizontal` is given: a limit between two trials allows only the one within it."""
    xs, ys = zip(*points, strict=True)
    if horizontal is not None:
        axes.step(xs, ys, where="pre" if maximised(horizontal) else "post", color=GREEN, linewidth=1.4, zorder=2)
    axes.scatter(
        xs, ys, marker="D", color=GREEN, edgecolors="black", linewidths=0.6, s=38, zorder=3,
        label="Pareto front, trial numbers",
    )  # fmt: skip


def _draw_numbers(axes: Axes, on_front: dict[Point, list[int]]) -> None:
    placed: list[tuple[float, float, float]] = []
    for point in sorted(on_front):
        x, y = axes.transData.transform(point)
        text = ", ".join(map(str, on_front[point]))
        width = NUMBER_WIDTH * len(text)
        if any(abs(y - other_y) < NUMBER_HEIGHT and x < end and start < x + width for start, end, other_y in placed):
            continue
        axes.annotate(text, point, xytext=(5, 6), textcoords="offset points", fontsize=SMALL_SIZE)
        placed.append((x, x + width, y))
