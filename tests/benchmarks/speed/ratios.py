"""Ratios of `bench_speed`, whether its goals are reached, and the verdict of `--check`: from records alone."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.benchmarks.speed.records import Record, by_repeat
from tests.benchmarks.speed.rows import CHECKED, LIMIT_S, ROWS, SEARCHING, Comparison

WORSE = 1.2
"""`--check` fails if the median ratio is worse by more than this factor."""


@dataclass(frozen=True)
class Spread:
    """Median, smallest and largest value."""

    median: float
    smallest: float
    largest: float


@dataclass(frozen=True)
class Verdict:
    """One goal, whether it is reached, and the figures that show it. None: not measured."""

    goal: str
    met: bool | None
    evidence: str


def spread(values: Sequence[float]) -> Spread | None:
    """The spread of the values; None without values."""
    return Spread(statistics.median(values), min(values), max(values)) if values else None


def seconds_of(record: Record, *, ours: bool) -> float:
    """The value of a record. A target that was not reached counts as its limit for a peer, and as infinite for us."""
    if record["value"] is not None:
        return float(record["value"])
    return math.inf if ours else float(record.get("limit_s", LIMIT_S))


def ratios(records: Iterable[Record], comparison: Comparison) -> list[float]:
    """The ratio of each repeat in which both methods were measured."""
    records = list(records)
    ours = by_repeat(records, comparison.row, comparison.ours)
    peers = by_repeat(records, comparison.row, comparison.peer)
    found = []
    for repeat in sorted(ours.keys() & peers.keys()):
        own, peer = seconds_of(ours[repeat], ours=True), seconds_of(peers[repeat], ours=False)
        if comparison.kind == "speed":
            own, peer = peer, own
        found.append(math.inf if peer <= 0 else own / peer)
    return found


def is_met(comparison: Comparison, ratio: float) -> bool | None:
    """Whether a median ratio reaches the goal; None without a goal."""
    if comparison.goal is None:
        return None
    return ratio <= comparison.goal if comparison.kind == "time" else ratio >= comparison.goal


def values(records: Iterable[Record], row: str, method: str, *, ours: bool) -> list[float]:
    """The values of a method, one for each repeat."""
    return [seconds_of(one, ours=ours) for one in by_repeat(records, row, method).values()]


def accuracy_verdicts(records: Iterable[Record]) -> list[Verdict]:
    """The goals of `mnist_97` and `mnist_985`, which are not about the ratio of one repeat."""
    records = list(records)
    return [*_verdicts_97(records), *_verdicts_985(records)]


def _verdicts_97(records: list[Record]) -> list[Verdict]:
    title = ROWS["mnist_97"].title
    median_goal = f"{title}: median at most the engineer's"
    worst_goal = f"{title}: no seed above twice the engineer's slowest"
    ours = values(records, "mnist_97", "tuner", ours=True)
    engineer = values(records, "mnist_97", "engineer", ours=False)
    if not ours or not engineer:
        return [Verdict(median_goal, None, "not measured"), Verdict(worst_goal, None, "not measured")]
    own, theirs = statistics.median(ours), statistics.median(engineer)
    return [
        Verdict(median_goal, own <= theirs, f"{seconds(own)} beside {seconds(theirs)}"),
        Verdict(worst_goal, max(ours) <= 2 * max(engineer), f"{seconds(max(ours))} beside {seconds(max(engineer))}"),
    ]


def _verdicts_985(records: list[Record]) -> list[Verdict]:
    title = ROWS["mnist_985"].title
    ours = values(records, "mnist_985", "tuner", ours=True)
    if not ours:
        return [Verdict(f"{title}: median at most 60 s, every seed at most 180 s", None, "not measured")]
    own = statistics.median(ours)
    found = [
        Verdict(f"{title}: median at most 60 s", own <= 60, seconds(own)),
        Verdict(f"{title}: every seed at most 180 s", max(ours) <= 180, seconds(max(ours))),
    ]
    goal = f"{title}: median at most 1/5 of the best searching peer's"
    medians = [
        statistics.median(peer) for name in SEARCHING if (peer := values(records, "mnist_985", name, ours=False))
    ]
    if len(medians) < len(SEARCHING):
        return [*found, Verdict(goal, None, "not measured")]
    return [*found, Verdict(goal, own <= min(medians) / 5, f"{seconds(own)} beside {seconds(min(medians))}")]


def seconds(value: float) -> str:
    """Seconds in words; LIMIT_S and more: the target was not reached."""
    return f"> {LIMIT_S:.0f} s" if value >= LIMIT_S else f"{value:.1f} s"


def check_verdicts(fresh: Iterable[Record], committed: Iterable[Record]) -> list[Verdict]:
    """For each comparison of the rows in CHECKED: whether it is at most 20 % worse than in the committed records."""
    fresh, committed = list(fresh), list(committed)
    return [
        _check_verdict(comparison, ratios(fresh, comparison), ratios(committed, comparison))
        for row in CHECKED
        for comparison in ROWS[row].comparisons()
    ]


def _check_verdict(comparison: Comparison, now: Sequence[float], before: Sequence[float]) -> Verdict:
    goal = f"{comparison.row}, {comparison.ours} / {comparison.peer}"
    if not now or not before:
        return Verdict(goal, None, "not measured" if not now else "no committed ratio")
    new, old = statistics.median(now), statistics.median(before)
    worse = new > old * WORSE if comparison.kind == "time" else new < old / WORSE
    return Verdict(goal, not worse, f"median ratio {new:.2f}, committed {old:.2f}")
