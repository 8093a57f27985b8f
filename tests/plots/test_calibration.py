"""The figure of calibration shows what scikit-learn and scipy compute."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve

from tests.plots.predicted import certain, diverged, random_predictions, texts, without_samples
from tuner.plots.calibration import BINS, calibration_figure, expected_calibration_error
from tuner.plots.samples import Predictions
from tuner.plots.style import Caption, to_png

CAPTION = Caption("mnist", trial=3)
FEW_SAMPLES = "bins with fewer than 10 samples"


def error_by_hand(confidence, right, bins):
    """The sum over bins (low, high] of their share of samples times the distance of accuracy and confidence."""
    total = 0.0
    for number in range(bins):
        low, high = number / bins, (number + 1) / bins
        inside = [i for i, c in enumerate(confidence) if low < c <= high or (number == 0 and c == 0)]
        if inside:
            accuracy = sum(right[i] for i in inside) / len(inside)
            sure = sum(confidence[i] for i in inside) / len(inside)
            total += len(inside) / len(confidence) * abs(accuracy - sure)
    return total


@given(
    st.lists(st.tuples(st.integers(0, 10_000), st.booleans()), min_size=1, max_size=50),
    st.sampled_from([1, 5, 10, 15]),
)
def test_the_error_is_the_one_of_the_definition(samples, bins):
    # No confidence lies at an end of a bin but 0 and 1, where a float's rounding would decide.
    confidence = np.array([min(1.0, number / 10_000 + (number % 10_000 > 0) * 1e-7) for number, _ in samples])
    right = np.array([correct for _, correct in samples])
    found = expected_calibration_error(confidence, right, bins)
    assert found == pytest.approx(error_by_hand(confidence, right, bins), abs=1e-9)
    assert 0 <= found <= 1


def test_known_errors():
    assert expected_calibration_error(np.array([1.0, 1.0]), np.array([True, False])) == 0.5
    assert expected_calibration_error(np.full(4, 0.75), np.array([True, True, True, False])) == 0
    assert np.isnan(expected_calibration_error(np.zeros(0), np.zeros(0, bool)))


@pytest.mark.parametrize("classes", [2, 10, 100])
def test_points_and_intervals(classes):
    predictions = random_predictions(classes, 1_000)
    figure = calibration_figure(predictions, CAPTION)
    upper, lower = figure.axes
    confidence = predictions.probabilities.max(axis=1)
    right = predictions.probabilities.argmax(axis=1) == predictions.y
    accuracy, sure = calibration_curve(right, confidence.astype(float), n_bins=BINS)
    (intervals,) = upper.containers
    drawn = {line.get_label(): line.get_xydata() for line in upper.lines}
    points = np.concatenate([drawn.get(name, np.zeros((0, 2))) for name in ("this model", FEW_SAMPLES)])
    np.testing.assert_allclose(points[points[:, 0].argsort()], np.column_stack([sure, accuracy]))
    _, _, (ends,) = intervals.lines
    counts = [
        sum(part) for part in zip(*[[bar.get_height() for bar in group] for group in lower.containers], strict=True)
    ]
    edges = np.linspace(0, 1, BINS + 1)
    assert counts == np.histogram(confidence, edges)[0].tolist()
    filled = [int(count) for count in counts if count]
    hollow = drawn.get(FEW_SAMPLES, np.zeros((0, 2)))
    assert hollow[:, 0].tolist() == [x for x, count in zip(sure, filled, strict=True) if count < 10]
    for (low, high), share, samples in zip(
        (segment[:, 1] for segment in ends.get_segments()), accuracy, filled, strict=True
    ):
        interval = binomtest(round(share * samples), samples).proportion_ci(method="wilson")
        assert (low, high) == pytest.approx((interval.low, interval.high), abs=2e-4)
    wrong = [bar.get_height() for bar in lower.containers[0]]
    assert sum(wrong) == (~right).sum()


def test_the_finding_says_over_and_underconfident():
    def finding(confidence: float, right: int) -> str:
        """100 samples of two classes, so many of them right, all with the same confidence."""
        y = np.array([0] * right + [1] * (100 - right))
        given = Predictions("validation", y, np.tile([confidence, 1 - confidence], (100, 1)), ("a", "b"))
        return " ".join(calibration_figure(given, CAPTION).axes[0].get_title(loc="left").replace("\u00a0", " ").split())

    assert finding(0.95, 60) == (
        "Expected calibration error 0.350 (15 bins). The model is overconfident: "
        "mean confidence 95.0 %, accuracy 60.0 %."
    )
    assert "underconfident" in finding(0.6, 95)
    assert "Mean confidence 80.0 % matches accuracy 78.0 %." in finding(0.8, 78)


def test_too_little_data_is_said():
    for predictions, why in ((without_samples(), "no samples"), (diverged(), "not finite")):
        figure = calibration_figure(predictions, CAPTION)
        assert any(why in text for text in texts(figure))
        to_png(figure)


@pytest.mark.parametrize(("y", "predicted"), [([0], [0]), ([0], [1]), ([0, 1, 1], [0, 1, 1])])
def test_one_sample_and_one_outcome_are_drawn(y, predicted):
    to_png(calibration_figure(certain(y, predicted, ("a", "b")), CAPTION))


def test_a_probability_that_is_rounded_above_one_counts_as_one():
    given = Predictions("test", np.array([0]), np.array([[1.0000001, 0]]), ("a", "b"))
    to_png(calibration_figure(given, CAPTION))


def test_the_caption_says_data_split_samples_and_trial():
    assert "Trial 3 · mnist · validation, 400 samples" in texts(calibration_figure(random_predictions(4), CAPTION))
