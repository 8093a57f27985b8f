"""The figure of the scores of each class shows what scikit-learn computes."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_recall_fscore_support

from tests.plots.predicted import ODD_LABELS, certain, diverged, random_predictions, texts, without_samples
from tuner.plots.class_scores import ALL_SHOWN, BEST, WORST, class_scores_figure, scores_of
from tuner.plots.style import Caption, to_png

CAPTION = Caption("mnist", trial=3)


def expected(predictions):
    """Precision, recall and F1 score of each class, NaN where they are not defined, shape (3, classes)."""
    predicted = predictions.probabilities.argmax(axis=1)
    classes = range(len(predictions.labels))
    scores = precision_recall_fscore_support(predictions.y, predicted, labels=classes, zero_division=np.nan)
    return np.array(scores[:3])


def drawn(predictions):
    """Classes by number from the highest row down, and their scores, shape (3, rows)."""
    axes = class_scores_figure(predictions, CAPTION).axes[0]
    marks = {group.get_label(): group.get_offsets() for group in axes.collections if group.get_offsets().size > 2}
    points = [marks[name] for name in ("precision", "recall", "F1 score")]
    order = [int(label.get_text().split()[1]) for label in axes.get_yticklabels()]
    assert all((points[0][:, 1] == other[:, 1]).all() for other in points)
    assert axes.yaxis_inverted()
    return order, np.array([np.ma.filled(one[:, 0], np.nan) for one in points])


@pytest.mark.parametrize("classes", [2, 10, ALL_SHOWN])
def test_all_classes_are_shown_the_worst_first(classes):
    predictions = random_predictions(classes)
    order, scores = drawn(predictions)
    assert sorted(order) == list(range(classes))
    np.testing.assert_allclose(scores, expected(predictions)[:, order])
    assert (np.diff(scores[2]) >= 0).all()


def test_of_many_classes_the_worst_and_the_best_are_shown():
    predictions = random_predictions(100, 5_000)
    order, scores = drawn(predictions)
    all_scores = expected(predictions)
    assert len(order) == WORST + BEST
    np.testing.assert_allclose(scores, all_scores[:, order])
    ranked = np.sort(all_scores[2])
    np.testing.assert_allclose(scores[2], np.concatenate([ranked[:WORST], ranked[-BEST:]]))
    between = f"80 more classes with F1 scores from {ranked[WORST]:.2f} to {ranked[-BEST - 1]:.2f}"
    assert between in texts(class_scores_figure(predictions, CAPTION))


def test_the_mean_f1_score_is_a_line():
    predictions = random_predictions(10)
    axes = class_scores_figure(predictions, CAPTION).axes[0]
    (line,) = (line for line in axes.lines if str(line.get_label()).startswith("mean"))
    mean = f1_score(predictions.y, predictions.probabilities.argmax(axis=1), average="macro")
    assert line.get_xdata()[0] == pytest.approx(mean)
    assert line.get_label() == f"mean F1 score {mean:.3f}"


def test_scores_that_are_not_defined_are_said():
    predictions = certain([0, 0, 1, 1], [0, 0, 0, 2], ("class 0", "class 1", "class 2", "class 3"))
    order, scores = drawn(predictions)
    assert order == [1, 2, 0], "class 3 does not occur"
    np.testing.assert_allclose(scores, expected(predictions)[:, order])
    written = [" ".join(text.split()) for text in texts(class_scores_figure(predictions, CAPTION))]
    assert {"never predicted", "no samples of this class"} <= set(written)
    assert (
        "Lowest F1 score: 0.00 of class 1. 1 of 4 classes is never predicted. 2 classes have no samples here."
        in written
    )


def test_scores_of_counts():
    scores = scores_of(np.array([[2, 0, 0], [1, 0, 1], [0, 0, 0]]))
    np.testing.assert_allclose(scores.precision, [2 / 3, np.nan, 0])
    np.testing.assert_allclose(scores.recall, [1, 0, np.nan])
    np.testing.assert_allclose(scores.f1, [0.8, 0, 0])


def test_too_little_data_is_said():
    for predictions, why in ((without_samples(), "no samples"), (diverged(), "not finite")):
        figure = class_scores_figure(predictions, CAPTION)
        assert any(why in text for text in texts(figure))
        to_png(figure)
    for predictions in (certain([0], [0], ("a", "b")), certain([0], [1], ("a", "b"))):
        to_png(class_scores_figure(predictions, CAPTION))


def test_the_caption_says_data_split_samples_and_trial():
    assert "Trial 3 · mnist · validation, 400 samples" in texts(class_scores_figure(random_predictions(4), CAPTION))


def test_any_name_of_a_class_can_be_drawn():
    figure = class_scores_figure(random_predictions(len(ODD_LABELS), labels=ODD_LABELS), CAPTION)
    assert to_png(figure).startswith(b"\x89PNG")
