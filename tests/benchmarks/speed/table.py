"""The table and the plot of `bench_speed`, from its records alone."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.benchmarks.speed.ratios import Spread, accuracy_verdicts, is_met, ratios, spread, values
from tests.benchmarks.speed.records import Record
from tests.benchmarks.speed.rows import LIMIT_S, METHODS, ROWS, Comparison

METS = {True: "yes", False: "**no**", None: "—"}
TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)
"""Of the plot."""
ELSEWHERE = """\
The overhead of 2,000 trials of 1 s on 16 CPUs of 4 nodes, and the driver's processor time for each of them, beside bare
Ray Tune: [cluster_overhead.json](cluster_overhead.json), measured by
[bench_cluster_overhead.py](../bench_cluster_overhead.py)."""


def markdown(records: Sequence[Record]) -> str:
    """The page: a line for each comparison, the other goals, and the machines."""
    lines = [_line(["measure", "ours", "peer", "ratio", "goal", "reached"]), _line(["---"] * 6)]
    lines += [_comparison(records, comparison) for row in ROWS.values() for comparison in row.comparisons()]
    goals = [_line(["goal", "reached", "figures"]), _line(["---"] * 3)]
    goals += [_line([one.goal, METS[one.met], one.evidence]) for one in accuracy_verdicts(records)]
    return "\n".join(
        [
            "# Speed beside peers",
            "",
            "Medians of the repeats. A ratio is calculated for each repeat, in which all methods of a row follow each",
            "other: its median, in brackets the smallest and the largest one, and the number of repeats. It is ours /",
            "peer in seconds, where less is better; for epochs the peer's seconds / ours, and for trials in 2 minutes",
            f"ours / peer, where more is better. A peer that does not reach an accuracy within {LIMIT_S:.0f} s counts",
            f"as {LIMIT_S:.0f} s. All figures are in `speed.jsonl`, which `bench_speed.py` wrote.",
            "",
            *lines,
            "",
            *goals,
            "",
            *ELSEWHERE.splitlines(),
            "",
            *_conditions(records),
            "",
        ]
    )


def _comparison(records: Sequence[Record], comparison: Comparison) -> str:
    row = ROWS[comparison.row]
    ours = values(records, row.name, comparison.ours, ours=True)
    peer = values(records, row.name, comparison.peer, ours=False)
    found = ratios(records, comparison)
    median = spread(found)
    return _line(
        [
            row.title,
            f"{METHODS[comparison.ours]}: {_value(ours, row.unit)}",
            f"{METHODS[comparison.peer]}: {_value(peer, row.unit)}",
            _ratio(median, len(found)),
            _goal(comparison),
            METS[None if median is None else is_met(comparison, median.median)],
        ]
    )


def _value(measured: Sequence[float], unit: str) -> str:
    """The median of the values, with its unit."""
    if not measured:
        return "—"
    median = statistics.median(measured)
    if unit == "s" and median >= LIMIT_S:
        return f"> {LIMIT_S:.0f} s"
    return f"{median:.3g} {unit}" if median < 100 else f"{median:.0f} {unit}"


def _ratio(of: Spread | None, repeats: int) -> str:
    if of is None:
        return "—"
    return f"{_number(of.median)} ({_number(of.smallest)} to {_number(of.largest)}; {repeats})"


def _number(value: float) -> str:
    return f"{value:.2f}" if math.isfinite(value) else "not reached"


def _goal(comparison: Comparison) -> str:
    if comparison.goal is None:
        return "—"
    return f"{'≤' if comparison.kind == 'time' else '≥'} {comparison.goal:g}"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _conditions(records: Iterable[Record]) -> list[str]:
    """When, on what and with which versions it was measured."""
    records = list(records)
    if not records:
        return ["Nothing is measured yet."]
    days = sorted(one["date"][:10] for one in records)
    loads = [one["load"] for one in records]
    machines = sorted({_machine(one["machine"]) for one in records})
    commits = sorted({str(one["commit"]) for one in records})
    versions = sorted({f"{name} {number}" for one in records for name, number in one["versions"].items()})
    return [
        f"{len(records)} measurements, {days[0] if days[0] == days[-1] else f'{days[0]} to {days[-1]}'}, on: "
        f"{'; '.join(machines)}. Load average before a measurement: {min(loads):.1f} to {max(loads):.1f}. "
        f"Commits: {', '.join(commits)}. Versions: {', '.join(versions)}.",
    ]


def _machine(machine: Record) -> str:
    return f"{machine['cores']} cores ({machine['processor']}), {machine['memory_gb']:g} GB, {machine['system']}"


def plot(records: Sequence[Record], file: Path) -> None:
    """Draw a line for each comparison: its ratio in each repeat, the median, and the goal."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    shown = [(one, found) for row in ROWS.values() for one in row.comparisons() if (found := ratios(records, one))]
    if not shown:
        return
    figure, axes = plt.subplots(figsize=(9, 1.2 + 0.42 * len(shown)), layout="constrained")
    for place, (comparison, found) in enumerate(reversed(shown)):
        points = [_seconds_ratio(comparison, one) for one in found if math.isfinite(one) and one > 0]
        axes.scatter(points, [place] * len(points), s=16, color="C0", alpha=0.5, zorder=2)
        if points:
            axes.scatter([statistics.median(points)], [place], marker="D", s=42, color="C0", zorder=3)
        if comparison.goal is not None:
            goal = _seconds_ratio(comparison, comparison.goal)
            axes.plot([goal, goal], [place - 0.35, place + 0.35], color="C3", linewidth=2, zorder=1)
    names = [f"{one.row}: {METHODS[one.ours]} / {METHODS[one.peer]}".replace("`", "") for one, _ in reversed(shown)]
    axes.set_yticks(range(len(shown)), names)
    axes.axvline(1.0, color="0.7", linewidth=1, zorder=0)
    axes.set_xscale("log")
    low, high = axes.get_xlim()
    low, high = min(low, 0.48), max(high, 2.1)
    ticks = [tick for tick in TICKS if low <= tick <= high]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_xlim(low, high)
    axes.set_xlabel("time of ours / time of the peer: each repeat, and the median (diamond); red: goal")
    figure.savefig(file, dpi=110)
    plt.close(figure)


def _seconds_ratio(comparison: Comparison, ratio: float) -> float:
    """A ratio as time of ours / time of the peer, so that less is better in the whole plot."""
    return ratio if comparison.kind == "time" else 1 / ratio
