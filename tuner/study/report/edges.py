"""Finds hyperparameters whose best values lie at an end of their range: the range may be too narrow."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tuner.events import SearchParameter
from tuner.search.parameter import is_number
from tuner.store import TrialRow

BEST = 3
"""Best trials that must all be at the same end."""
FEWEST = 12
"""Completed trials below which three of them agree too easily."""
CLOSE = 0.08
"""Share of a range at each of its ends that counts as its end."""
MOST = 2
"""Hyperparameters that are named at most, the most important first."""
WIDER = 10.0
"""Factor by which a logarithmic range is widened."""


@dataclass(frozen=True)
class Edge:
    """A hyperparameter whose best values lie at an end of its range."""

    name: str
    end: Literal["lower", "upper"]
    trials: int
    """Number of best trials that are there."""
    low: float
    high: float
    log: bool

    @property
    def way(self) -> str:
        return "higher" if self.end == "upper" else "lower"

    @property
    def range(self) -> str:
        return f"{self.low:g} to {self.high:g}"

    @property
    def setting(self) -> str:
        """A wider range as a setting of a study."""
        width = self.high - self.low
        if self.end == "upper":
            return f"space.{self.name}={self.low:g}..{self.high * WIDER if self.log else self.high + width:g}"
        return f"space.{self.name}={self.low / WIDER if self.log else max(0.0, self.low - width):g}..{self.high:g}"


def edges(
    space: Sequence[SearchParameter], ranked: Sequence[TrialRow], importance: Mapping[str, float] | None
) -> list[Edge]:
    """The hyperparameters whose value is at the same end in the best trials, the most important first.

    Args:
        ranked: Completed trials, the best first.
        importance: Importance by name, if known: hyperparameters without any are left out.
    """
    if len(ranked) < FEWEST:
        return []
    times = Counter(parameter.name for parameter in space)
    found = [edge for one in space if times[one.name] == 1 and (edge := _edge(one, ranked[:BEST]))]
    if importance is not None:
        found = [edge for edge in found if importance.get(edge.name, 0.0) > 0.05]
        found.sort(key=lambda edge: -importance[edge.name])
    return found[:MOST]


def _edge(parameter: SearchParameter, best: Sequence[TrialRow]) -> Edge | None:
    low, high = parameter.low, parameter.high
    if parameter.kind != "float" or low is None or high is None or low >= high:
        return None  # a whole number is often at an end of its few values
    values = [trial.hyperparameters.get(parameter.name) for trial in best]
    places = [_place(float(value), low, high, parameter.log) for value in values if is_number(value)]
    if len(places) < len(best):
        return None
    if min(places) >= 1 - CLOSE:
        return Edge(parameter.name, "upper", len(best), low, high, parameter.log)
    if max(places) <= CLOSE and low > 0:  # 0 is the natural end of rates and shares
        return Edge(parameter.name, "lower", len(best), low, high, parameter.log)
    return None


def _place(value: float, low: float, high: float, log: bool) -> float:
    """Where a value lies between two bounds, 0 to 1."""
    if log and low > 0 and value > 0:
        value, low, high = math.log(value), math.log(low), math.log(high)
    return (value - low) / (high - low)
