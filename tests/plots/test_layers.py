"""Figures of layers show the values that were kept."""

from __future__ import annotations

import numpy as np
import pytest

from tests.plots.summaries import CAPTION, layer, summaries
from tuner.events import TrainingSummary
from tuner.plots.layers import MOST_LINES, MOST_ROWS, gradients_figure, units_figure, weights_figure
from tuner.plots.style import to_png

EVERY_FIGURE = pytest.mark.parametrize("draw", [gradients_figure, weights_figure, units_figure])


def drawn(draw, found):
    figure = draw(found, CAPTION)
    to_png(figure)
    return figure


def points(line):
    return dict(zip(*(values.tolist() for values in line.get_data()), strict=True))


@EVERY_FIGURE
@pytest.mark.parametrize("found", [{}, {1: TrainingSummary(learning_rate=0.1)}])
def test_without_measurements_a_figure_says_so(draw, found):
    assert drawn(draw, found).get_label().startswith("The layers were not measured while this trial trained")


@EVERY_FIGURE
def test_one_epoch_is_enough(draw):
    assert drawn(draw, summaries([1])).get_label() == ""


@EVERY_FIGURE
def test_deep_networks_with_many_epochs_are_drawn(draw):
    names = [f"block{number}_conv" for number in range(30)]
    figure = drawn(draw, summaries(range(1, 121), names, dead=0.5))
    assert figure.get_size_inches().max() < 20


class TestGradients:
    def test_each_layer_is_a_line_over_the_measured_epochs(self):
        found = summaries([1, 2, 4]) | {3: TrainingSummary(learning_rate=0.1)}
        (axes,) = drawn(gradients_figure, found).axes
        assert {line.get_label(): points(line) for line in axes.lines} == {
            name: {epoch: 0.01 / epoch for epoch in (1, 2, 4)} for name in ("conv", "output")
        }
        assert axes.get_yscale() == "log"

    def test_many_layers_are_shades_in_the_order_of_the_network(self):
        names = [f"layer{number}" for number in range(MOST_LINES + 1)]
        axes = drawn(gradients_figure, summaries([1, 2], names)).axes[0]
        shades = axes.images[0].get_array()
        assert shades.tolist() == [[0.01, 0.005]] * len(names)
        assert [label.get_text() for label in axes.get_yticklabels()] == names

    @pytest.mark.parametrize(
        ("first", "verdict"),
        [
            (1e-3, "none vanishes (weakest: conv)"),
            (2.5e-6, "conv has 1/4,000 of the strongest layer's at epoch 2, so it hardly learns"),
            (0.0, "0 at conv at epoch 2, so it does not learn"),
            (None, "not finite at conv in 1 of 2 measured epochs"),
        ],
    )
    def test_the_title_says_whether_all_layers_learn(self, first, verdict):
        found = summaries([1]) | {
            2: TrainingSummary(
                learning_rate=0.1, layers=(layer("conv", 2, gradient=first), layer("output", 2, gradient=1e-2))
            )
        }
        title = drawn(gradients_figure, found).get_suptitle().replace("\n", " ")
        assert title == f"Gradients by layer: {verdict}"

    def test_gradients_of_0_in_a_deep_network_are_said(self):
        figure = drawn(gradients_figure, summaries([1, 2], [f"layer{number}" for number in range(20)], gradient=0.0))
        assert figure.axes[0].texts[0].get_text() == "All gradients are 0."

    def test_equal_gradients_in_a_deep_network_are_drawn(self):
        axes = drawn(gradients_figure, summaries([1], [f"layer{number}" for number in range(20)])).axes[0]
        assert axes.images[0].get_array().tolist() == [[0.01]] * 20

    def test_gradients_of_0_alone_are_said(self):
        figure = drawn(gradients_figure, summaries([1, 2], gradient=0.0))
        assert figure.axes[0].texts[0].get_text() == "All gradients are 0."
        assert "nothing is learned" in figure.get_suptitle()

    def test_epochs_too_short_to_measure_are_left_out(self):
        found = summaries([1, 3]) | summaries([2], gradient=None)
        (axes,) = drawn(gradients_figure, found).axes
        assert axes.lines[0].get_xdata().tolist() == [1, 3]


class TestWeights:
    def test_the_bands_are_the_quantiles(self):
        weights, biases, drift = drawn(weights_figure, summaries([1, 2, 3], ["conv"])).axes
        assert weights.get_title(loc="left") == "conv: weights"
        for axes, scale in ((weights, 1.0), (biases, 0.1)):
            low, high, median = axes.lines
            assert low.get_ydata().tolist() == pytest.approx([-3 * scale, -6 * scale, -9 * scale])
            assert high.get_ydata().tolist() == pytest.approx([3 * scale, 6 * scale, 9 * scale])
            assert median.get_ydata().tolist() == [0, 0, 0]
            wide, half = (band.get_paths()[0].vertices for band in axes.collections)
            for band, reach in ((wide, 2), (half, 1)):
                assert {tuple(point) for point in np.round(band, 9).tolist()} == {
                    (epoch, round(sign * reach * epoch * scale, 9)) for epoch in (1, 2, 3) for sign in (-1, 1)
                }
        assert points(drift.lines[0]) == pytest.approx({1: 0.2, 2: 0.4, 3: 0.6})

    def test_layers_share_the_axis_of_the_drift(self):
        axes = drawn(weights_figure, summaries([1, 2])).axes
        assert axes[2].get_ylim() == axes[5].get_ylim() == pytest.approx((0, 0.44))

    def test_what_is_not_known_is_said(self):
        figure = drawn(weights_figure, summaries([1, 2], ["conv"], biases=None, drift=None))
        assert [axes.texts[0].get_text() for axes in figure.axes[1:]] == ["no biases", "not known"]
        assert figure.get_suptitle() == "Weights and biases: change since the start not known at epoch 2"

    def test_weights_that_are_not_finite_are_said(self):
        broken = (float("nan"),) * 7
        figure = drawn(weights_figure, summaries([1, 2], ["conv"], weights=broken, biases=broken, drift=float("nan")))
        assert [axes.texts[0].get_text() for axes in figure.axes] == ["not finite", "not finite", "not known"]

    def test_of_many_layers_some_are_drawn_and_their_number_is_said(self):
        names = [f"layer{number}" for number in range(20)]
        figure = drawn(weights_figure, summaries([1, 2], names))
        titles = [axes.get_title(loc="left") for axes in figure.axes[::3]]
        assert len(titles) == MOST_ROWS
        assert (titles[0], titles[-1]) == ("layer0: weights", "layer19: weights")
        assert f"{MOST_ROWS} of 20 layers" in figure.get_supxlabel().replace("\n", " ")

    def test_the_title_names_the_layer_that_changed_most(self):
        found = {
            epoch: TrainingSummary(
                learning_rate=0.1, layers=(layer("conv", epoch, drift=1.62), layer("output", epoch, drift=0.5))
            )
            for epoch in (1, 2)
        }
        title = drawn(weights_figure, found).get_suptitle()
        assert title == "Weights and biases: conv changed most, by 1.6 times its norm at the start"


class TestUnits:
    def test_shades_and_numbers_are_the_shares_of_dead_units(self):
        axes, _ = drawn(units_figure, summaries([1, 2], ["conv"])).axes
        assert axes.images[0].get_array().tolist() == [[0.1, 0.2]]
        assert [text.get_text() for text in axes.texts] == ["10", "20"]
        assert [label.get_text() for label in axes.get_yticklabels()] == ["conv (8)"]
        assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "2"]

    def test_saturated_units_are_drawn_if_there_are_any(self):
        figure = drawn(units_figure, summaries([1, 2], ["lstm"], dead=0.0, saturated=0.3))
        dead, saturated, _ = figure.axes
        assert saturated.images[0].get_array().tolist() == [[0.3, 0.3]]
        assert dead.images[0].get_array().tolist() == [[0, 0]]
        assert figure.get_suptitle() == "Dead and saturated units: 30 % of lstm's units are saturated at epoch 2"

    def test_layers_without_hidden_units_are_left_out(self):
        found = {
            1: TrainingSummary(
                learning_rate=0.1,
                layers=(layer("conv", 1, dead=0.0), layer("output", 1, units=None, dead=None, saturated=None)),
            )
        }
        figure = drawn(units_figure, found)
        assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["conv (8)"]
        assert figure.get_suptitle() == "Dead and saturated units: none at epoch 1"

    def test_a_network_without_hidden_units_is_said(self):
        figure = drawn(units_figure, summaries([1], ["output"], units=None, dead=None, saturated=None))
        assert figure.get_label() == "This network has no layer with hidden units."
