"""Figures of activations show the values that they are given."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import colormaps
from matplotlib.patches import Rectangle

from tests.plots.predicted import ODD_LABELS, texts
from tuner.plots.activations import SHADES, TEXT_SHADES, activations_figure, token_activity_figure
from tuner.plots.samples import FeatureMaps, Images, TokenActivity
from tuner.plots.style import Caption, to_png

CAPTION = Caption("mnist", split="validation", samples=2, trial=3)


def random_maps(layer_id, samples, side, filters):
    maps = np.random.default_rng(side).normal(size=(samples, side, side, filters))
    return FeatureMaps(layer_id, layer_id, maps)


def images(samples):
    return Images(np.random.default_rng(0).random((samples, 8, 8, 3)))


def test_every_map_is_drawn_on_its_filters_scale():
    first, last, shown = random_maps("block1_conv", 2, 8, 8), random_maps("block3_conv", 2, 2, 5), images(2)
    figure = activations_figure(first, last, shown, ["cat", "dog"], CAPTION)
    rows = np.array(figure.axes[: 2 * 2 * 9]).reshape(4, 9)
    for sample in range(2):
        np.testing.assert_allclose(rows[2 * sample, 0].images[0].get_array(), shown.pixels[sample])
        for row, layer in ((rows[2 * sample], first), (rows[2 * sample + 1], last)):
            assert row[1].get_ylabel() == layer.title
            for number in range(layer.maps.shape[-1]):
                (image,) = row[1 + number].images
                np.testing.assert_allclose(image.get_array(), layer.maps[sample, :, :, number])
                of_filter = layer.maps[..., number]
                assert image.get_clim() == pytest.approx((min(0, of_filter.min()), of_filter.max()))
    assert not any(axes.images for axes in rows[1, 6:]), "the last layer has five filters"
    assert {"cat", "dog"} <= set(texts(figure))
    to_png(figure)


def test_a_silent_filter_is_dark_and_values_without_a_number_are_zero():
    maps = np.zeros((1, 3, 3, 2))
    maps[0, 0, 0, 1] = np.nan
    layer = FeatureMaps("a", "a", maps)
    figure = activations_figure(layer, FeatureMaps("b", "b", maps), images(1), ["x"], CAPTION)
    for axes in figure.axes[1:3]:
        (image,) = axes.images
        assert (image.to_rgba(image.get_array()) == image.to_rgba(np.array([0.0]))).all()
    to_png(figure)


def test_the_only_convolution_is_drawn_once():
    layer = random_maps("block1_conv", 3, 4, 2)
    figure = activations_figure(layer, layer, images(3), ["a", "b", "c"], CAPTION)
    assert sum(len(axes.images) for axes in figure.axes) == 3 * (1 + 2)
    assert "Feature maps of the convolution" in texts(figure), texts(figure)
    to_png(figure)


def test_samples_without_an_image_or_a_label_are_left_out():
    layer = random_maps("a", 4, 4, 1)
    figure = activations_figure(layer, layer, images(3), ["one", "two"], CAPTION)
    assert sum(len(axes.images) for axes in figure.axes) == 2 * 2
    assert "There are no samples to show." in texts(activations_figure(layer, layer, images(3), [], CAPTION))


def test_captions_say_data_split_samples_and_trial():
    layer = random_maps("a", 1, 4, 1)
    caption = activations_figure(layer, layer, images(1), ["one"], CAPTION).get_supxlabel()
    assert " ".join(caption.split()).startswith("Trial 3 · mnist · validation, 2 samples · brighter is more active")
    activity = TokenActivity("a", "a", (("word",),), (np.array([1.0]),))
    assert token_activity_figure(activity, ["x"], CAPTION).get_supxlabel() == str(CAPTION)


def boxes(figure):
    return [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]


def test_tokens_have_the_shade_of_their_activity():
    values = (np.array([0.2, 1.0, 0.6]), np.array([1.0, 0.3]))
    activity = TokenActivity("lstm", "Encoder", (("the", "good", "film"), ("bad", "$film$")), values)
    figure = token_activity_figure(activity, ["positive", "negative"], CAPTION)
    shown = np.concatenate(values)
    expected = colormaps[TEXT_SHADES]((shown - 0.2) / 0.8)
    np.testing.assert_allclose([box.get_facecolor() for box in boxes(figure)], expected, atol=1e-6)
    written = texts(figure)
    assert {"the", "good", "film", "bad", r"\$film\$", "positive (3 tokens)", "negative (2 tokens)"} <= set(written)
    assert not figure.axes[0].images
    assert "Activity over the tokens of texts: Encoder" in written
    to_png(figure)


def test_a_long_text_has_a_strip_of_all_its_tokens():
    values = np.random.default_rng(0).random(1_000)
    activity = TokenActivity("lstm", "Encoder", (tuple("token" for _ in values),), (values,))
    figure = token_activity_figure(activity, ["positive"], CAPTION)
    drawn = len(boxes(figure))
    assert 40 < drawn < 100
    (strip,) = figure.axes[0].images
    np.testing.assert_allclose(strip.get_array(), [values])
    shades = colormaps[TEXT_SHADES]((values[:drawn] - values.min()) / (1 - values.min()))
    np.testing.assert_allclose([box.get_facecolor() for box in boxes(figure)], shades, atol=1e-6)
    to_png(figure)


def test_tokens_stay_within_the_figure():
    activity = TokenActivity("lstm", "Encoder", (tuple(f"{'long' * (n % 9)}{n}" for n in range(200)),), (np.ones(200),))
    figure = token_activity_figure(activity, ["positive"], CAPTION)
    left, right = figure.axes[0].get_xlim()
    assert all(left <= box.get_x() and box.get_x() + box.get_width() <= right for box in boxes(figure))


def test_texts_without_tokens_are_left_out():
    activity = TokenActivity("lstm", "Encoder", ((), ("word",)), (np.zeros(0), np.zeros(1)))
    assert "second (1 token)" in texts(token_activity_figure(activity, ["first", "second"], CAPTION))
    empty = token_activity_figure(TokenActivity("lstm", "Encoder", ((),), (np.zeros(0),)), ["x"], CAPTION)
    assert "There are no texts with tokens to show." in texts(empty)
    to_png(empty)


def test_any_token_and_any_label_can_be_drawn():
    activity = TokenActivity("lstm", "$", (ODD_LABELS,), (np.linspace(0, 1, len(ODD_LABELS)),))
    to_png(token_activity_figure(activity, [ODD_LABELS[-1]], CAPTION))
    layer = FeatureMaps("a", ODD_LABELS[-1], np.ones((8, 3, 3, 1)))
    for other in (layer, FeatureMaps("b", "$", np.ones((8, 1, 9, 2)))):
        to_png(activations_figure(layer, other, images(8), ODD_LABELS, CAPTION))
    assert SHADES in colormaps
