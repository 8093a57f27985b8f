"""The figure of a training shows the values of its epochs."""

from __future__ import annotations

from math import inf, nan

import pytest

from tests.plots.summaries import CAPTION, rows, summaries
from tuner.events import TrainingSummary
from tuner.plots.style import to_png
from tuner.plots.training import training_figure


def lines(axes):
    """The labelled curves, with their points."""
    return {
        line.get_label(): list(zip(*line.get_data(), strict=True)) for line in axes.lines if len(line.get_xdata()) > 2
    }


def panels(epochs, found=None, best=None, baseline=None):
    figure = training_figure(epochs, found or {}, best, baseline, CAPTION)
    to_png(figure)
    return figure, *figure.axes


def test_the_curves_are_the_values_of_the_epochs():
    epochs = rows(4)
    _, loss, accuracy, rate, gap = panels(epochs, summaries([1, 2, 3, 4]), best=4)
    assert lines(loss) == {
        "training": [(row.epoch, row.train_loss) for row in epochs],
        "validation": [(row.epoch, row.val_loss) for row in epochs],
    }
    assert lines(accuracy) == {
        "training": [(row.epoch, row.train_accuracy) for row in epochs],
        "validation": [(row.epoch, row.val_accuracy) for row in epochs],
    }
    assert rate.lines[0].get_ydata().tolist() == [0.01 / epoch for epoch in (1, 2, 3, 4)]
    (curve,) = lines(gap).values()
    assert curve == [(row.epoch, 100 * (row.train_accuracy - row.val_accuracy)) for row in epochs]


def test_the_order_of_the_epochs_does_not_matter():
    epochs = rows(4)
    assert lines(panels(epochs[::-1])[1]) == lines(panels(epochs)[1])


def test_it_says_how_good_the_best_epoch_is():
    figure, loss, accuracy, rate, gap = panels(rows(5), summaries([1, 3]), best=5, baseline=0.7)
    assert figure.get_suptitle() == "Training: 85.0 % validation accuracy at the best epoch, 5 of 5 (the last one)"
    titles = [axes.get_title(loc="left") for axes in (loss, accuracy, rate, gap)]
    assert titles == [
        "Loss: validation lowest at epoch 5",
        "Accuracy: validation highest at epoch 5",
        "Learning rate: from 0.01 to 0.00333",
        "Gap in accuracy: +5.0 points at the best epoch",
    ]
    assert [text.get_text() for text in accuracy.get_legend().get_texts()] == [
        "training", "validation", "baseline 70.0 %", "best epoch",
    ]  # fmt: skip
    assert accuracy.lines[2].get_ydata() == [0.7, 0.7]
    for axes in (loss, accuracy, rate, gap):
        assert [5, 5] in [list(line.get_xdata()) for line in axes.lines]


def test_one_epoch_is_a_point():
    figure, loss, *_ = panels(rows(1), summaries([1]), best=1)
    assert figure.get_suptitle() == "Training: 45.0 % validation accuracy at the best epoch, 1 of 1"
    assert loss.lines[0].get_marker() != "None"
    low, high = loss.get_xlim()
    assert [tick for tick in loss.get_xticks() if low <= tick <= high] == [1]


def test_losses_far_apart_are_on_a_logarithmic_axis():
    assert panels(rows(50))[1].get_yscale() == "log"
    assert panels(rows(4))[1].get_yscale() == "linear"


def test_a_learning_rate_that_was_not_kept_is_said():
    _, _, _, rate, _ = panels(rows(3))
    assert rate.texts[0].get_text().startswith("The learning rate was not kept.")
    assert not rate.axison


def test_a_constant_learning_rate_is_seen_as_one():
    found = {epoch: TrainingSummary(learning_rate=1e-5) for epoch in (1, 2, 3)}
    rate = panels(rows(3), found)[3]
    assert rate.get_title(loc="left") == "Learning rate: constant 1e-05"
    assert rate.get_ylim()[0] == 0


@pytest.mark.parametrize("value", [nan, inf])
def test_losses_that_are_not_finite_are_said(value):
    loss = panels(rows(3, train_loss=value, val_loss=value), best=1)[1]
    assert loss.texts[0].get_text() == "No value is a finite number."


def test_a_trial_without_an_epoch_is_said():
    figure = training_figure([], {}, None, 0.5, CAPTION)
    assert figure.get_label() == "This trial ended before its first epoch was complete."
