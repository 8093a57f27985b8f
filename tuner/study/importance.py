"""The importance of each hyperparameter of a study."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from tuner.errors import in_one_line
from tuner.objectives import Objective
from tuner.search.importance import EVALUATOR, UnknownImportanceError, importance, usable
from tuner.store import Store, TrialRow


class Importance(BaseModel):
    """The importance of a study's hyperparameters, or why it is unknown."""

    model_config = ConfigDict(frozen=True)

    importance: dict[str, float] | None = Field(
        description="By name, in [0, 1], sum 1, the most important first; null: not known."
    )
    reason: str | None = Field(description="Why it is not known, in one line.")
    trials_used: int = Field(description="Trials that it is judged by: completed, pruned and diverged ones.")
    evaluator: str = Field(description="fanova: functional ANOVA (Hutter et al., ICML 2014).")


def study_importance(store: Store, name: str) -> Importance:
    """Return the importance of a study's hyperparameters, by the trials that have ended so far."""
    return importance_of(store.trials(name), store.study(name).spec.objectives[0])


def importance_of(trials: Sequence[TrialRow], objective: Objective) -> Importance:
    """Return the importance by these trials. It never fails: if it is unknown, the result says why."""
    known, reason = None, None
    try:
        known = importance(trials, objective)
    except UnknownImportanceError as error:
        reason = error.message
    except Exception as error:  # noqa: BLE001 - a study's end and its summary do not depend on it
        reason = f"it could not be computed: {in_one_line(error)}"
    return Importance(importance=known, reason=reason, trials_used=len(usable(trials)), evaluator=EVALUATOR)
