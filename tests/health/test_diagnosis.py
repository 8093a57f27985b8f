"""The findings of scripted histories: which are found, at which epoch first, and which are not."""

from __future__ import annotations

import math
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.health.samples import changed, history
from tuner.events import FindingName
from tuner.health.diagnosis import RULES, divergence_finding, new_findings

CHANCE = math.log(10)
FALLING = [1.5, 0.9, 0.6, 0.45, 0.36, 0.3, 0.26, 0.23]
CLIMBING = [0.5, 0.7, 0.8, 0.85, 0.87, 0.88, 0.89, 0.9]
losses = st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=12)


def findings(epochs, chance=CHANCE, batches=100):
    """All findings of a whole training, found epoch by epoch."""
    seen = []
    for epoch in epochs:
        found = tuple(new_findings([*seen, epoch], chance, batches))
        seen.append(epoch.model_copy(update={"findings": found}))
    return [finding for epoch in seen for finding in epoch.findings]


def names(epochs, chance=CHANCE):
    return [(finding.name, finding.epoch) for finding in findings(epochs, chance)]


def test_a_training_that_goes_well_has_none():
    assert names(history(FALLING, accuracy=CLIMBING)) == []


@pytest.mark.parametrize(
    ("layer", "name", "evidence"),
    [
        ({"dead": 0.5}, "dying_units", "50% of the 64 units of dense1 are dead"),
        ({"saturated": 0.75}, "saturation", "75% of the 64 units of dense1 are saturated"),
        ({"gradient": 1e-7}, "vanishing_gradients", "the gradient of dense1 is 1.0e-06 of the strongest layer's"),
        ({"update": 0.8}, "exploding_gradients", "dense1: one step changed its weights by 80%"),
        ({"update": None}, "exploding_gradients", "dense1: one step changed its weights to values that are not finite"),
    ],
)
def test_a_layer_with_a_problem_is_named_with_the_evidence(layer, name, evidence):
    (found,) = findings(history(FALLING, accuracy=CLIMBING, layers=changed("dense1", **layer)))
    assert (found.name, found.layer_id, found.evidence, found.epoch) == (name, "dense1", evidence, 1)
    assert not found.hopeless


@pytest.mark.parametrize(
    "layer", [{"dead": 0.3}, {"saturated": 0.2}, {"gradient": 2e-5}, {"update": 0.2}, {"units": 4, "dead": 0.75}]
)
def test_a_little_is_no_finding(layer):
    assert names(history(FALLING, accuracy=CLIMBING, layers=changed("dense1", **layer))) == []


def test_each_finding_comes_once_however_long_it_lasts():
    assert names(history(FALLING, accuracy=CLIMBING, layers=changed("dense1", dead=0.9))) == [("dying_units", 1)]


def test_what_begins_later_is_told_when_it_begins():
    epochs = history(FALLING, accuracy=CLIMBING)
    late = history(FALLING, accuracy=CLIMBING, layers=changed("dense1", saturated=0.9))
    assert names([*epochs[:4], *late[4:]]) == [("saturation", 5)]


def test_a_loss_that_goes_up_and_down_oscillates():
    assert names(history([1.0, 0.6, 0.9, 0.6], accuracy=CLIMBING[:4])) == [("oscillating_loss", 4)]


def test_a_loss_that_shoots_up_and_stays_there_diverges():
    found = {one.name: one for one in findings(history([1.0, 0.8, 5.5, 9.0], accuracy=CLIMBING[:4]))}
    assert found["divergence"].epoch == 3
    assert found["divergence"].hopeless


def test_a_loss_far_above_chance_tells_of_steps_that_went_astray():
    assert names(history([40.0, 1.0, 0.8], accuracy=CLIMBING[:3])) == [("exploding_gradients", 1)]


def test_a_loss_that_is_no_number_is_divergence():
    found = divergence_finding(3, "the loss was not finite")
    assert (found.name, found.epoch, found.evidence, found.hopeless) == (
        "divergence",
        3,
        "the loss was not finite",
        True,
    )


class TestNoLearning:
    def test_a_training_that_stands_at_chance_will_not_learn(self):
        (found,) = findings(history([CHANCE] * 6, accuracy=[0.1] * 6, total=20))[:1]
        assert (found.name, found.epoch, found.hopeless) == ("no_learning", 3, True)

    @pytest.mark.parametrize(("batches", "epoch"), [(4, 25), (12, 9), (40, 3)])
    def test_it_may_still_learn_in_its_first_hundred_steps(self, batches, epoch):
        found = findings(history([CHANCE] * 30, accuracy=[0.1] * 30, total=100), batches=batches)
        assert [one.epoch for one in found if one.name == "no_learning"] == [epoch]

    def test_of_a_training_whose_steps_are_not_known_the_epochs_count(self):
        found = findings(history([CHANCE] * 6, accuracy=[0.1] * 6, total=20), batches=None)
        assert [one.epoch for one in found if one.name == "no_learning"] == [3]

    def test_nor_will_one_whose_layers_let_nothing_through_from_its_first_epoch_on(self):
        found = findings(history([CHANCE], layers=changed("dense1", dead=1.0)))
        assert ("no_learning", 1) in [(one.name, one.epoch) for one in found]

    def test_a_slow_start_may_still_pick_up(self):
        slow = [CHANCE - 0.01 * epoch for epoch in range(5)]
        assert names(history(slow, total=10)) == []

    def test_its_chance_is_that_of_its_classes(self):
        """A loss of 0.5 is much with two classes of which one is rare, and nothing where there are ten."""
        rare = -0.05 * math.log(0.05) - 0.95 * math.log(0.95)
        assert ("no_learning", 3) in names(history([rare] * 4, accuracy=[0.95] * 4), chance=rare)


class TestOverfitting:
    def test_samples_that_are_learned_by_heart(self):
        apart = [1.4, 1.2, 1.1, 1.15, 1.2, 1.25, 1.3, 1.4]
        assert ("overfitting", 5) in names(history(FALLING, apart, CLIMBING))

    def test_or_where_nothing_of_it_holds_for_others(self):
        train = [CHANCE, 2.28, 2.26, 2.24, 2.22]
        assert ("overfitting", 4) in names(history(train, [2.30, 2.29, 2.32, 2.35, 2.4], [0.1] * 5))

    def test_a_validation_loss_that_still_falls_is_none(self):
        apart = [loss + 0.6 for loss in FALLING]
        assert names(history(FALLING, apart, CLIMBING)) == []


class TestNoMoreGain:
    FLAT = (0.5, 0.8, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9)
    RISING = (1.0, 0.5, 0.40, 0.41, 0.42, 0.43, 0.44, 0.45)

    def test_neither_a_better_accuracy_nor_a_lower_loss_for_three_epochs(self):
        (found,) = findings(history(FALLING, self.RISING, self.FLAT))
        assert (found.name, found.epoch, found.hopeless) == ("no_more_gain", 6, False)
        assert found.evidence == "validation accuracy 0.9000 not improved since epoch 3, loss rises"

    @pytest.mark.parametrize("gained", ["accuracy", "loss"])
    def test_one_of_them_is_gain_enough(self, gained):
        accuracy = CLIMBING if gained == "accuracy" else self.FLAT
        validation = FALLING if gained == "loss" else self.RISING
        assert "no_more_gain" not in dict(names(history(FALLING, validation, accuracy)))


@pytest.mark.parametrize(
    ("train", "name"), [([2.0, 9.0, 2.0, 9.0, 2.0, 9.0], "oscillating_loss"), ([1.0, 0.8, 5.5, 9.0], "divergence")]
)
def test_the_first_steps_on_small_data_are_no_curve_yet(train, name):
    epochs = history(train, accuracy=CLIMBING[: len(train)])
    assert name in dict(names(epochs))
    assert name not in [one.name for one in findings(epochs, batches=4)]


def test_a_layer_is_judged_after_any_number_of_steps():
    epochs = history(FALLING, accuracy=CLIMBING, layers=changed("dense1", dead=0.9))
    assert [(one.name, one.epoch) for one in findings(epochs, batches=1)] == [("dying_units", 1)]


@given(losses, st.floats(1e-3, 10))
def test_whatever_was_measured_there_is_an_answer(train, chance):
    told = [name for name, _ in names(history(train), chance)]
    assert len(told) == len(set(told))


@given(losses, st.floats(1e-2, 1e2))
def test_the_unit_of_the_loss_does_not_matter(train, factor):
    scaled = [loss * factor for loss in train]
    assert names(history(train)) == names(history(scaled), CHANCE * factor)


def test_without_vital_signs_the_curves_still_tell():
    blind = [epoch.model_copy(update={"vital_signs": None}) for epoch in history([CHANCE] * 4, accuracy=[0.1] * 4)]
    assert [name for name, _ in names(blind)] == ["no_learning"]


def test_every_named_finding_has_its_rule():
    assert len(RULES) == len(get_args(FindingName))
