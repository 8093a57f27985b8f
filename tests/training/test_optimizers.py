"""Optimizers: what a trial's hyperparameters name is what trains."""

import pytest

from tuner.training.optimizers import CLIP_NORM, make_optimizer

pytestmark = pytest.mark.tensorflow


@pytest.mark.parametrize(
    ("hyperparameters", "kind", "settings"),
    [
        ({"optimizer": "adam"}, "Adam", {}),
        ({"optimizer": "adamw", "weight_decay": 0.03}, "AdamW", {"weight_decay": 0.03}),
        ({"optimizer": "rmsprop"}, "RMSprop", {}),
        ({"optimizer": "sgd", "momentum": 0.9}, "SGD", {"momentum": 0.9, "nesterov": True}),
        ({"optimizer": "sgd", "momentum": 0.0}, "SGD", {"momentum": 0.0, "nesterov": False}),
        ({"optimizer": "sgd", "momentum": 0.9, "weight_decay": 0.001}, "SGD", {"weight_decay": 0.001}),
    ],
)
@pytest.mark.parametrize("recurrent", [True, False])
def test_an_optimizer_has_the_hyperparameters_of_its_trial(hyperparameters, kind, settings, recurrent):
    optimizer = make_optimizer(hyperparameters, 0.0123, recurrent=recurrent)
    assert type(optimizer).__name__ == kind
    assert float(optimizer.learning_rate) == pytest.approx(0.0123)
    assert {name: getattr(optimizer, name) for name in settings} == settings
    assert optimizer.global_clipnorm == (CLIP_NORM if recurrent else None)
