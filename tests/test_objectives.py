"""What a search can optimise, and what it must keep to."""

import pytest

from tuner.objectives import Constraint, better, dominates, violations


@pytest.mark.parametrize(
    ("objective", "candidate", "incumbent", "is_better"),
    [
        ("val_accuracy", 0.8, 0.7, True),
        ("val_accuracy", 0.7, 0.8, False),
        ("val_loss", 0.7, 0.8, True),
        ("val_loss", 0.8, 0.7, False),
        ("val_accuracy", 0.7, 0.7, False),
        ("val_loss", 0.7, 0.7, False),
        ("val_balanced_accuracy", 0.8, 0.7, True),
        ("val_macro_f1", 0.7, 0.8, False),
        ("val_accuracy", 0.0, None, True),
        ("val_loss", 9.0, None, True),
    ],
)
def test_accuracy_is_maximised_loss_minimised_and_an_equal_is_no_better(objective, candidate, incumbent, is_better):
    assert better(objective, candidate, incumbent) is is_better


@pytest.mark.parametrize("objective", ["parameter_count", "training_time", "inference_time"])
def test_costs_are_minimised(objective):
    assert better(objective, 1.0, 2.0)
    assert not better(objective, 2.0, 1.0)


FRONT = ("val_accuracy", "parameter_count")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((0.9, 100), (0.8, 200), True),
        ((0.9, 100), (0.9, 200), True),
        ((0.9, 100), (0.8, 100), True),
        ((0.9, 100), (0.9, 100), False),
        ((0.9, 200), (0.8, 100), False),
        ((0.8, 200), (0.9, 100), False),
    ],
)
def test_a_trial_dominates_another_that_it_is_nowhere_worse_and_somewhere_better_than(one, other, expected):
    assert dominates(FRONT, dict(zip(FRONT, one, strict=True)), dict(zip(FRONT, other, strict=True))) is expected


@pytest.mark.parametrize(
    ("text", "value", "violation"),
    [
        ("parameter_count<=200000", 100_000, -0.5),
        ("parameter_count <= 2e5", 200_000, 0.0),
        ("parameter_count<=200000", 300_000, 0.5),
        ("val_accuracy>=0.8", 0.6, 0.25),
        ("val_accuracy >= .8", 1.0, -0.25),
        ("val_loss<=0", 0.3, 0.3),
    ],
)
def test_a_violation_is_relative_to_the_bound_and_positive_only_beyond_it(text, value, violation):
    assert Constraint.parse(text).violation(value) == pytest.approx(violation)


def test_a_constraint_reads_as_it_was_written():
    assert str(Constraint.parse(" val_accuracy >= 0.90 ")) == "val_accuracy>=0.9"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("parameter_count<200000", "is not a constraint: write one such as parameter_count<=200000"),
        ("parameter_count<=many", "is not a constraint"),
        ("parameters<=5", "'parameters' is not an objective; known are val_accuracy, val_loss, "),
    ],
)
def test_what_is_no_constraint_is_refused_with_what_is(text, said):
    with pytest.raises(ValueError, match=said):
        Constraint.parse(text)


def test_what_has_no_value_violates_nothing():
    bounds = [Constraint.parse("parameter_count<=5"), Constraint.parse("val_accuracy>=0.5")]
    assert violations(bounds, {"parameter_count": 10.0}) == {"parameter_count<=5": 1.0}


@pytest.mark.parametrize("text", ["val_accuracy>=1.5", "val_accuracy<=-1", "parameter_count<=-5"])
def test_a_constraint_that_no_trial_can_meet_is_refused(text):
    with pytest.raises(ValueError, match="no trial can meet"):
        Constraint.parse(text)
