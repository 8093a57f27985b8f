"""The explanation of a study over HTTP: its diagnosis, and what to try next."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from tuner.study.explain import Explanation
from tuner.study.report.next_steps import Step


class NextStep(BaseModel):
    """One thing to try."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    what: str
    why: str = Field(description="The evidence for it, in one or two sentences.")
    how: tuple[str, ...] = Field(
        description="What to change, the most promising first; texts in backquotes are commands or settings."
    )


class StudyExplanation(Explanation):
    """The diagnosis of a study, and what to try next."""

    next_steps: tuple[NextStep, ...] = Field(description="The most promising first; empty: nothing to suggest.")

    @classmethod
    def of(cls, found: Explanation, steps: Sequence[Step]) -> StudyExplanation:
        shown = tuple(NextStep.model_validate(step) for step in steps)
        return cls(**{name: getattr(found, name) for name in Explanation.model_fields}, next_steps=shown)
