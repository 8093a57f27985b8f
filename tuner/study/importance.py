"""How important each hyperparameter was in a study: for the command line, the API, the figures and notebooks."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from tuner.objectives import Objective
from tuner.search.importance import EVALUATOR, UnknownImportanceError, importance, usable
from tuner.store import Store, TrialRow


class Importance(BaseModel):
    """What is known of a study's hyperparameters."""

    model_config = ConfigDict(frozen=True)

    importance: dict[str, float] | None = Field(
        description="By name, in [0, 1], sum 1, the most important first; null: not known."
    )
    reason: str | None = Field(description="Why it is not known, in one line.")
    trials_used: int = Field(description="Trials that it is judged by: completed, pruned and diverged ones.")
    evaluator: str = Field(description="fanova: functional ANOVA (Hutter et al., ICML 2014).")


def study_importance(store: Store, name: str) -> Importance:
    """The importance of a study's hyperparameters by the trials that have ended so far.

    Raises:
        UnknownStudyError: there is no such study.
    """
    return importance_of(store.trials(name), store.study(name).spec.objectives[0])


def importance_of(trials: Sequence[TrialRow], objective: Objective) -> Importance:
    """The same, of trials that were read already. Never fails: what is not known comes with the reason."""
    known, reason = None, None
    try:
        known = importance(trials, objective)
    except UnknownImportanceError as error:
        reason = error.message
    return Importance(importance=known, reason=reason, trials_used=len(usable(trials)), evaluator=EVALUATOR)
