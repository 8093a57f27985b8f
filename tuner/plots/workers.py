"""The figure of which trial trained when and where: gaps in a row are time in which a place for a trial was idle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from tuner.plots.style import LINE_GREY, SMALL_SIZE, TEXT_GREY, Caption, finish, new_figure, nothing, shorten
from tuner.plots.trial_style import MARKS, MOST_VECTORS, duration_text, legend_above, with_note
from tuner.store import TrialRow

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

OVERLAP_S = 0.5
"""A trial that starts at most this long before another one ends still follows it: their ends are recorded later."""

LONG_BREAK_S, LONG_BREAK_SHARE = 60.0, 0.2
"""A time without any trial longer than both, seconds and share of all other time, is cut out and marked."""

BREAK_WIDTH = 0.02
"""Width of a cut, as a share of all other time."""

MOST_NUMBERS = 60
"""With more trials their numbers are not written into their bars."""

MOST_INCHES = 8.0
"""Height of a figure of many rows."""

Interval = tuple[float, float]


@dataclass
class Slot:
    """A place for one trial at a time. The log tells only the machine; slots are derived from trials that overlap."""

    node: str
    bars: list[tuple[TrialRow, float, float]] = field(default_factory=list)
    """Trials with start and end, in seconds since the first start."""


def timeline_figure(trials: Sequence[TrialRow], caption: Caption, now: datetime | None = None) -> Figure:
    """A bar for the latest run of each trial, in a row for each place, by machine.

    Args:
        now: The end of the bars of running trials; None: the latest time of any trial.
    """
    title = "Trials by worker and time"
    slots = slots_of(trials, now)
    if not slots:
        return nothing(title, "No trial has started yet, or the starts were not recorded.", caption)
    breaks = long_breaks([(start, end) for slot in slots for _, start, end in slot.bars])
    last = max(end for slot in slots for _, _, end in slot.bars)
    span = last - sum(end - start for start, end in breaks)
    place = _Axis(breaks, BREAK_WIDTH * span)
    width = place.position(last) or 1.0
    size, unit = next((size, unit) for size, unit, most in _UNITS if width < most)
    figure, axes = new_figure(8.5, min(MOST_INCHES, 2.0 + 0.36 * len(slots)))
    _draw_bars(axes, slots, place, size, numbers=sum(len(slot.bars) for slot in slots) <= MOST_NUMBERS, width=width)
    for start, end in breaks:
        left, right = place.position(start) / size, place.position(end) / size
        axes.axvspan(left, right, color="white", zorder=2)
        axes.axvline((left + right) / 2, color=TEXT_GREY, linestyle=":", linewidth=1.6, zorder=3)
    if breaks:
        lengths = ", ".join(duration_text(end - start) for start, end in breaks[:3]) + (", …" if breaks[3:] else "")
        axes.plot([], [], color=TEXT_GREY, linestyle=":", linewidth=1.6, label=f"no trial for {lengths}")
    _label_rows(axes, slots)
    legend_above(axes, columns=7)
    cut = ", without times in which no trial trained" if breaks else ""
    axes.set(xlabel=f"{unit} since the first trial started{cut}", xlim=(0, width / size))
    axes.grid(axis="y", visible=False)
    busy = sum(end - start for slot in slots for _, start, end in slot.bars)
    share = min(1.0, busy / (len(slots) * span)) if span > 0 else 1.0
    places = f"{len(slots)} trial{'' if len(slots) == 1 else 's'} at a time"
    title = f"{places}, busy {share * 100:.0f} % of {duration_text(span)}"
    return finish(figure, title, with_note(caption, "the latest run of each trial"))


def slots_of(trials: Sequence[TrialRow], now: datetime | None = None) -> list[Slot]:
    """The slots by machine: each trial is in the first one that is free at its start."""
    started = [(trial, trial.started_at) for trial in trials if trial.started_at is not None]
    if not started:
        return []
    first = min(start for _, start in started)
    latest = max(
        filter(None, (now, *(time for trial, _ in started for time in (trial.started_at, trial.completed_at))))
    )
    slots: dict[str, list[Slot]] = {}
    for trial, start in sorted(started, key=lambda one: (one[1], one[0].trial_number)):
        node = "RunPod" if trial.place == "runpod" else trial.node or "unknown machine"
        begin, end = (start - first).total_seconds(), ((trial.completed_at or latest) - first).total_seconds()
        of_node = slots.setdefault(node, [])
        free = next((slot for slot in of_node if slot.bars[-1][2] <= begin + OVERLAP_S), None)
        if free is None:
            free = Slot(node)
            of_node.append(free)
        free.bars.append((trial, begin, max(begin, end)))
    return [slot for node in sorted(slots) for slot in slots[node]]


def long_breaks(intervals: Sequence[Interval]) -> list[Interval]:
    """The times without any trial that are much longer than the others, such as those before a resume."""
    gaps: list[Interval] = []
    reached = 0.0
    for start, end in sorted(intervals):
        if start > reached:
            gaps.append((reached, start))
        reached = max(reached, end)
    busy = reached - sum(end - start for start, end in gaps)
    return [(start, end) for start, end in gaps if end - start > max(LONG_BREAK_S, LONG_BREAK_SHARE * busy)]


_UNITS = ((1, "seconds", 180), (60, "minutes", 10_800), (3_600, "hours", float("inf")))


@dataclass(frozen=True)
class _Axis:
    """Positions on the time axis, from which long breaks are cut out."""

    breaks: Sequence[Interval]
    width: float
    """Width that is left of each break, in seconds."""

    def position(self, seconds: float) -> float:
        """The position of a time, in seconds on the axis."""
        for start, end in reversed(self.breaks):
            if seconds > start:
                shortened = min(seconds, end) - start
                seconds += self.width * shortened / (end - start) - shortened
        return seconds


def _draw_bars(axes: Axes, slots: Sequence[Slot], place: _Axis, size: float, *, numbers: bool, width: float) -> None:
    """Draw the bars by status, with a pale line where a place is idle."""
    labelled = set()
    total = sum(len(slot.bars) for slot in slots)
    for row, slot in enumerate(slots):
        axes.plot([0, width / size], [row, row], color=LINE_GREY, linewidth=1, linestyle=(0, (1, 2)), zorder=1)
        for status, mark in MARKS.items():
            bars = [(trial, place.position(a) / size, place.position(b) / size) for trial, a, b in slot.bars
                    if trial.status == status]  # fmt: skip
            if not bars:
                continue
            label = None if status in labelled else status
            labelled.add(status)
            axes.broken_barh(
                [(start, end - start) for _, start, end in bars], (row - 0.36, 0.72), facecolors=mark.colour,
                edgecolors="white", hatch=mark.hatch, linewidth=0.6 if numbers else 0.2, label=label, zorder=2.5,
                rasterized=total > MOST_VECTORS,
            )  # fmt: skip
            for trial, start, end in bars if numbers else ():
                text = str(trial.trial_number)
                if end - start > 0.012 * (len(text) + 0.5) * width / size:
                    axes.text(
                        (start + end) / 2, row, text, ha="center", va="center", fontsize=SMALL_SIZE, zorder=3,
                        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.85},
                    )  # fmt: skip


def _label_rows(axes: Axes, slots: Sequence[Slot]) -> None:
    """Write each machine's name at its first row; further rows of it have none."""
    rows = [row for row, slot in enumerate(slots) if row == 0 or slot.node != slots[row - 1].node]
    axes.set_yticks(rows, [shorten(slots[row].node, 24) for row in rows])
    axes.set_ylim(len(slots) - 0.4, -0.6)
    for row in rows[1:]:
        axes.axhline(row - 0.5, color=TEXT_GREY, linewidth=0.8)
