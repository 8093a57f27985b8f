"""The figure of where a study's time went: its phases one after the other, and what its workers did meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tuner.plots.style import BLUE, GREEN, LABEL_SIZE, SMALL_SIZE, Caption, finish, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROOM = 1.22
"""Length of the time axis, relative to its last bar: room for that bar's number."""


def phases_figure(
    title: str, phases: Mapping[str, float], work_title: str, work: Mapping[str, float], caption: Caption
) -> Figure:
    """Two panels of bars with their seconds, by label; labels without time are left out.

    Args:
        phases: Each begins where the one before it ends.
        work: Of all places for trials together; empty: no trial has started.
    """
    panels = [parts for parts in (phases, work) if any(parts.values())]
    rows = [sum(seconds > 0 for seconds in parts.values()) for parts in panels]
    figure, axes = new_axes(len(panels) or 1, 1, 7.0, 1.6 + 0.3 * sum(rows) + 0.5 * len(panels))
    if panels and len(panels) > 1:
        axes[0, 0].get_gridspec().set_height_ratios([row + 1.0 for row in rows])
    for panel, one, colour in zip(panels, axes[:, 0], (BLUE, GREEN), strict=False):
        _draw_bars(one, panel, colour, one_after_the_other=panel is phases)
    axes[0, 0].set_xlabel("seconds", fontsize=LABEL_SIZE)
    if len(panels) > 1:
        axes[1, 0].set_title(work_title, fontsize=LABEL_SIZE + 0.5, loc="left", fontweight="bold")
        axes[1, 0].set_xlabel("seconds of all places for trials", fontsize=LABEL_SIZE)
    return finish(figure, title, caption)


def _draw_bars(axes: Axes, parts: Mapping[str, float], colour: str, *, one_after_the_other: bool) -> None:
    shown = {label: seconds for label, seconds in parts.items() if seconds > 0}
    total, at, last = sum(shown.values()), 0.0, 0.0
    for row, (label, seconds) in enumerate(shown.items()):
        axes.barh(row, seconds, left=at, color=colour, height=0.7, label=label)
        text = f" {seconds:,.1f} s, {seconds / total:.0%}"
        axes.text(at + seconds, row, text, va="center", fontsize=SMALL_SIZE)
        last = max(last, at + seconds)
        at += seconds if one_after_the_other else 0.0
    axes.set_yticks(range(len(shown)), list(shown))
    axes.set(ylim=(len(shown) - 0.4, -0.6), xlim=(0, last * ROOM))
    axes.grid(axis="y", visible=False)
