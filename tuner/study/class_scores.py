"""Scores of each class from a confusion matrix, and scores that count every class alike (`tuner.class_counts`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from tuner.class_counts import ClassCounts
from tuner.data import Array
from tuner.study.wording import clean

MOST_NAMED = 5
"""Classes that a warning names at most."""


class ClassScore(BaseModel):
    """The scores of one class, each in [0, 1]."""

    model_config = ConfigDict(frozen=True)

    label: str
    precision: float | None = Field(description="Share of its predictions that are right; null: never predicted.")
    recall: float | None = Field(description="Share of its samples that are recognised; null: it has no samples.")
    f1: float | None = Field(description="2 P R / (P + R) of precision and recall; null: neither occurs.")
    samples: int = Field(description="Samples of this class.")


class ClassScores(BaseModel):
    """The scores of all classes on the test data; empty for a model that was tested by an earlier version."""

    model_config = ConfigDict(frozen=True)

    test_balanced_accuracy: float | None = Field(default=None, description="Mean recall of the classes with samples.")
    test_macro_f1: float | None = Field(default=None, description="Mean F1 score of the classes that occur.")
    per_class: tuple[ClassScore, ...] = Field(default=(), description="The scores of each class, in label order.")

    @property
    def never_predicted(self) -> list[str]:
        """Labels of the classes that have samples and that the model predicts for none."""
        return [one.label for one in self.per_class if one.samples and one.precision is None]

    def worst(self, most: int) -> list[ClassScore]:
        """At most that many classes: all in label order, or of more classes those with the lowest F1, worst first."""
        if len(self.per_class) <= most:
            return list(self.per_class)
        return sorted(self.per_class, key=_worst_first)[:most]


def never_predicted_text(scores: ClassScores) -> str | None:
    """A warning that names the classes that are never predicted; None if there are none."""
    missing = scores.never_predicted
    if not missing:
        return None
    names = ", ".join(repr(clean(label)) for label in missing[:MOST_NAMED])
    more = f" and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
    return f"{len(missing)} of {len(scores.per_class)} classes never predicted: {names}{more}"


def _worst_first(one: ClassScore) -> tuple[bool, float]:
    return one.f1 is None, one.f1 or 0.0


def class_scores(confusion: Array, labels: Sequence[str]) -> ClassScores:
    """Return the scores by a confusion matrix of counts, shape (classes, classes), true classes first."""
    whole = confusion.astype(np.int64)
    counts = ClassCounts(whole.diagonal(), whole.sum(axis=0), whole.sum(axis=1))
    right, predicted, samples = (part.tolist() for part in (counts.right, counts.predicted, counts.samples))
    per_class = tuple(
        ClassScore(
            label=label,
            precision=right[index] / predicted[index] if predicted[index] else None,
            recall=right[index] / samples[index] if samples[index] else None,
            # 2 P R / (P + R) without a division by zero where nothing is right.
            f1=2 * right[index] / (samples[index] + predicted[index]) if samples[index] + predicted[index] else None,
            samples=samples[index],
        )
        for index, label in enumerate(labels)
    )
    return ClassScores(
        test_balanced_accuracy=counts.balanced_accuracy,
        test_macro_f1=counts.macro_f1,
        per_class=per_class,
    )


def scores_in(metadata: dict[str, Any]) -> ClassScores:
    """Return the scores in the metadata of a saved model; empty if it has none."""
    return ClassScores.model_validate({name: metadata[name] for name in ClassScores.model_fields if name in metadata})
