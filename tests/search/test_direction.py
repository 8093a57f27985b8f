"""Which way a hyperparameter goes is said where the trials show it, and only there."""

from __future__ import annotations

import random

import pytest

from tests.search.test_warm_start import row
from tuner.search.direction import Direction, directions
from tuner.search.importance import MIN_TRIALS


def trials(number, objective, *, seed=0, **draw):
    """Rows with drawn hyperparameters: objective(hyperparameters, noise)."""
    chance = random.Random(seed)
    made = []
    for index in range(1, number + 1):
        values = {name: one(chance) for name, one in draw.items()}
        made.append(row(index, objective(values, chance.gauss(0, 0.02)), values))
    return made


RATE = {"learning_rate": lambda chance: 10 ** chance.uniform(-4, -1)}
OPTIMIZER = {"optimizer": lambda chance: chance.choice(["adam", "sgd"])}
NOISE = {
    "dropout": lambda chance: chance.random(),
    "activation": lambda chance: chance.choice(["relu", "elu", "swish"]),
}


def test_a_number_goes_up_or_down():
    found = directions(
        trials(20, lambda hp, noise: 0.8 - 3 * hp["learning_rate"] + noise, **RATE, **NOISE), "val_accuracy"
    )
    assert list(found) == ["learning_rate"]
    assert str(found["learning_rate"]).startswith("the lower, the better (rank correlation -0.")


def test_what_is_to_be_small_is_better_the_lower_it_is():
    rows = trials(20, lambda hp, noise: 1 + 3 * hp["learning_rate"] + noise / 10, **RATE)
    found = directions(
        [trial.model_copy(update={"objective": trial.values["val_accuracy"]}) for trial in rows], "val_loss"
    )
    assert found["learning_rate"].rank_correlation < -0.5


def test_the_best_of_several_choices_is_named_with_its_mean():
    found = directions(
        trials(20, lambda hp, noise: 0.8 - 0.3 * (hp["optimizer"] == "sgd") + noise / 100, **OPTIMIZER, **NOISE),
        "val_accuracy",
    )
    assert list(found) == ["optimizer"]
    assert found["optimizer"].best_choice == "adam"
    assert str(found["optimizer"]) == "best with adam (0.80 on average)"


def test_truth_values_read_as_in_a_spec():
    assert str(Direction(best_choice=True)) == "best with true"


def test_a_number_is_compared_within_its_variant():
    """SGD wants larger rates than Adam: that its trials are worse says nothing of the rate."""

    def rate(hp_chance):
        return hp_chance.uniform(1e-4, 1e-3)

    rows = trials(30, lambda hp, noise: 0.0, optimizer=OPTIMIZER["optimizer"], learning_rate=rate)
    told = []
    for trial in rows:
        sgd = trial.hyperparameters["optimizer"] == "sgd"
        hp = trial.hyperparameters | {"learning_rate": trial.hyperparameters["learning_rate"] * (1000 if sgd else 1)}
        if sgd:
            hp["momentum"] = 0.9
        told.append(
            trial.model_copy(
                update={"hyperparameters": hp, "objective": 0.3 + trial.trial_number / 1e4 if sgd else 0.9}
            )
        )
    assert "learning_rate" not in directions(told, "val_accuracy")


@pytest.mark.parametrize("best_in", ["the middle", "nothing"])
def test_what_has_no_direction_gets_none(best_in):
    def objective(hp, noise):
        return noise + (0.8 - (hp["dropout"] - 0.5) ** 2 if best_in == "the middle" else 0)

    assert "dropout" not in directions(trials(30, objective, **NOISE), "val_accuracy")


def test_where_nothing_matters_hardly_anything_is_said():
    said = [directions(trials(20, lambda hp, noise: noise, seed=s, **RATE, **OPTIMIZER, **NOISE), "val_accuracy")
            for s in range(100)]  # fmt: skip
    assert sum(map(bool, said)) <= 10, "5 are expected of 100"


def test_too_few_trials_or_none_that_differ_say_nothing():
    assert directions(trials(MIN_TRIALS - 1, lambda hp, noise: hp["learning_rate"], **RATE), "val_accuracy") == {}
    assert directions(trials(20, lambda hp, noise: 0.5, **RATE, **OPTIMIZER), "val_accuracy") == {}
    assert directions(trials(20, lambda hp, noise: noise), "val_accuracy") == {}


def test_diverged_trials_count_as_the_worst():
    rows = trials(20, lambda hp, noise: 0.8 + noise, **RATE)
    rows = [
        trial.model_copy(update={"status": "diverged", "objective": None})
        if trial.hyperparameters["learning_rate"] > 0.01
        else trial
        for trial in rows
    ]
    assert directions(rows, "val_accuracy")["learning_rate"].rank_correlation < 0
