"""What figures of samples are drawn from."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix

from tests.plots.predicted import ODD_LABELS, diverged, random_predictions, without_samples
from tuner.plots.samples import Predictions, class_names, percent
from tuner.plots.style import Caption


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_predictions_are_counted_as_by_scikit_learn(dtype):
    drawn = random_predictions(7)
    given = Predictions("test", drawn.y, drawn.probabilities.astype(dtype), drawn.labels)
    predicted = np.argmax(given.probabilities, axis=1)
    assert given.predicted.tolist() == predicted.tolist()
    np.testing.assert_array_equal(given.confusion, confusion_matrix(given.y, predicted, labels=range(7)))
    assert given.accuracy == accuracy_score(given.y, predicted)
    np.testing.assert_array_equal(
        given.confidence, np.take_along_axis(given.probabilities, predicted[:, None], 1)[:, 0]
    )
    assert given.right.tolist() == [one == other for one, other in zip(given.y, predicted, strict=True)]


def test_a_class_without_samples_has_a_row_and_a_column():
    given = Predictions("test", np.array([0, 0]), np.eye(3)[[0, 1]], ("a", "b", "c"))
    assert given.confusion.tolist() == [[1, 1, 0], [0, 0, 0], [0, 0, 0]]


def test_missing_predictions_are_explained():
    assert without_samples().missing == "The validation split has no samples."
    assert "not finite" in (diverged().missing or "")
    assert random_predictions(2).missing is None
    assert np.isnan(without_samples().accuracy)
    assert without_samples().confusion.sum() == 0


def test_the_caption_says_the_split_and_the_number_of_samples():
    caption = random_predictions(2, 1200).captioned(Caption("mnist", trial=17, note="note"))
    assert str(caption) == "Trial 17 · mnist · validation, 1,200 samples · note"


def test_names_that_would_look_alike_begin_with_their_number():
    assert class_names(["cat", "dog"], 10) == ["cat", "dog"]
    assert class_names(["a long name, first", "a long name, second", "cat"], 8) == ["0: a lo…", "1: a lo…", "cat"]
    assert class_names(["", "\U00012000", "cat"], 8) == ["0:", "1: □", "cat"]
    assert len(set(class_names([*ODD_LABELS, "犬"], 16))) == len(ODD_LABELS) + 1


def test_percents():
    assert percent(0.9741) == "97.4\u00a0%"
    assert percent(0.0) == "0.0\u00a0%"
    assert percent(0.256, 0) == "26\u00a0%"
