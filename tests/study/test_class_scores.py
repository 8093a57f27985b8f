"""Scores of each class, from a confusion matrix."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, f1_score, precision_recall_fscore_support

from tuner.study.class_scores import ClassScores, class_scores, scores_in


def confusion_of(true, predicted, classes):
    made = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(made, (true, predicted), 1)
    return made


def test_a_model_that_always_answers_the_frequent_class_is_right_for_half_of_the_classes():
    scores = class_scores(np.array([[97, 0], [3, 0]]), ["common", "rare"])
    assert (scores.test_balanced_accuracy, scores.test_macro_f1) == (0.5, pytest.approx(97 / (2 * 98.5)))
    assert [one.model_dump() for one in scores.per_class] == [
        {"label": "common", "precision": 0.97, "recall": 1.0, "f1": pytest.approx(194 / 197), "samples": 97},
        {"label": "rare", "precision": None, "recall": 0.0, "f1": 0.0, "samples": 3},
    ]
    assert scores.never_predicted == ["rare"]


def test_the_scores_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    true, predicted = rng.integers(5, size=200), rng.integers(5, size=200)
    scores = class_scores(confusion_of(true, predicted, 5), list("abcde"))
    assert scores.test_balanced_accuracy == pytest.approx(balanced_accuracy_score(true, predicted))
    assert scores.test_macro_f1 == pytest.approx(f1_score(true, predicted, average="macro"))
    precision, recall, f1, samples = precision_recall_fscore_support(true, predicted)
    ours = [(one.precision, one.recall, one.f1, one.samples) for one in scores.per_class]
    assert np.array(ours) == pytest.approx(np.array([precision, recall, f1, samples]).T)
    assert scores.never_predicted == []


def test_a_class_without_test_samples_counts_for_nothing():
    scores = class_scores(np.array([[2, 0, 0], [0, 2, 0], [0, 0, 0]]), ["a", "b", "c"])
    assert (scores.test_balanced_accuracy, scores.test_macro_f1) == (1.0, 1.0)
    last = scores.per_class[2]
    assert (last.precision, last.recall, last.f1, last.samples) == (None, None, None, 0)
    assert scores.never_predicted == []


def test_metadata_gives_them_back_and_older_metadata_have_none():
    scores = class_scores(np.array([[1, 1], [0, 2]]), ["a", "b"])
    assert scores_in({"trial_number": 1, **scores.model_dump(mode="json")}) == scores
    assert scores_in({"trial_number": 1}) == ClassScores()
