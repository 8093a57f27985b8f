"""What the figures of a study share: marks of trials by status, names of objectives, axis limits, legends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf, isfinite
from statistics import quantiles
from typing import TYPE_CHECKING

from tuner.events import TrialStatus
from tuner.objectives import SHARES, Objective, maximised
from tuner.plots.style import BLACK, BLUE, LINE_GREY, ORANGE, PINK, RED, SKY, SMALL_SIZE, Caption
from tuner.store import TrialRow

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_VECTORS = 500
"""Points of one group from which on an SVG holds them as pixels: each vector takes 100 bytes and time to show."""

FENCE, LEAST_VALUES = 3.0, 8
"""A value this many interquartile ranges on the bad side of the middle half is an outlier, among so many values."""


@dataclass(frozen=True)
class Mark:
    """The look of one group of trials, as points and as bars."""

    marker: str
    colour: str
    hatch: str = ""

    @property
    def filled(self) -> bool:
        """Whether the marker has a face; a cross has only edges."""
        return self.marker not in "x+|_1234"


MARKS: dict[TrialStatus, Mark] = {
    "completed": Mark("o", BLUE),
    "pruned": Mark("x", ORANGE, "///"),
    "running": Mark("^", SKY, "..."),
    "cancelled": Mark("D", PINK, "\\\\\\"),
    "diverged": Mark("v", RED, "xxx"),
    "failed": Mark("X", BLACK),
    "rejected": Mark("s", LINE_GREY, "--"),
}
"""By status, in the order of legends."""

LABELS: dict[Objective, str] = {
    "val_accuracy": "validation accuracy",
    "val_balanced_accuracy": "balanced validation accuracy",
    "val_macro_f1": "macro F1 on validation data",
    "val_loss": "validation loss",
    "total_score": "total score",
    "overall_health": "overall health",
    "parameter_count": "number of parameters",
    "training_time": "training time",
    "inference_time": "inference time",
}
UNITS: dict[Objective, str] = {"val_loss": "nats", "training_time": "s", "inference_time": "ms per sample"}


def axis_label(objective: Objective) -> str:
    """An objective's name with its unit and direction, such as `validation loss [nats], lower is better`."""
    unit = f" [{UNITS[objective]}]" if objective in UNITS else ""
    return f"{LABELS[objective]}{unit}, {'higher' if maximised(objective) else 'lower'} is better"


def value_text(objective: Objective, value: float) -> str:
    """A value of an objective as text: `0.9812`, `12,345` parameters, `3.21 s`."""
    if objective in SHARES or (objective == "val_loss" and abs(value) < 1000):
        return f"{value:.4f}"
    text = f"{value:,.0f}" if objective == "parameter_count" else f"{value:.3g}"
    return f"{text} {UNITS[objective].split()[0]}" if objective in UNITS else text


def sentence(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def duration_text(seconds: float) -> str:
    """A rounded duration: `0.4 s`, `40 s`, `3.5 min`, `12 min`, `2.5 h`, `3.0 d`."""
    for unit, size, most in (("s", 1, 120), ("min", 60, 7_200), ("h", 3_600, 172_800)):
        if seconds < most:
            return f"{seconds / size:.{0 if seconds / size >= 9.95 or seconds == 0 else 1}f} {unit}"
    return f"{seconds / 86_400:.1f} d"


def with_note(caption: Caption, note: str) -> Caption:
    """The caption with one more note."""
    return replace(caption, note=f"{caption.note}; {note}" if caption.note else note)


def counts_text(trials: Sequence[TrialRow]) -> str:
    """Such as `40 trials: 31 completed, 9 pruned`."""
    total = f"{len(trials):,} trial{'' if len(trials) == 1 else 's'}"
    counts = Counter(trial.status for trial in trials)
    parts = [f"{counts[status]:,} {status}" for status in MARKS if counts[status]]
    return f"{total}: {', '.join(parts)}" if parts else total


def visible_range(values: Sequence[float], objective: Objective) -> tuple[float, float]:
    """Lowest and highest value to show: all but outliers on the bad side; infinite where nothing is left out.

    One exploded loss would make all others a line. A figure says how many values are beyond.
    """
    finite = [value for value in values if isfinite(value)]
    if len(finite) < LEAST_VALUES:
        return -inf, inf
    lower, _, upper = quantiles(finite, n=4, method="inclusive")
    reach = FENCE * (upper - lower)
    low, high = (lower - reach, inf) if maximised(objective) else (-inf, upper + reach)
    beyond = any(not low <= value <= high for value in finite)
    # More than half the values may be equal: then every other one would be an outlier.
    return (low, high) if beyond and reach > 0 else (-inf, inf)


def limit_axis(axes: Axes, values: Sequence[float], limits: tuple[float, float]) -> int:
    """Limit the vertical axis to the values within `limits` (of `visible_range`); return the number of the others."""
    inside = [value for value in values if limits[0] <= value <= limits[1]]
    if len(inside) < len(values):
        margin = 0.06 * (max(inside) - min(inside))
        axes.set_ylim(min(inside) - margin, max(inside) + margin)
    return len(values) - len(inside)


def legend_above(axes: Axes, columns: int = 4) -> None:
    """Put the legend between title and axes, where it covers no point; none without labelled groups."""
    if axes.get_legend_handles_labels()[0]:
        axes.legend(
            loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=columns, frameon=False, fontsize=SMALL_SIZE,
            borderaxespad=0.2, columnspacing=1.4, handletextpad=0.5,
        )  # fmt: skip
