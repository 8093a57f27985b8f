"""When a training ends, decided on scripted numbers."""

import pytest

from tests.models.samples import CNN, trial
from tuner.events import EpochProgress, Metrics
from tuner.training.progress import Curve, performance_of


def epoch(number, objective, accuracy=0.5, loss=1.0):
    return EpochProgress(
        trial_number=1,
        epoch=number,
        epochs=10,
        train=Metrics(loss=0.1, accuracy=0.9),
        validation=Metrics(loss=loss, accuracy=accuracy),
        objective=objective,
        duration_s=2.0,
        inference_ms=float(number),
    )


def follow(objectives, **fields):
    """Feed a curve until it says stop: epochs trained, best epoch, reason."""
    curve = Curve(trial(hyperparameters=CNN, **({"epochs": 10} | fields)))
    for number, objective in enumerate(objectives, start=1):
        curve.add(epoch(number, objective))
        if curve.end is not None:
            break
    return curve.last_epoch, curve.best.epoch, *curve.end


def test_without_patience_all_epochs_are_trained():
    assert follow([0.9] + [0.1] * 20) == (10, 1, "all_epochs", "all epochs done: 10")


@pytest.mark.parametrize(
    ("patience", "objectives", "trained", "best"),
    [
        (1, [0.5, 0.5, 0.9], 2, 1),
        (1, [0.5, 0.6, 0.6, 0.9], 3, 2),
        (2, [0.5, 0.4, 0.3, 0.9], 3, 1),
        (2, [0.5, 0.4, 0.6, 0.5, 0.6, 0.9], 5, 3),
        (3, [0.5, 0.4, 0.4, 0.6, 0.1, 0.1, 0.1, 0.9], 7, 4),
    ],
)
def test_patience_is_the_number_of_epochs_without_a_better_objective(patience, objectives, trained, best):
    reason = f"early stopping: no better val_accuracy since epoch {best}"
    assert follow(objectives, early_stopping_patience=patience) == (trained, best, "early_stopping", reason)


def test_a_loss_gets_better_by_falling():
    reason = "early stopping: no better val_loss since epoch 3"
    losses = [1.0, 0.9, 0.8, 0.85, 0.95, 0.1]
    assert follow(losses, objective="val_loss", early_stopping_patience=2) == (5, 3, "early_stopping", reason)


@pytest.mark.parametrize(("min_epochs", "trained"), [(1, 3), (3, 3), (4, 4), (7, 7)])
def test_patience_waits_for_min_epochs(min_epochs, trained):
    flat = [0.5] * 10
    assert follow(flat, early_stopping_patience=2, min_epochs=min_epochs)[:2] == (trained, 1)


def test_patience_that_ends_with_the_last_epoch_is_no_early_stopping():
    assert follow([0.5] * 3, epochs=3, early_stopping_patience=2) == (3, 1, "all_epochs", "all epochs done: 3")


@pytest.mark.parametrize(("objective", "values"), [("val_accuracy", [0.5, 0.6, 0.6]), ("val_loss", [0.5, 0.4, 0.4])])
def test_of_equals_the_first_is_the_best(objective, values):
    curve = Curve(trial(objective=objective))
    assert [curve.add(epoch(number, value)) for number, value in enumerate(values, start=1)] == [True, True, False]
    assert curve.best.epoch == 2


def test_the_performance_is_that_of_validation():
    found = performance_of(epoch(1, 0.5, accuracy=0.7, loss=0.3))
    assert (found.total_score, found.accuracy, found.loss) == (0.7, 0.7, 0.3)


def test_the_values_are_those_of_the_best_epoch_and_the_costs_of_all():
    curve = Curve(trial(hyperparameters=CNN, epochs=3))
    for number, accuracy in enumerate([0.3, 0.6, 0.5], start=1):
        curve.add(epoch(number, accuracy, accuracy=accuracy, loss=1 - accuracy))
    assert curve.values(parameters=7) == {
        "val_accuracy": 0.6,
        "val_loss": 0.4,
        "parameter_count": 7.0,
        "training_time": 6.0,
        "inference_time": 2.0,
    }


def test_without_an_epoch_nothing_has_a_value():
    assert Curve(trial(hyperparameters=CNN)).values(parameters=7) == {}
