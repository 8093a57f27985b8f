"""The smallest network of a search space."""

from __future__ import annotations

import pytest

from tests.search.samples import IMAGES, TEXTS, space
from tuner.models import estimate
from tuner.search.smallest import smallest


@pytest.mark.parametrize(("architecture", "data_input"), [("cnn", IMAGES), ("lstm", TEXTS), ("cnn", TEXTS)])
def test_no_random_configuration_is_smaller(architecture, data_input):
    searched = space(architecture, data_input)

    def parameters(hyperparameters):
        return estimate(architecture, hyperparameters, data_input, 10).parameters

    fewest = parameters(smallest(searched, parameters))
    assert fewest <= min(map(parameters, searched.samples(2_000)))
    most = parameters(smallest(searched, lambda hyperparameters: -parameters(hyperparameters)))
    assert most >= max(map(parameters, searched.samples(2_000)))


def test_values_that_only_pay_together_are_found():
    searched = space("cnn", IMAGES)

    def cost(values):
        return 0 if (values["conv_layers"], values["use_global_pooling"]) == (3, False) else 1

    found = smallest(searched, cost)
    assert (found["conv_layers"], found["use_global_pooling"]) == (3, False)
