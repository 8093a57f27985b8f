"""Whether the goals of `bench_results` are met, from its records alone. All accuracies are test accuracies, in [0, 1].

A model that was saved late counts for no goal.

The same split is behind all records of a data set and seed, so records of one seed are compared with each other.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.benchmarks.accuracy.cells import DATA, Record, is_late

GOALS = {"imdb": 0.85, "ag_news": 0.89, "digits": 0.985, "mnist": 0.985}
"""Least median of the tuner."""
OTHERS = ("keras_tuner", "optuna", "engineer")
LOST_AT_MOST = 1
"""Number of data sets on which one of the others may have the better median."""


@dataclass(frozen=True)
class Verdict:
    """One goal: what it asks, whether it is met, and the figures that show it. None: not all is measured."""

    goal: str
    met: bool | None
    evidence: str


def verdicts(records: Sequence[Record], minutes: float = 3.0) -> list[Verdict]:
    """One verdict for each goal and data set, of the records with these minutes."""
    records = [record for record in records if record["minutes"] == minutes and not is_late(record)]
    found = []
    for data in DATA:
        tuner, baseline = by_seed(records, data, "tuner"), by_seed(records, data, "baseline")
        found += [
            at_least(f"{data}: median at least the baseline's", median(tuner), median(baseline)),
            no_seed_far_below(data, tuner, baseline),
        ]
        if data in GOALS:
            found.append(at_least(f"{data}: median at least {GOALS[data]:g}", median(tuner), GOALS[data]))
        found.append(first_trials(data, tuner, by_seed(records, data, "engineer")))
    return [*found, best_of_all(records)]


def by_seed(records: Iterable[Record], data: str, method: str) -> dict[int, Record]:
    """The records of a method on a data set, by their seeds."""
    return {record["seed"]: record for record in records if (record["data"], record["method"]) == (data, method)}


def median(of: dict[int, Record]) -> float | None:
    """Median test accuracy; None without records."""
    return statistics.median(record["test_accuracy"] for record in of.values()) if of else None


def standard_error(accuracy: float, samples: int) -> float:
    """Of an accuracy that was measured on this number of samples (binomial)."""
    return math.sqrt(accuracy * (1 - accuracy) / samples)


def at_least(goal: str, value: float | None, bound: float | None) -> Verdict:
    """Whether the value reaches the bound."""
    if value is None or bound is None:
        return Verdict(goal, None, "not measured")
    return Verdict(goal, value >= bound, f"{value:.4f} beside {bound:.4f}")


def no_seed_far_below(data: str, tuner: dict[int, Record], baseline: dict[int, Record]) -> Verdict:
    """Whether no seed is more than one standard error of its test set below the baseline of the same seed."""
    goal = f"{data}: no seed more than one standard error below the baseline"
    gaps = {
        seed: (tuner[seed]["test_accuracy"] - baseline[seed]["test_accuracy"])
        / max(standard_error(baseline[seed]["test_accuracy"], baseline[seed]["test_samples"]), 1e-12)
        for seed in sorted(tuner.keys() & baseline.keys())
    }
    shown = ", ".join(f"seed {seed}: {gap:+.1f}" for seed, gap in gaps.items())
    return Verdict(goal, all(gap >= -1 for gap in gaps.values()) if gaps else None, shown or "not measured")


def first_trials(data: str, tuner: dict[int, Record], engineer: dict[int, Record]) -> Verdict:
    """Whether the first trial that ended is no worse than the engineer's network after the same seconds.

    The seconds of both count from the command. Before its first epoch the engineer has no network.
    """
    goal = f"{data}: the first trial that ends is no worse than the engineer's network after the same seconds"
    seeds = sorted(tuner.keys() & engineer.keys())
    if not seeds:
        return Verdict(goal, None, "not measured")
    met, shown = True, []
    for seed in seeds:
        first = tuner[seed]["first_trial"]
        if first is None:
            met = False
            shown.append(f"seed {seed}: no trial ended")
            continue
        ours, theirs = first["test_accuracy"], accuracy_after(engineer[seed]["curve"], first["ended_s"])
        met &= theirs is None or ours >= theirs
        beside = "nothing" if theirs is None else f"{theirs:.3f}"
        shown.append(f"seed {seed}: {ours:.3f} beside {beside} after {first['ended_s']:.0f} s")
    return Verdict(goal, met, ", ".join(shown))


def accuracy_after(curve: Sequence[Record], seconds: float) -> float | None:
    """Test accuracy of the best weights by validation after so many seconds; None before the first epoch.

    Only epochs that were the best so far have a test accuracy.
    """
    tested = [one["test_accuracy"] for one in curve if one["ended_s"] <= seconds and one["test_accuracy"] is not None]
    return tested[-1] if tested else None


def best_of_all(records: Sequence[Record]) -> Verdict:
    """Whether the tuner's median is at least the best of the others' on all data sets but `LOST_AT_MOST`."""
    goal = f"at least the best of the others' medians on all data sets but {LOST_AT_MOST}"
    lost, complete = [], True
    for data in DATA:
        ours = median(by_seed(records, data, "tuner"))
        others = {method: median(by_seed(records, data, method)) for method in OTHERS}
        known = {method: value for method, value in others.items() if value is not None}
        if ours is None or len(known) < len(OTHERS):
            complete = False
            continue
        best = max(known, key=lambda method: known[method])
        if ours < known[best]:
            lost.append(f"{data} ({ours:.4f}, {best} {known[best]:.4f})")
    met = False if len(lost) > LOST_AT_MOST else True if complete else None
    return Verdict(goal, met, f"better on {', '.join(lost)}" if lost else "none is better")
