"""The figure of a study with two objectives: all trials and the Pareto front."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import inf
from pathlib import Path
from typing import Any

from tuner.objectives import Constraint, Objective, maximised, violations
from tuner.plots.figures import new_figure, save
from tuner.store import TrialRow

NUMBER_WIDTH, NUMBER_HEIGHT = 7, 12
"""Size of a digit in pixels; a trial number that would overlap another one is left out."""

WIDE_RANGE = 30
"""Ratio of the largest to the smallest cost from which on the axis is logarithmic."""

UNITS = {"val_loss": "nats", "training_time": "s", "inference_time": "ms per sample"}

Point = tuple[float, float]


def draw_front(
    folder: Path,
    objectives: Sequence[Objective],
    constraints: Sequence[Constraint],
    trials: Sequence[TrialRow],
    front: Collection[int],
) -> Path | None:
    """Draw `front.png` with the front's trial numbers into `folder`; return the file, None unless two objectives."""
    if len(objectives) != 2:
        return None
    return save(front_figure(objectives[0], objectives[1], constraints, trials, front), folder, "front.png")


def front_figure(
    vertical: Objective,
    horizontal: Objective,
    constraints: Sequence[Constraint],
    trials: Sequence[TrialRow],
    front: Collection[int],
) -> Any:
    """The figure; the second objective, which is usually a cost, is on the horizontal axis."""
    figure, axes = new_figure()
    on_front: dict[Point, list[int]] = {}
    others, violating = [], []
    for trial in trials:
        if trial.status != "completed" or not {vertical, horizontal} <= trial.values.keys():
            continue
        point = (trial.values[horizontal], trial.values[vertical])
        if trial.trial_number in front:
            on_front.setdefault(point, []).append(trial.trial_number)
        elif any(violation > 0 for violation in violations(constraints, trial.values).values()):
            violating.append(point)
        else:
            others.append(point)
    if violating:
        axes.scatter(*zip(*violating, strict=True), marker="x", color="tab:red", alpha=0.6, label="constraint violated")
    if others:
        axes.scatter(*zip(*others, strict=True), color="tab:gray", alpha=0.6, label="other completed trials")
    if on_front:
        _draw_line(axes, sorted(on_front), horizontal)
    all_points = [*on_front, *others, *violating]
    if all_points:
        axes.legend(loc="best")
    costs = [] if maximised(horizontal) else [x for x, _ in all_points]
    if costs and 0 < WIDE_RANGE * min(costs) < max(costs):
        axes.set_xscale("log")
    _draw_numbers(axes, on_front)
    axes.set(xlabel=_label(horizontal), ylabel=_label(vertical), title="Pareto front")
    return figure


def _draw_line(axes: Any, points: Sequence[Point], horizontal: Objective) -> None:
    """Draw the front as steps: a limit between two trials allows only the trial within it."""
    xs, ys = zip(*points, strict=True)
    axes.step(xs, ys, where="pre" if maximised(horizontal) else "post", color="tab:green", linewidth=1, zorder=2)
    axes.scatter(xs, ys, color="tab:green", zorder=3, label="Pareto front, trial numbers")


def _draw_numbers(axes: Any, on_front: dict[Point, list[int]]) -> None:
    end_x, last_y = -inf, -inf
    for point in sorted(on_front):
        x, y = axes.transData.transform(point)
        if x < end_x and abs(y - last_y) < NUMBER_HEIGHT:
            continue
        text = ", ".join(map(str, on_front[point]))
        axes.annotate(text, point, xytext=(4, 5), textcoords="offset points", fontsize=8)
        end_x, last_y = x + NUMBER_WIDTH * len(text), y


def _label(objective: Objective) -> str:
    better = "higher is better" if maximised(objective) else "lower is better"
    unit = f" [{UNITS[objective]}]" if objective in UNITS else ""
    return f"{objective}{unit}, {better}"
