"""Gives figures that Optuna drew with matplotlib our look: size, colours, ticks, order. The data in them stay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tuner.data import Array
from tuner.objectives import Objective, maximised
from tuner.plots.style import GRID_GREY, LINE_GREY, SHADES, SMALL_SIZE, integer_ticks, shorten
from tuner.plots.trial_style import MOST_VECTORS, axis_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

FEW_VALUES = 6
"""A number with at most so many values has a tick for each."""

COLUMNS = 4
"""Panels of slices beside each other."""


def restyle_parallel(axes: Axes, objective: Objective, trials: Sequence[Any], names: Sequence[str]) -> None:
    """Make good trials dark, draw them last, write names level, and put ticks at the values of parameters.

    Args:
        trials: Optuna's trials that are lines of the figure.
        names: Their hyperparameters that are axes of it.
    """
    from optuna.distributions import CategoricalDistribution

    axes.set_title("")
    for lines in axes.collections:
        _good_last(lines, objective)
    labels = [label.get_text() for label in axes.get_xticklabels()]
    axes.set_xticks(range(len(labels)), [shorten(label, 22).replace("_", "_\n", 1) for label in labels], rotation=0)
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.set_size_inches(1.5 * max(4, len(names)) + 1.5, 4.6)
    figure.axes[1].set_ylabel(axis_label(objective))
    # After the axes of the objective and the bar of colours come those of the parameters, which Optuna sorts by name.
    for name, each in zip(sorted(names), figure.axes[2:], strict=True):
        values = [trial.params[name] for trial in trials if name in trial.params]
        if len(values) == len(trials) and not isinstance(trials[0].distributions[name], CategoricalDistribution):
            _value_ticks(each.yaxis, values)
        else:  # Optuna's own ticks: choices, and one for trials without the parameter
            texts = [label.get_text() for label in each.get_yticklabels()]
            missing = "None" if len(values) < len(trials) else None
            each.set_yticks(each.get_yticks(), ["not used" if text == missing else shorten(text, 14) for text in texts])
    for each in figure.axes:
        each.tick_params(labelsize=SMALL_SIZE)
        for label in each.get_yticklabels():
            label.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85})


def _good_last(lines: Any, objective: Objective) -> None:
    """Colour the lines so that good ones are dark, and draw them above the others."""
    values, dashes, segments = np.asarray(lines.get_array()), lines.get_linestyle(), lines.get_segments()
    order = np.argsort(values if maximised(objective) else -values)
    lines.set_segments([segments[index] for index in order])
    lines.set_array(values[order])
    if len(dashes) == len(values):  # of trials that violate constraints
        lines.set_linestyle([dashes[index] for index in order])
    lines.set(
        cmap=f"{SHADES}_r" if maximised(objective) else SHADES,
        linewidth=1.6 if values.size <= 40 else 1.0,
        alpha=0.9 if values.size <= 40 else 0.75,
    )


def restyle_slices(figure: Figure, panels: Sequence[Axes], label: str) -> None:
    """Put the panels, which Optuna draws in one row, into rows of `COLUMNS`, and give them our look."""
    columns = min(COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    figure.set_size_inches(max(6.0, 2.25 * columns + 1.2), 2.5 * rows + 1.0)
    figure.suptitle("")
    grid = figure.add_gridspec(rows, columns)
    figure.patch.set_facecolor("white")
    for index, axes in enumerate(panels):
        first = index % columns == 0
        axes.set_subplotspec(grid[index // columns, index % columns])
        axes.set_title("")
        axes.set_facecolor("white")
        axes.grid(color=GRID_GREY, linewidth=0.8)
        axes.set_axisbelow(True)
        axes.spines[["left", "bottom"]].set(visible=True, color=LINE_GREY)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=SMALL_SIZE, labelleft=first, colors="black", bottom=True, labelbottom=True)
        axes.set_ylabel(label if first else "", color="black", fontsize=SMALL_SIZE + 0.5)
        axes.set_xlabel(shorten(axes.get_xlabel(), 28), color="black", fontsize=SMALL_SIZE + 0.5)
        _plain_ticks(axes)
        for points in axes.collections:
            count = len(_offsets(points))
            points.set(cmap=f"{SHADES}_r", edgecolors="#666666", linewidths=0.4, sizes=[10 if count > 300 else 24])
            points.set_alpha(0.5 if count > 300 else 1.0)
            points.set_rasterized(count * len(panels) > MOST_VECTORS)
    bar = figure.axes[-1]
    bar.set_ylabel("trial", color="black", fontsize=SMALL_SIZE + 0.5)
    bar.tick_params(labelsize=SMALL_SIZE, colors="black")
    integer_ticks(bar.yaxis)


def _plain_ticks(axes: Axes) -> None:
    """Write choices as `adam` instead of Python's `'adam'`, slanted if they are long, and numbers at their values."""
    from matplotlib.category import StrCategoryFormatter

    if isinstance(axes.xaxis.get_major_formatter(), StrCategoryFormatter):
        texts = [shorten(label.get_text().strip("'"), 14) for label in axes.get_xticklabels()]
        long = sum(map(len, texts)) > 18
        slant: dict[str, Any] = {"rotation": 30, "ha": "right", "rotation_mode": "anchor"} if long else {}
        axes.set_xticks(axes.get_xticks(), texts, **slant)
    else:
        _value_ticks(axes.xaxis, [x for points in axes.collections for x in _offsets(points)[:, 0].tolist()])


def _offsets(points: Any) -> Array:
    """Positions of the points of a scatter plot, of shape (points, 2)."""
    return np.asarray(points.get_offsets(), np.float64)


def _value_ticks(axis: Axis, values: Sequence[Any]) -> None:
    """Put ticks at the values of a number if they are few; write numbers plainly, such as 0.001."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    distinct = sorted({float(value) for value in values if not isinstance(value, (str, bool))})
    if len(distinct) < 1:
        return
    if len(distinct) <= FEW_VALUES:
        axis.set_ticks(distinct)
    elif axis.get_scale() == "log":
        axis.set_major_locator(LogLocator(subs=(1.0,) if distinct[-1] > 30 * distinct[0] else (1.0, 2.0, 5.0)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(
        FuncFormatter(lambda value, _: f"{value:.0f}" if value == round(value) else f"{value:.3g}")
    )
