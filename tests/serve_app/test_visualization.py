"""A network as boxes in a scene: from what Keras built, and from nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serve_app.visualization import SPACING, color, visualize
from tests.serve_app.studies import BUILT
from tests.store.samples import any_architecture, health, vital_signs
from tuner.events import Architecture, Layer, LayerHealth


def draw(architecture=BUILT, total_score=None, health_metrics=None, vital_signs=None):
    return visualize(architecture, total_score=total_score, health_metrics=health_metrics, vital_signs=vital_signs)


def test_the_layers_stand_behind_each_other_from_the_input_on():
    layers = draw().layers
    assert [layer.layer_id for layer in layers] == ["pixels", "block1_conv", "pool", "dense1", "classes"]
    assert [layer.position_z for layer in layers] == [place * SPACING for place in range(5)]


def test_each_layer_is_what_was_built():
    convolution = draw().layers[1]
    assert (convolution.layer_type, convolution.filters, convolution.kernel_size) == ("Conv2D", 16, [3, 3])
    assert (convolution.input_shape, convolution.output_shape) == ([8, 8, 1], [8, 8, 16])
    assert (convolution.parameters, convolution.activation, convolution.units) == (160, "relu", None)


def test_what_is_wider_in_the_network_is_wider_in_the_picture():
    pixels, convolution, pool, dense, classes = draw().layers
    assert pixels.width == pixels.height == convolution.width > 1
    assert dense.width > pool.width > classes.width
    assert pool.height == dense.height == classes.height, "a vector is flat"


def test_depth_and_width_are_those_of_the_network():
    drawn = draw()
    assert (drawn.type, drawn.total_parameters, drawn.model_depth, drawn.max_layer_width) == ("cnn", 1_898, 4, 64)


def test_layers_without_weights_do_not_count_as_wide():
    flat = Layer(layer_id="f", layer_type="Flatten", input_shape=[7, 7, 64], output_shape=[3136], parameters=0)
    assert draw(BUILT.model_copy(update={"layers": [*BUILT.layers, flat]})).max_layer_width == 64


def test_lengths_that_may_be_any_are_drawn_too():
    text = Layer(layer_id="e", layer_type="Embedding", input_shape=[None], output_shape=[None, 32], parameters=640)
    (layer,) = draw(Architecture(type="lstm", total_parameters=640, layers=[text])).layers
    assert (layer.output_shape, layer.height < layer.width) == ([None, 32], True)


@pytest.mark.parametrize(
    ("share", "shown"), [(0, "#d73027"), (0.5, "#fec04d"), (1, "#1a9850"), (-1, "#d73027"), (9, "#1a9850")]
)
def test_the_color_goes_from_red_over_amber_to_green(share, shown):
    assert color(share) == shown


def test_a_trial_without_a_score_has_no_color():
    assert draw().performance_color is None
    assert draw(total_score=1.0).performance_color == "#1a9850"


class TestHealth:
    def test_where_nothing_was_measured_there_is_none(self):
        assert draw().health_indicators is None
        assert {layer.health for layer in draw().layers} == {None}

    def test_each_layer_with_weights_has_its_own(self):
        signs = vital_signs(
            LayerHealth(layer_id="block1_conv", units=16, dead=0.5, gradient=0.01, update=0.003),
            LayerHealth(layer_id="dense1", units=64, dead=0.0, gradient=0.02, update=0.002),
            LayerHealth(layer_id="classes", gradient=None, update=0.001),
        )
        assert [layer.health for layer in draw(vital_signs=signs).layers] == [None, 0.5, None, 1.0, 0.0]

    def test_the_indicators_are_those_of_the_trial(self):
        shown = draw(health_metrics=health(gradient_health=0.3), vital_signs=vital_signs()).health_indicators
        assert (shown.gradient_health, shown.accuracy_consistency, shown.gradient_norm) == (0.3, 0.9, 0.25)

    def test_where_only_vital_signs_were_measured_the_metrics_are_null(self):
        shown = draw(vital_signs=vital_signs()).health_indicators
        assert (shown.overall_health, shown.train_validation_gap) == (None, 0.02)


@given(any_architecture, st.floats(0, 1))
def test_whatever_was_built_can_be_drawn(architecture, score):
    drawn = draw(architecture, total_score=score)
    assert len(drawn.layers) == len(architecture.layers)
    assert all(layer.width >= 0.5 and layer.height >= 0.5 for layer in drawn.layers)
