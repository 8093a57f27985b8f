"""A search space as plain values."""

from __future__ import annotations

import pytest

from tests.search.samples import IMAGES, TEXTS, space
from tuner.search.space_description import described


def of(architecture="auto", data=IMAGES, **overrides):
    return {one.key: one for one in described(space(architecture, data, space=overrides))}


def test_numbers_have_bounds_and_a_scale_and_choices_have_none():
    found = of()
    rate, layers, kernel = found["learning_rate"], found["conv_layers"], found["kernel_size"]
    assert (rate.kind, rate.low, rate.high, rate.log, rate.choices) == ("float", 1e-4, 1e-2, True, None)
    assert (layers.kind, layers.low, layers.high, layers.log) == ("int", 1, 4, False)
    assert (kernel.kind, kernel.low, kernel.log, kernel.choices) == ("choice", None, False, (3, 5))
    assert (found["batch_normalization"].kind, found["batch_normalization"].choices) == ("bool", (True, False))


def test_it_says_when_a_parameter_exists():
    found = of()
    assert found["conv_layers"].when == {}
    assert found["filters_3"].when == {"conv_layers": (3, 4)}
    assert found["first_dense_nodes"].when == {"dense_layers": (1, 2, 3, 4)}
    assert found["block_layers"].when == {"block": ("plain",)}
    assert found["momentum"].when == {"optimizer": ("sgd",)}


def test_variants_of_a_name_have_different_keys_and_conditions():
    rates = {key: one.when["optimizer"] for key, one in of().items() if one.name == "learning_rate"}
    assert rates == {
        "learning_rate": ("adam", "adamw"),
        "learning_rate_rmsprop": ("rmsprop",),
        "learning_rate_sgd": ("sgd",),
    }


def test_a_condition_may_have_several_parts():
    found = of(data=TEXTS)
    assert found["ngram_buckets"].when == {"architecture": ("ngram",), "ngrams": (2, 3)}
    assert found["filters_2"].when == {"architecture": ("conv1d",), "conv_layers": (2, 3, 4)}


def test_what_no_network_of_the_space_has_is_left_out():
    found = of(conv_layers=2, optimizer="adam")
    assert "filters_2" in found
    assert {"filters_3", "momentum", "learning_rate_sgd"}.isdisjoint(found)
    assert found["filters_2"].when == {}


@pytest.mark.parametrize("data", [IMAGES, TEXTS])
def test_each_configuration_of_the_space_is_as_described(data):
    whole = space("auto", data)
    found = {one.key: one for one in described(whole)}
    for values in whole.samples(200):
        for parameter in whole.parameters:
            exists = parameter.when(values)
            one = found.get(parameter.key)
            said = one is not None and all(values.get(name) in fitting for name, fitting in one.when.items())
            assert exists == said, (parameter.key, values)
