"""The figure of confusions shows what scikit-learn counts."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from tests.plots.predicted import ODD_LABELS, certain, diverged, random_predictions, texts, without_samples
from tuner.plots.confusion import BARS, CLUSTERED, NUMBERED, clustered_order, confusion_figure, confusions, shares_of
from tuner.plots.style import Caption, to_png, to_svg

CAPTION = Caption("mnist", trial=3)


def axes(predictions):
    return confusion_figure(predictions, CAPTION).axes[0]


@pytest.mark.parametrize("classes", [2, 4, 10, NUMBERED])
def test_a_matrix_of_few_classes_has_the_shares_of_scikit_learn(classes):
    predictions = random_predictions(classes)
    drawn = axes(predictions)
    expected = confusion_matrix(predictions.y, predictions.probabilities.argmax(axis=1), normalize="true")
    np.testing.assert_allclose(drawn.images[0].get_array(), expected)
    samples = np.bincount(predictions.y)
    assert [label.get_text() for label in drawn.get_yticklabels()] == [
        f"class {number} ({samples[number]})" for number in range(classes)
    ]


def test_cells_have_percents_and_for_few_classes_counts():
    few = axes(certain([0, 0, 0, 1, 1], [0, 0, 1, 1, 1], ("cat", "dog")))
    cells = {text.get_position(): text.get_text() for text in few.texts}
    assert cells == {(0, 0): "66.7\u00a0%\n2", (1, 0): "33.3\u00a0%\n1", (1, 1): "100.0\u00a0%\n2"}
    y = [0] * 300 + list(range(1, 8))
    drawn = axes(certain(y, [7, *y[1:]], tuple("abcdefgh")))
    assert {text.get_position(): text.get_text() for text in drawn.texts} == {
        (7, 0): "<1", (0, 0): "100", **{(number, number): "100" for number in range(1, 8)},
    }  # fmt: skip


def test_the_most_frequent_confusion_is_named():
    drawn = axes(certain([0, 0, 0, 1, 1, 2], [0, 2, 2, 1, 0, 2], ("cat", "dog", "owl")))
    title = " ".join(drawn.get_title(loc="left").split())
    assert title == "Accuracy 50.0 %. Most frequent confusion: cat predicted as owl, 2 of 3 samples."
    assert axes(certain([0, 1], [0, 1], ("a", "b"))).get_title(loc="left") == "All samples are predicted correctly."


def test_a_class_without_samples_is_an_empty_row():
    drawn = axes(certain([0, 0], [0, 2], ("cat", "dog", "owl")))
    assert drawn.images[0].get_array()[1].tolist() == [0, 0, 0]
    assert drawn.get_yticklabels()[1].get_text() == "dog (0)"


@pytest.mark.parametrize("classes", [NUMBERED + 1, 46, CLUSTERED])
def test_a_matrix_of_many_classes_is_the_same_matrix_in_another_order(classes):
    predictions = random_predictions(classes, 3_000)
    drawn = axes(predictions)
    order = [int(label.get_text().split()[1]) for label in drawn.get_yticklabels()]
    assert sorted(order) == list(range(classes))
    assert [label.get_text() for label in drawn.get_xticklabels()] == [f"class {number}" for number in order]
    expected = confusion_matrix(predictions.y, predictions.probabilities.argmax(axis=1), normalize="true")
    np.testing.assert_allclose(drawn.images[0].get_array(), expected[order][:, order])


def test_classes_that_are_confused_become_neighbours():
    shares = 0.7 * np.eye(30)
    partner = np.random.default_rng(0).permutation(30).reshape(15, 2)
    shares[partner[:, 0], partner[:, 1]] = shares[partner[:, 1], partner[:, 0]] = 0.3
    place = np.argsort(clustered_order(shares))
    assert (np.abs(place[partner[:, 0]] - place[partner[:, 1]]) == 1).all()


def test_without_confusions_the_order_stays():
    assert clustered_order(np.eye(25)).tolist() == list(range(25))


def test_striking_confusions_have_their_number_among_many_classes():
    y = [number for number in range(25) for _ in range(20)]
    predicted = list(y)
    predicted[:5], predicted[20] = [3] * 5, 7
    drawn = axes(certain(y, predicted, tuple(f"class {number}" for number in range(25))))
    assert [text.get_text() for text in drawn.texts] == ["25"], "a quarter of class 0, not a twentieth of class 1"


def test_bars_of_more_classes_are_the_most_frequent_confusions():
    predictions = random_predictions(100, 5_000)
    drawn = axes(predictions)
    predicted = predictions.probabilities.argmax(axis=1)
    pairs = Counter((t, p) for t, p in zip(predictions.y.tolist(), predicted.tolist(), strict=True) if t != p)
    assert [bar.get_width() for bar in drawn.patches] == [count for _, count in pairs.most_common(BARS)]
    for bar, label, text in zip(drawn.patches, drawn.get_yticklabels(), drawn.texts, strict=True):
        true, guessed = (int(name.split()[1]) for name in label.get_text().split(" → "))
        assert bar.get_width() == pairs[true, guessed]
        assert text.get_text().startswith(f"{pairs[true, guessed]} of {(predictions.y == true).sum()} (")
    shown = sum(count for _, count in pairs.most_common(BARS)) / pairs.total()
    title = " ".join(drawn.get_title(loc="left").split())
    assert title.endswith(f"These {BARS} confusions make up {100 * shown:.0f} % of all mistakes.")


def test_confusions_are_sorted_by_samples_and_then_by_share():
    found = confusions(np.array([[8, 2, 0], [2, 1, 0], [3, 0, 0]]))
    assert [(one.true, one.predicted, one.samples) for one in found] == [(2, 0, 3), (1, 0, 2), (0, 1, 2)]
    assert [one.share for one in found] == pytest.approx([1, 2 / 3, 0.2])


def test_shares_of_rows():
    assert shares_of(np.array([[1, 3], [0, 0]])).tolist() == [[0.25, 0.75], [0, 0]]


@pytest.mark.parametrize("classes", [3, 100])
def test_too_little_data_is_said(classes):
    labels = tuple(f"class {number}" for number in range(classes))
    for predictions, why in ((without_samples(), "no samples"), (diverged(), "not finite")):
        figure = confusion_figure(predictions, CAPTION)
        assert any(why in text for text in texts(figure))
        to_png(figure)
    everything_right = texts(confusion_figure(certain([0, 1, 2], [0, 1, 2], labels), CAPTION))
    assert any("predicted correctly" in text for text in everything_right)


def test_the_caption_says_data_split_samples_and_trial():
    assert "Trial 3 · mnist · validation, 400 samples" in texts(confusion_figure(random_predictions(4), CAPTION))


@pytest.mark.parametrize("classes", [8, 40, 100])
def test_any_name_of_a_class_can_be_drawn(classes):
    names = tuple(f"{label} {number}" for number, label in zip(range(classes), ODD_LABELS * 20, strict=False))
    figure = confusion_figure(random_predictions(classes, labels=names), CAPTION)
    assert to_png(figure).startswith(b"\x89PNG")
    assert "<svg" in to_svg(figure)
