"""The scores that count every class alike are those of scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score, recall_score

from tuner.class_counts import ClassCounts, Counts


def counts_of(true: Counts, predicted: Counts, classes: int) -> ClassCounts:
    right, given, samples = (
        np.bincount(part, minlength=classes) for part in (true[true == predicted], predicted, true)
    )
    return ClassCounts(right, given, samples)


@pytest.mark.parametrize("seed", range(5))
def test_they_are_those_of_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    true, predicted = rng.choice(4, 60, p=[0.7, 0.2, 0.1, 0.0]), rng.choice(4, 60, p=[0.8, 0.1, 0.05, 0.05])
    counts = counts_of(true, predicted, 5)
    assert counts.balanced_accuracy == pytest.approx(
        recall_score(true, predicted, average=None, labels=[0, 1, 2]).mean()
    )
    assert counts.macro_f1 == pytest.approx(f1_score(true, predicted, average="macro", zero_division=0))


def test_always_answering_the_frequent_class_is_right_for_one_of_two_classes() -> None:
    counts = counts_of(np.array([0] * 97 + [1] * 3), np.zeros(100, int), 2)
    assert (counts.balanced_accuracy, counts.macro_f1) == (0.5, pytest.approx(97 / (2 * 98.5)))


def test_without_samples_there_is_no_score() -> None:
    nothing = counts_of(np.array([], int), np.array([], int), 3)
    assert (nothing.balanced_accuracy, nothing.macro_f1) == (None, None)
