"""The figure of the most confident mistakes shows the samples that it says."""

from __future__ import annotations

import numpy as np
import pytest

from tests.plots.predicted import ODD_LABELS, certain, diverged, random_predictions, texts, without_samples
from tuner.plots.mistakes import mistakes_figure, most_confident_mistakes
from tuner.plots.samples import Images, Predictions
from tuner.plots.style import Caption, to_png

CAPTION = Caption("mnist", trial=3)


def test_the_most_confident_mistakes_are_those_of_a_plain_sort():
    predictions = random_predictions(10)
    answers = predictions.probabilities
    wrong = [i for i in range(len(answers)) if answers[i].argmax() != predictions.y[i]]
    expected = sorted(wrong, key=lambda i: -answers[i].max())
    assert most_confident_mistakes(predictions).tolist() == expected[:12]
    assert most_confident_mistakes(predictions, 10_000).tolist() == expected
    assert most_confident_mistakes(without_samples()).tolist() == []


def test_equally_confident_mistakes_keep_their_order():
    assert most_confident_mistakes(certain([0] * 30, [1] * 30, ("a", "b"))).tolist() == list(range(12))


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_images_with_their_classes_and_confidence(channels):
    predictions = random_predictions(4)
    indices = most_confident_mistakes(predictions, 5)
    pixels = np.random.default_rng(0).random((5, 6, 9, channels))
    figure = mistakes_figure(predictions, indices, Images(pixels), CAPTION)
    drawn = [axes for axes in figure.axes if axes.images]
    assert len(drawn) == 5
    for axes, index, image in zip(drawn, indices, pixels, strict=True):
        expected = image if channels == 3 else image.mean(axis=-1)
        np.testing.assert_allclose(axes.images[0].get_array(), expected)
        answer = predictions.probabilities[index]
        confidence = f"{100 * answer.max():.1f}\u00a0%"
        assert axes.get_title(loc="left") == (
            f"true: class {predictions.y[index]}\npredicted: class {answer.argmax()}, {confidence}"
        )
    to_png(figure)


def test_texts_with_their_classes_and_confidence():
    predictions = Predictions("test", np.array([0, 1]), np.array([[0.25, 0.75], [0.9998, 0.0002]]), ("sports", "$"))
    long = "word " * 10_000
    figure = mistakes_figure(predictions, np.array([1, 0]), (f"Two\nlines cost $5 {long}", " "), CAPTION)
    written = texts(figure)
    assert r"true: \$ · predicted: sports, > 99.9" + "\u00a0%" in written
    assert r"true: sports · predicted: \$, 75.0" + "\u00a0%" in written
    (body,) = (text for text in written if text.startswith("Two"))
    assert body.startswith(r"Two lines cost \$5 word word")
    assert len(body.split("\n")) == 3
    assert body.endswith(" word …")
    assert "(empty text)" in written
    to_png(figure)


def test_the_caption_says_how_many_mistakes_there_are():
    predictions = random_predictions(4)
    mistakes = int((predictions.probabilities.argmax(axis=1) != predictions.y).sum())
    figure = mistakes_figure(predictions, np.arange(3), ("a", "b", "c"), CAPTION)
    caption = " ".join(figure.get_supxlabel().split())
    assert caption == (
        f"Trial 3 · mnist · validation, 400 samples · 3 of {mistakes} mistakes; "
        "check first whether the true class is right"
    )
    alone = mistakes_figure(certain([0], [1], ("a", "b")), np.array([0]), ("x",), Caption("mnist", note="a note"))
    assert "a note; the only mistake; check" in " ".join(alone.get_supxlabel().split())


def test_too_little_data_is_said():
    labels = ("a", "b")
    for predictions, why in (
        (without_samples(), "no samples"),
        (diverged(), "not finite"),
        (certain([0, 1], [0, 1], labels), "All 2 samples are predicted correctly."),
        (certain([0, 1], [1, 1], labels), "not available"),
    ):
        for shown in ((), Images(np.zeros((0, 4, 4, 1)))):
            figure = mistakes_figure(predictions, most_confident_mistakes(predictions), shown, CAPTION)
            assert any(why in text for text in texts(figure))
            to_png(figure)


def test_any_name_of_a_class_and_any_text_can_be_drawn():
    predictions = random_predictions(len(ODD_LABELS), labels=ODD_LABELS)
    indices = most_confident_mistakes(predictions, len(ODD_LABELS))
    assert len(indices) == len(ODD_LABELS)
    to_png(mistakes_figure(predictions, indices, ODD_LABELS, CAPTION))
    to_png(mistakes_figure(predictions, indices, Images(np.zeros((8, 1, 300, 3))), CAPTION))
    to_png(mistakes_figure(predictions, indices, Images(np.full((8, 4, 4, 1), np.nan)), CAPTION))
