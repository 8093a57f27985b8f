"""Replays curves of full trainings to the product's ASHA, in simulated time. Nothing is trained here."""

from __future__ import annotations

import heapq
import math
import random
import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from unittest import mock

from tuner.search import scheduler_report
from tuner.search.rungs import make_rungs
from tuner.search.schedulers import make_scheduler
from tuner.search.space import Space
from tuner.spec import StudySpec

GRACES = (1, 2, 3)
WORKERS = 2


@dataclass(frozen=True)
class Curve:
    """A full training: after each epoch its validation accuracy in [0, 1] and the epoch's seconds."""

    data: str
    kind: str
    """The kind of network."""
    number: int
    steps: int
    """Training steps of an epoch."""
    chance: float
    """Validation accuracy of the most frequent class."""
    samples: int
    """Validation samples."""
    accuracy: tuple[float, ...]
    seconds: tuple[float, ...]

    @cached_property
    def final(self) -> float:
        """Accuracy at the best epoch, whose weights a trial keeps."""
        return max(self.accuracy)

    @cached_property
    def at_chance(self) -> float:
        """An accuracy up to this is no better than chance: within two standard errors."""
        return self.chance + 2 * math.sqrt(self.chance * (1 - self.chance) / self.samples)


@dataclass(frozen=True)
class Setting:
    """What protects a trial from being pruned, and what the rungs are."""

    grace: int
    """Epochs."""
    least_steps: int
    budget_s: float | None = None
    """Time budget of the study, whose rungs are in seconds then; None: they are in epochs."""

    def spec(self, epochs: int) -> StudySpec:
        return StudySpec(min_epochs_per_trial=self.grace, max_epochs_per_trial=epochs, time_budget_s=self.budget_s)


@dataclass(frozen=True)
class Pruned:
    """The end of a trial that the scheduler stopped."""

    comparison: int
    """From 1: the first comparison is at the first rung after its grace."""
    epoch: int


Outcome = dict[int, Pruned]
"""The pruned trials of one replay, by their numbers."""


@dataclass(frozen=True)
class _Trial:
    """What a scheduler needs of a trial. Schedulers keep trials in sets."""

    trial_id: str


def replay(curves: Sequence[Curve], setting: Setting, seed: int) -> Outcome:
    """Train the curves in the order of the seed on `WORKERS` workers; return which are pruned."""
    epochs = max(len(curve.accuracy) for curve in curves)
    spec = setting.spec(epochs)
    rungs = make_rungs(spec, WORKERS)
    scheduler = make_scheduler(spec, Space(()), rungs, WORKERS)
    waiting = list(curves)
    random.Random(seed).shuffle(waiting)
    pruned: Outcome = {}
    running: list[tuple[float, int, int]] = []
    by_number = {curve.number: curve for curve in curves}
    trials = {number: _Trial(str(number)) for number in by_number}
    compared: defaultdict[int, set[int]] = defaultdict(set)
    """The rungs at which each trial was compared."""
    unit = scheduler_report.EPOCH if rungs.unit == "epoch" else scheduler_report.TRAINED_S

    def start(now_s: float) -> None:
        if waiting:
            curve = waiting.pop()
            scheduler.on_trial_add(None, trials[curve.number])
            heapq.heappush(running, (now_s + curve.seconds[0], curve.number, 1))

    for _ in range(WORKERS):
        start(0.0)
    with mock.patch.object(scheduler_report, "LEAST_STEPS", setting.least_steps):
        while running:
            now_s, number, epoch = heapq.heappop(running)
            curve, trained_s = by_number[number], sum(by_number[number].seconds[:epoch])
            result = scheduler_report.scheduler_report(
                setting.grace, epoch, curve.accuracy[epoch - 1], trained_s, curve.steps
            )
            if unit in result:
                compared[number] |= {rungs.number(epoch, trained_s)} - {0}
            if epoch == len(curve.accuracy):
                scheduler.on_trial_complete(None, trials[number], result)
            elif scheduler.on_trial_result(None, trials[number], result) == "STOP":
                pruned[number] = Pruned(len(compared[number]), epoch)
            else:
                heapq.heappush(running, (now_s + curve.seconds[epoch], number, epoch + 1))
                continue
            start(now_s)
    return pruned


def mean_shares(curves: Sequence[Curve], setting: Setting, outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """A row for each kind of network, of the curves of one data set, with means over the outcomes.

    A share of no trial is None. `time` and `lost` are of all kinds together.
    """
    mark = sorted((curve.final for curve in curves), reverse=True)[math.ceil(len(curves) / 3) - 1]
    best = max(curve.final for curve in curves)
    good = [curve for curve in curves if curve.final >= mark and curve.final > curve.at_chance]
    learners = [curve for curve in curves if curve.final >= (curve.chance + best) / 2 and curve.final > curve.at_chance]
    whole_s = sum(sum(curve.seconds) for curve in curves)
    common = {
        "data": curves[0].data,
        "budget_s": setting.budget_s,
        "grace": setting.grace,
        "least_steps": setting.least_steps,
        "time": statistics.mean(_trained_s(curves, outcome) for outcome in outcomes) / whole_s,
        "lost": statistics.mean(best - _best_left(curves, outcome) for outcome in outcomes),
    }
    rows = []
    for kind in sorted({curve.kind for curve in curves}):
        row = common | {"kind": kind, "trainings": sum(curve.kind == kind for curve in curves)}
        for name, group in (("best_third", good), ("learners", learners)):
            ends = [outcome.get(curve.number) for outcome in outcomes for curve in group if curve.kind == kind]
            row |= {
                name: sum(curve.kind == kind for curve in group),
                f"{name}_first": _share([end is not None and end.comparison == 1 for end in ends]),
                f"{name}_any": _share([end is not None for end in ends]),
            }
        row["at_chance"] = _share(
            [
                curve.number in outcome and curve.accuracy[outcome[curve.number].epoch - 1] <= curve.at_chance
                for outcome in outcomes
                for curve in learners
                if curve.kind == kind
            ]
        )
        rows.append(row)
    return rows


def _share(of: Sequence[bool]) -> float | None:
    return statistics.mean(of) if of else None


def _trained_s(curves: Sequence[Curve], outcome: Outcome) -> float:
    return sum(
        sum(curve.seconds[: outcome[curve.number].epoch] if curve.number in outcome else curve.seconds)
        for curve in curves
    )


def _best_left(curves: Sequence[Curve], outcome: Outcome) -> float:
    """The best accuracy of all trials as far as they trained."""
    return max(
        max(curve.accuracy[: outcome[curve.number].epoch]) if curve.number in outcome else curve.final
        for curve in curves
    )
