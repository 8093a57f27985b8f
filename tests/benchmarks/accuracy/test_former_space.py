from __future__ import annotations

import optuna
import pytest

from tests.benchmarks.accuracy.former_space import former_configuration
from tests.models.samples import INPUTS
from tuner.data import ImageInput, TextInput
from tuner.data_spec import DataSpec
from tuner.trial_spec import TrialSpec

IMAGE = ImageInput(8, 8, 1, 1 / 255, 0.0)
TEXT = INPUTS["strings"]


@pytest.mark.tensorflow
@pytest.mark.parametrize("data_input", [IMAGE, TEXT], ids=["image", "text"])
def test_the_product_still_builds_the_networks_of_its_former_space(data_input: ImageInput | TextInput) -> None:
    """Otherwise Optuna's cells of `bench_results` could not be measured."""
    from tuner import models
    from tuner.training.optimizers import make_optimizer

    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    optimizers = set()
    for _ in range(8):
        hyperparameters = former_configuration(study.ask(), data_input)
        trial = TrialSpec(
            study="former",
            trial_number=1,
            data=DataSpec(),
            architecture="cnn" if isinstance(data_input, ImageInput) else "lstm",
            hyperparameters=hyperparameters,
            objective="val_accuracy",
            epochs=hyperparameters["epochs"],
        )
        assert models.build(trial, data_input, 3).output_shape == (None, 3)
        assert make_optimizer(hyperparameters, float(hyperparameters["learning_rate"]), recurrent=False)
        optimizers.add(hyperparameters["optimizer"])
    assert len(optimizers) > 1
