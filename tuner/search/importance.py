"""Computes how much each hyperparameter decided a study's objective, by functional ANOVA over its trials.

A parameter's importance is the share of the objective's variance over the trials that its value explains by itself,
averaged over all others, as Optuna's `FanovaImportanceEvaluator` finds it with a random forest (F. Hutter, H. Hoos,
K. Leyton-Brown: An Efficient Approach for Assessing Hyperparameter Importance, ICML 2014). The shares are scaled to
sum 1: variance that only several parameters explain together counts for none of them. Optuna's default, PED-ANOVA, only
compares the best trials with all of them; in simulated studies of 10 to 40 trials with one decisive parameter among
eleven it often ranked another one first, where fANOVA was right from 20 trials on.

A conditional parameter is judged among the trials that have it, times their part of all variance: share of trials *
variance among them / variance of all (law of total variance). Numbers are judged by their rank among the values tried,
since tree splits need no scale; variants of one name are ranked each among its own kind and judged as one.

Completed and pruned trials count with their best objective, diverged ones as the worst; failed, rejected and cancelled
ones say nothing about it. An outlier on the bad side, such as one exploded loss, is moved to Tukey's fence (1.5
interquartile ranges from the quartile; Exploratory Data Analysis, 1977), or it alone would be most of the variance. The
result depends neither on the order of the trials nor on chance: the forest's seed is fixed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import pvariance, quantiles

from tuner.errors import FixInputError
from tuner.events import Scalar, TrialStatus
from tuner.objectives import Objective, maximised
from tuner.search.parameter import is_number
from tuner.search.space import variants
from tuner.store import TrialRow

EVALUATOR = "fanova"
JUDGED: tuple[TrialStatus, ...] = ("completed", "pruned", "diverged")
"""Trials of the other statuses say nothing about a network."""
MIN_TRIALS = 10
"""With fewer trials the forest finds patterns in pure noise."""
MIN_WITH_PARAMETER = 5
"""Trials that a conditional parameter needs; with fewer its importance is 0."""
FENCE = 1.5
"""Distance of Tukey's fence from the quartile, in interquartile ranges."""
MOST_TRIALS = 1_000
"""Trials that are judged at most, evenly spread over a larger study: 10,000 took longer than a page waits."""
TREES, DEPTH = 32, 6
"""Of the forest. More and deeper trees took four times as long for the same shares to within 0.1."""


class UnknownImportanceError(FixInputError):
    """The importance is unknown: more trials must end, or more parameters must vary."""


def usable(trials: Sequence[TrialRow]) -> list[TrialRow]:
    """The trials whose objective counts: completed, pruned and diverged ones."""
    return [
        trial
        for trial in trials
        if trial.status in JUDGED and (trial.status == "diverged" or trial.objective is not None)
    ]


def judged(trials: Sequence[TrialRow]) -> list[TrialRow]:
    """At most MOST_TRIALS of the `usable` trials, evenly spread."""
    used = usable(trials)
    step = max(1.0, len(used) / MOST_TRIALS)
    return [used[int(place * step)] for place in range(min(len(used), MOST_TRIALS))]


def importance(trials: Sequence[TrialRow], objective: Objective) -> dict[str, float]:
    """Importance of each hyperparameter that varied, by name: in [0, 1], sum 1, the most important first.

    Takes seconds: it imports scikit-learn and grows a forest for each set of conditions.

    Raises:
        UnknownImportanceError: too few trials, a constant objective, or nothing that varied.
    """
    used = judged(trials)
    if len(used) < MIN_TRIALS:
        raise UnknownImportanceError(
            f"needs at least {MIN_TRIALS} trials, has {len(used)}",
            remedy="completed, pruned and diverged ones count",
        )
    scores = scores_of(used, objective)
    if min(scores) == max(scores):
        raise UnknownImportanceError(f"all {len(used)} trials have the same objective", remedy="try more")
    columns = columns_of(used)
    if not columns:
        raise UnknownImportanceError(f"no parameter varied over the {len(used)} trials", remedy="widen the space")
    explained = _explained(columns, scores)
    total = sum(explained.values())
    if total <= 0:
        raise UnknownImportanceError(f"no parameter made a difference in {len(used)} trials", remedy="try more")
    return {name: explained[name] / total for name in sorted(explained, key=lambda name: (-explained[name], name))}


@dataclass(frozen=True)
class Column:
    """Values of one parameter, by the index of the trials that have it."""

    values: Mapping[int, float]
    """A number's rank among the values tried, in (0, 1), or the index of a choice."""
    choices: int
    """Number of choices; 0 for a number."""


def scores_of(trials: Sequence[TrialRow], objective: Objective) -> list[float]:
    """The objective of each trial, scaled to [0, 1], higher is better, without outliers on the bad side."""
    sign = 1.0 if maximised(objective) else -1.0
    known = [None if of.status == "diverged" or of.objective is None else sign * of.objective for of in trials]
    finite = [score for score in known if score is not None]
    if not finite:
        return [0.0] * len(trials)
    best, worst = max(finite), min(finite)
    lower, _, upper = quantiles(finite, n=4, method="inclusive") if len(finite) > 1 else [best] * 3
    # More than half the trials may agree: then everything else would be an outlier, and none is moved.
    fence = lower - FENCE * (upper - lower) if upper > lower else worst - ((best - worst) or 1.0)
    return [0.0 if score is None else max(0.0, (score - fence) / (best - fence)) for score in known]


def columns_of(trials: Sequence[TrialRow]) -> dict[str, Column]:
    """Columns of the parameters that varied, by name."""
    values: dict[str, dict[int, Scalar]] = {}
    for index, trial in enumerate(trials):
        for name, value in trial.hyperparameters.items():
            values.setdefault(name, {})[index] = value
    kinds = [variants(trial.hyperparameters) for trial in trials]
    columns = {}
    for name, known in sorted(values.items()):
        choices = sorted({_identity(value) for value in known.values()})
        numbers = {index: float(value) for index, value in known.items() if is_number(value)}
        if len(choices) > 1 and len(numbers) == len(known):
            columns[name] = Column(_places(numbers, [kind.get(name) for kind in kinds]), 0)
        elif len(choices) > 1:
            columns[name] = Column({i: float(choices.index(_identity(v))) for i, v in known.items()}, len(choices))
    return columns


def _places(numbers: Mapping[int, float], variant: Sequence[str | None]) -> dict[int, float]:
    """Share of smaller values of the same variant; equal values count half."""
    kinds: dict[str | None, list[float]] = {}
    for index, number in sorted(numbers.items(), key=lambda one: one[1]):
        kinds.setdefault(variant[index], []).append(number)

    places = {}
    for index, number in numbers.items():
        kind = kinds[variant[index]]
        places[index] = (bisect_left(kind, number) + bisect_right(kind, number)) / 2 / len(kind)
    return places


def _identity(value: Scalar) -> tuple[str, str]:
    """A key that distinguishes values as people do: 1 and 1.0 are equal, 1 and True are not, "1" is text."""
    return ("number", repr(float(value))) if is_number(value) else (type(value).__name__, str(value))


def _explained(columns: Mapping[str, Column], scores: Sequence[float]) -> dict[str, float]:
    """Share of the variance of all scores that each parameter explains, in [0, 1]."""
    everything = pvariance(scores)
    explained = dict.fromkeys(columns, 0.0)
    forests: dict[frozenset[int], dict[str, float]] = {}
    for name, column in columns.items():
        having = frozenset(column.values)
        within = pvariance([scores[index] for index in having])
        if len(having) < MIN_WITH_PARAMETER or within == 0:
            continue
        if having not in forests:
            forests[having] = _main_effects(columns, scores, having)
        explained[name] = len(having) / len(scores) * within / everything * forests[having].get(name, 0.0)
    return explained


def _main_effects(columns: Mapping[str, Column], scores: Sequence[float], having: frozenset[int]) -> dict[str, float]:
    """Share of the variance among the trials `having` that each parameter explains which all of them have."""
    import optuna
    from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution

    present = {
        name: column
        for name, column in columns.items()
        if having <= column.values.keys() and len({column.values[index] for index in having}) > 1
    }
    distributions: dict[str, BaseDistribution] = {
        name: CategoricalDistribution(range(column.choices)) if column.choices else FloatDistribution(0.0, 1.0)
        for name, column in present.items()
    }
    # Sorted: the forest draws its samples by their position.
    lines = sorted((*(column.values[index] for column in present.values()), scores[index]) for index in having)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study()
    for *values, score in lines:
        asked = {name: int(v) if present[name].choices else v for name, v in zip(present, values, strict=True)}
        study.add_trial(optuna.trial.create_trial(value=score, params=asked, distributions=distributions))
    evaluator = optuna.importance.FanovaImportanceEvaluator(n_trees=TREES, max_depth=DEPTH, seed=0)
    try:
        return {name: float(share) for name, share in evaluator.evaluate(study).items()}
    except RuntimeError:  # "Encountered zero total variance in all trees": no split separates these scores
        return {}
