"""Scores of each class from a confusion matrix, and scores that count every class alike.

The accuracy hides a rare class: a model that always answers the frequent one is right for most samples. The balanced
accuracy is the mean recall of the classes, and macro F1 the mean F1 score (Sokolova and Lapalme, A Systematic Analysis
of Performance Measures for Classification Tasks, 2009). Both are as scikit-learn computes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from tuner.data import Array


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


def class_scores(confusion: Array, labels: Sequence[str]) -> ClassScores:
    """Return the scores by a confusion matrix of counts, shape (classes, classes), true classes first."""
    right = confusion.diagonal().tolist()
    samples, predicted = confusion.sum(axis=1).tolist(), confusion.sum(axis=0).tolist()
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
        test_balanced_accuracy=_mean([one.recall for one in per_class]),
        test_macro_f1=_mean([one.f1 for one in per_class]),
        per_class=per_class,
    )


def scores_in(metadata: dict[str, Any]) -> ClassScores:
    """Return the scores in the metadata of a saved model; empty if it has none."""
    return ClassScores.model_validate({name: metadata[name] for name in ClassScores.model_fields if name in metadata})


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return mean(known) if known else None
