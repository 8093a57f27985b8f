"""The figure of a study with two objectives: every trial's values, and the Pareto front."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import inf
from pathlib import Path
from typing import Any

from tuner.objectives import Constraint, Objective, maximised, violations
from tuner.plots.figures import DPI, SIZE_INCHES
from tuner.store import TrialRow

NUMBER_WIDTH, NUMBER_HEIGHT = 7, 12
"""Of a digit, in pixels: where two numbers would lie upon each other, the second one is left out."""

WIDE_RANGE = 30
"""Costs that lie further apart than by this factor are drawn on a logarithmic axis."""

UNITS = {"val_loss": "nats", "training_time": "s", "inference_time": "ms per sample"}

Point = tuple[float, float]


def draw_front(
    folder: Path,
    objectives: Sequence[Objective],
    constraints: Sequence[Constraint],
    trials: Sequence[TrialRow],
    front: Collection[int],
) -> Path | None:
    """Draw `front.png` into `folder` (made if absent); None, and nothing drawn, unless there are two objectives.

    Args:
        front: Numbers of the trials on the front.
    """
    if len(objectives) != 2:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "front.png"
    front_figure(objectives[0], objectives[1], constraints, trials, front).savefig(file, dpi=DPI)
    return file


def front_figure(
    vertical: Objective,
    horizontal: Objective,
    constraints: Sequence[Constraint],
    trials: Sequence[TrialRow],
    front: Collection[int],
) -> Any:
    """The figure itself. The second objective, mostly a cost, is the horizontal axis."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE_INCHES, layout="constrained")
    axes = figure.add_subplot()
    leading: dict[Point, list[int]] = {}
    kept, broken = [], []
    for trial in trials:
        if trial.status != "completed" or not {vertical, horizontal} <= trial.values.keys():
            continue
        point = (trial.values[horizontal], trial.values[vertical])
        if trial.trial_number in front:
            leading.setdefault(point, []).append(trial.trial_number)
        elif any(violation > 0 for violation in violations(constraints, trial.values).values()):
            broken.append(point)
        else:
            kept.append(point)
    if broken:
        axes.scatter(*zip(*broken, strict=True), marker="x", color="tab:red", alpha=0.6, label="against a constraint")
    if kept:
        axes.scatter(*zip(*kept, strict=True), color="tab:gray", alpha=0.6, label="other completed trials")
    if leading:
        _draw_line(axes, sorted(leading), horizontal)
    everywhere = [*leading, *kept, *broken]
    if everywhere:
        axes.legend(loc="best")
    costs = [] if maximised(horizontal) else [x for x, _ in everywhere]
    if costs and 0 < WIDE_RANGE * min(costs) < max(costs):
        axes.set_xscale("log")
    _draw_numbers(axes, leading)
    axes.set(xlabel=_label(horizontal), ylabel=_label(vertical), title="Pareto front")
    return figure


def _draw_line(axes: Any, points: Sequence[Point], horizontal: Objective) -> None:
    """Steps: between two of its trials, what the front reaches is what the one reaches that is within the limit."""
    xs, ys = zip(*points, strict=True)
    axes.step(xs, ys, where="pre" if maximised(horizontal) else "post", color="tab:green", linewidth=1, zorder=2)
    axes.scatter(xs, ys, color="tab:green", zorder=3, label="on the front, by trial")


def _draw_numbers(axes: Any, leading: dict[Point, list[int]]) -> None:
    end_x, last_y = -inf, -inf
    for point in sorted(leading):
        x, y = axes.transData.transform(point)
        if x < end_x and abs(y - last_y) < NUMBER_HEIGHT:
            continue
        text = ", ".join(map(str, leading[point]))
        axes.annotate(text, point, xytext=(4, 5), textcoords="offset points", fontsize=8)
        end_x, last_y = x + NUMBER_WIDTH * len(text), y


def _label(objective: Objective) -> str:
    better = "higher is better" if maximised(objective) else "lower is better"
    unit = f" [{UNITS[objective]}]" if objective in UNITS else ""
    return f"{objective}{unit}, {better}"
