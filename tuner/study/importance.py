"""The importance of each hyperparameter of a study, for its objective or another metric."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from tuner.errors import in_one_line
from tuner.objectives import TIMES, Objective
from tuner.search.importance import EVALUATOR, JUDGED, MOST_TRIALS, UnknownImportanceError, importance, judged
from tuner.store import Store, TrialRow
from tuner.store.trial_queries import TrialQueries

COSTS: tuple[Objective, ...] = ("parameter_count", *TIMES)
"""Metrics that do not say whether a network learned: a diverged trial counts with its own value."""


class Importance(BaseModel):
    """The importance of a study's hyperparameters, or why it is unknown."""

    model_config = ConfigDict(frozen=True)

    importance: dict[str, float] | None = Field(
        description="By name, in [0, 1], sum 1, the most important first; null: not known."
    )
    reason: str | None = Field(description="Why it is not known, in one line.")
    trials_used: int = Field(
        description="Trials that it is judged by: completed, pruned and diverged ones, of large studies 1,000."
    )
    evaluator: str = Field(description="fanova: functional ANOVA (Hutter et al., ICML 2014).")


def study_importance(store: Store, name: str, metric: Objective | None = None) -> Importance:
    """Return the importance of a study's hyperparameters, by the trials that have ended so far.

    Args:
        metric: What they are judged by; None: the study's first objective.
    """
    trials, objective = TrialQueries(store).spread(name, JUDGED, MOST_TRIALS), store.study(name).spec.objectives[0]
    if metric is None or metric == objective:
        return importance_of(trials, objective)
    if trials and not any(metric in trial.values for trial in trials):
        return Importance(importance=None, reason=f"no trial has {metric}", trials_used=0, evaluator=EVALUATOR)
    return importance_of([judged_by(trial, metric) for trial in trials], metric)


def judged_by(trial: TrialRow, metric: Objective) -> TrialRow:
    """The trial with another metric as its objective."""
    value, status = trial.values.get(metric), trial.status
    if metric in COSTS and status == "diverged":
        status = "completed"
    return trial.model_copy(update={"objective": value, "status": status})


def importance_of(trials: Sequence[TrialRow], objective: Objective) -> Importance:
    """Return the importance by these trials. It never fails: if it is unknown, the result says why."""
    known, reason = None, None
    try:
        known = importance(trials, objective)
    except UnknownImportanceError as error:
        reason = error.message
    except Exception as error:  # noqa: BLE001 - a study's end and its summary do not depend on it
        reason = f"it could not be computed: {in_one_line(error)}"
    return Importance(importance=known, reason=reason, trials_used=len(judged(trials)), evaluator=EVALUATOR)
