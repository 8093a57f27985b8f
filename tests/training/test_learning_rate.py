"""The learning rate over a training, as `learning_rate_schedule` says."""

import pytest

from tuner.training.learning_rate import lowered, scheduled


@pytest.mark.parametrize("hyperparameters", [{}, {"learning_rate_schedule": "constant"}])
def test_a_constant_rate_is_a_number(hyperparameters):
    assert scheduled(hyperparameters, 0.01, 100) == 0.01
    assert not lowered(hyperparameters, "val_accuracy", [0.5, 0.4, 0.3, 0.2])


@pytest.mark.tensorflow
def test_cosine_rises_for_a_twentieth_of_the_steps_and_falls_to_0():
    rate = scheduled({"learning_rate_schedule": "cosine"}, 0.02, 200)
    found = [float(rate(step)) for step in (0, 5, 10, 105, 200)]
    assert found == pytest.approx([0.0, 0.01, 0.02, 0.01, 0.0], abs=1e-4)


@pytest.mark.tensorflow
def test_cosine_of_a_single_step_is_finite():
    assert 0 <= float(scheduled({"learning_rate_schedule": "cosine"}, 0.02, 1)(0)) <= 0.02


@pytest.mark.parametrize(
    ("objectives", "falls"),
    [
        ([0.5], False),
        ([0.5, 0.6], False),
        ([0.6, 0.5], False),
        ([0.6, 0.5, 0.6], True),
        ([0.6, 0.5, 0.5, 0.5], False),
        ([0.6, 0.5, 0.5, 0.5, 0.5], True),
        ([0.6, 0.5, 0.5, 0.7], False),
    ],
)
def test_on_a_plateau_the_rate_falls_after_every_second_epoch_without_a_better_one(objectives, falls):
    assert lowered({"learning_rate_schedule": "plateau"}, "val_accuracy", objectives) is falls


def test_a_loss_is_better_when_it_falls():
    plateau = {"learning_rate_schedule": "plateau"}
    assert not lowered(plateau, "val_loss", [0.5, 0.4, 0.3])
    assert lowered(plateau, "val_loss", [0.3, 0.4, 0.5])
