"""The figure of how much each hyperparameter decided a study's objective."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tuner.objectives import Objective
from tuner.plots.style import BLUE, SMALL_SIZE, Caption, finish, new_figure, nothing, shorten
from tuner.plots.trial_style import LABELS, sentence, with_note

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_BARS = 20
"""Further hyperparameters, which mattered least, are one bar."""


def importance_figure(
    objective: Objective,
    importance: Mapping[str, float] | None,
    trials_used: int,
    reason: str | None,
    caption: Caption,
) -> Figure:
    """Bars of the importance of each hyperparameter, the most important first.

    Args:
        importance: By name, in [0, 1], sum 1, the most important first; None: not known.
        trials_used: Number of the trials that it is judged by.
        reason: Why it is not known.
    """
    title = f"Importance of hyperparameters for {LABELS[objective]}"
    if not importance:
        return nothing(title, f"{sentence(reason or 'it is not known')}.", caption)
    bars = dict(list(importance.items())[:MOST_BARS])
    rest = list(importance.values())[MOST_BARS:]
    names = [shorten(name, 32) for name in bars]
    if rest:
        bars[f"{len(rest)} others together"] = sum(rest)
        names.append(f"{len(rest)} others together")
    figure, axes = new_figure(height=1.5 + 0.29 * len(bars))
    drawn = axes.barh(range(len(bars)), list(bars.values()), color=BLUE, height=0.7)
    axes.bar_label(drawn, [f"{share * 100:.0f} %" for share in bars.values()], padding=4, fontsize=SMALL_SIZE)
    axes.set_yticks(range(len(bars)), names, fontsize=SMALL_SIZE + 0.5)
    axes.invert_yaxis()
    axes.grid(axis="y", visible=False)
    axes.margins(x=0.12, y=0.02)
    axes.set(xlabel="share of the variance that one hyperparameter alone explains")
    axes.xaxis.set_major_formatter(lambda share, _: f"{share * 100:.0f} %")
    return finish(figure, title, with_note(caption, f"by functional ANOVA over {trials_used:,} trials"))
