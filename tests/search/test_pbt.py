"""Population based training: who copies whom, and what changes."""

import random

import pytest

from tests.search.samples import RandomSuggester, narrowed, space
from tuner.search.pbt import VARIED, PbtScheduler, perturbed


class Trial:
    def __init__(self, number, hyperparameters):
        self.config = {"trial": {"trial_number": number, "hyperparameters": hyperparameters}}


@pytest.mark.parametrize("seed", range(20))
def test_a_copy_differs_in_its_training_alone_and_stays_within_the_space(seed):
    within = space()
    before = within.suggest(RandomSuggester(seed))
    after = perturbed(before, within, random.Random(seed))
    assert after.keys() == before.keys()
    assert {name for name in after if after[name] != before[name]} <= set(VARIED)
    assert after != before
    for parameter in within.parameters:
        if parameter.low is not None and parameter.name in after and parameter.when(after):
            assert parameter.low <= after[parameter.name] <= parameter.high
            assert isinstance(after[parameter.name], int) == parameter.integer


def test_what_the_user_fixed_stays():
    within = space(space=narrowed(learning_rate=0.003, batch_size=64))
    before = within.suggest(RandomSuggester(1))
    for seed in range(20):
        after = perturbed(before, within, random.Random(seed))
        assert (after["learning_rate"], after["batch_size"]) == (0.003, 64)


def test_a_trial_that_copies_another_keeps_its_own_number_and_says_whom_it_copied():
    within = space()
    population = PbtScheduler(within, 0, 10, time_attr="epoch", metric="objective", mode="max")
    laggard, leader = (Trial(number, within.suggest(RandomSuggester(number))) for number in (3, 8))
    config = population.cloned_config(laggard.config, leader.config)
    assert config["trial"]["trial_number"] == 3
    assert (config["cloned_from"], config["suggested_by"]) == (8, "pbt")
    same = {name: value for name, value in leader.config["trial"]["hyperparameters"].items() if name not in VARIED}
    assert same.items() <= config["trial"]["hyperparameters"].items()
    assert leader.config["trial"]["trial_number"] == 8


def test_a_value_drawn_anew_follows_the_scale_of_its_range():
    within = space(space=narrowed(optimizer="adam"))
    before = within.suggest(RandomSuggester(0)) | {"learning_rate": 1e-3}
    drawn = [perturbed(before, within, random.Random(seed))["learning_rate"] for seed in range(400)]
    new = [value for value in drawn if value not in (1e-3 * 0.8, 1e-3 * 1.25)]
    assert 60 < len(new) < 140
    assert 0.3 < sum(value < 1e-3 for value in new) / len(new) < 0.7
