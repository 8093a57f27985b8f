"""Finds whether an objective improves with higher or lower values of a hyperparameter, or with which choice.

A number has a direction by Spearman's rank correlation, with values ranked as for the importance. A choice is best by
the mean of its trials, if Kruskal and Wallis's test separates the choices (Use of Ranks in One-Criterion Variance
Analysis, 1952). The significance level is divided by the number of parameters (Bonferroni): in a study where no
parameter matters, 19 times out of 20 none has a direction. A parameter that is best in the middle has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean

from pydantic import BaseModel, ConfigDict, Field

from tuner.events import Scalar
from tuner.objectives import Objective
from tuner.search.importance import MIN_TRIALS, Column, columns_of, scores_of, usable
from tuner.store import TrialRow

LEVEL = 0.05
"""Probability of any direction in a study where no parameter matters."""


class Direction(BaseModel):
    """How an objective depends on one hyperparameter."""

    model_config = ConfigDict(frozen=True)

    rank_correlation: float | None = Field(
        default=None,
        description="Correlation of a number with the quality of trials, in [-1, 1]; above 0: higher is better.",
    )
    best_choice: Scalar | None = Field(default=None, description="The choice that was best on average.")
    mean: float | None = Field(default=None, description="Mean objective of the trials with the best choice.")

    def __str__(self) -> str:
        if self.rank_correlation is not None:
            way = "higher" if self.rank_correlation > 0 else "lower"
            return f"the {way}, the better (rank correlation {self.rank_correlation:+.2f})"
        choice = str(self.best_choice).lower() if isinstance(self.best_choice, bool) else self.best_choice
        return f"best with {choice}" + ("" if self.mean is None else f" ({self.mean:.2f} on average)")


def directions(trials: Sequence[TrialRow], objective: Objective) -> dict[str, Direction]:
    """Directions by name of the hyperparameters that have one; empty for fewer than 10 trials.

    Takes seconds, since it imports SciPy.
    """
    used = usable(trials)
    if len(used) < MIN_TRIALS:
        return {}
    scores = scores_of(used, objective)
    columns = columns_of(used)
    found = {name: _direction(name, column, used, scores, LEVEL / len(columns)) for name, column in columns.items()}
    return {name: direction for name, direction in found.items() if direction is not None}


def _direction(
    name: str, column: Column, trials: Sequence[TrialRow], scores: Sequence[float], level: float
) -> Direction | None:
    from scipy import stats

    scored = [scores[index] for index in column.values]
    if min(scored) == max(scored):
        return None
    if not column.choices:
        places = list(column.values.values())
        if len(set(places)) < 2:
            return None
        correlation = stats.spearmanr(places, scored)
        return Direction(rank_correlation=correlation.statistic) if correlation.pvalue <= level else None
    groups: dict[float, list[int]] = {}
    for index, choice in column.values.items():
        groups.setdefault(choice, []).append(index)
    if stats.kruskal(*([scores[index] for index in group] for group in groups.values())).pvalue > level:
        return None
    best = max(groups.values(), key=lambda group: mean(scores[index] for index in group))
    values = [value for index in best if (value := trials[index].objective) is not None]
    return Direction(best_choice=trials[best[0]].hyperparameters[name], mean=mean(values) if values else None)
