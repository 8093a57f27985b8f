"""The stratified split, whatever the data."""

import re

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tuner.data_spec import DataSpec
from tuner.datasets.split import split_indices
from tuner.errors import FixInputError

share = st.floats(0.01, 0.99)
specs = st.builds(
    DataSpec,
    sample_percentage=st.floats(0.01, 1),
    validation_split=share,
    test_size=share,
    seed=st.integers(0, 2**31 - 1),
)
class_sizes = st.lists(st.integers(2, 60), min_size=2, max_size=8)


def attempt(sizes, spec, official_test):
    y = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    try:
        return y, split_indices(y, tuple(map(str, range(len(sizes)))), spec, official={"test"} if official_test else ())
    except FixInputError:
        assume(False)


def counts(y, part, classes):
    return np.bincount(y[part], minlength=classes)


@given(class_sizes, specs, st.booleans())
def test_parts_are_disjoint_and_every_class_is_trained_and_validated(sizes, spec, official_test):
    y, parts = attempt(sizes, spec, official_test)
    together = np.concatenate([parts.train, parts.validation, parts.test])
    assert len(set(together)) == len(together) <= len(y)
    assert set(y[parts.train]) == set(y[parts.validation]) == set(range(len(sizes)))
    assert official_test <= (len(parts.test) == 0)


@given(class_sizes, specs, st.booleans())
def test_nothing_is_lost_when_all_is_sampled(sizes, spec, official_test):
    y, parts = attempt(sizes, spec.model_copy(update={"sample_percentage": 1.0}), official_test)
    assert len(parts.train) + len(parts.validation) + len(parts.test) == len(y)


@given(class_sizes, specs)
def test_every_class_has_its_share_within_one_sample(sizes, spec):
    y, parts = attempt(sizes, spec, False)
    all_of = np.array(sizes)
    test, validation, train = (counts(y, part, len(sizes)) for part in (parts.test, parts.validation, parts.train))
    used = train + validation
    near = 1 + 1e-6
    assert np.all(abs(test - all_of * spec.test_size) < near)
    assert np.all(abs(used - (all_of - test) * spec.sample_percentage) < near)
    assert np.all(abs(validation - used * spec.validation_split) < near)


@given(class_sizes, specs)
def test_the_same_seed_gives_the_same_parts(sizes, spec):
    _, first = attempt(sizes, spec, False)
    _, second = attempt(sizes, spec, False)
    for part in ("train", "validation", "test"):
        assert np.array_equal(getattr(first, part), getattr(second, part))


@given(class_sizes, specs, st.floats(0.01, 1), share)
def test_the_test_part_depends_on_test_size_and_seed_alone(sizes, spec, sample, validation):
    _, first = attempt(sizes, spec, False)
    _, second = attempt(
        sizes, spec.model_copy(update={"sample_percentage": sample, "validation_split": validation}), False
    )
    assert np.array_equal(first.test, second.test)


@given(class_sizes, specs)
def test_a_smaller_sample_is_part_of_a_larger_one(sizes, spec):
    _, small = attempt(sizes, spec, True)
    _, whole = attempt(sizes, spec.model_copy(update={"sample_percentage": 1.0}), True)
    assert set(small.train) | set(small.validation) <= set(whole.train) | set(whole.validation)


def test_sizes_are_rounded_by_largest_remainder():
    _, parts = attempt([10] * 10, DataSpec(test_size=0.25, validation_split=0.25), False)
    assert (len(parts.test), len(parts.validation), len(parts.train)) == (25, 19, 56)


def test_another_seed_gives_other_parts():
    _, first = attempt([50, 50], DataSpec(seed=1), False)
    _, second = attempt([50, 50], DataSpec(seed=2), False)
    assert set(first.test) != set(second.test)


@pytest.mark.parametrize(
    ("sizes", "fields", "message"),
    [
        (
            [2, 2],
            {},
            "no class has a sample to spare for the test: the largest has 2, .* - add samples until a class has",
        ),
        ([9, 1], {}, "class 'b' has only 1 sample for training and needs at least 2.* - add samples or remove"),
        (
            [9, 3],
            {"test_size": 0.7},
            "test_size=0.7 leaves class 'b' 1 of its 3 samples.* - choose a smaller test_size",
        ),
        (
            [90, 10],
            {"sample_percentage": 0.01},
            "sample_percentage=0.01 leaves class 'b' 1 of its 8 .* - choose sample_percentage of at least 0.25",
        ),
    ],
)
def test_a_split_without_samples_names_the_field_and_the_remedy(sizes, fields, message):
    y = np.repeat(np.arange(2, dtype=np.int32), sizes)
    with pytest.raises(FixInputError, match=message):
        split_indices(y, ("a", "b"), DataSpec(**fields), official=())


def test_all_classes_with_too_few_samples_are_named_at_once():
    y = np.repeat(np.arange(9, dtype=np.int32), [9, *[1] * 8])
    line = (
        "8 classes have fewer samples for training than they need, at least 2: one for training, one for validation: "
        "'1', '2', '3' and 5 more - add samples, or remove these classes or join them into one"
    )
    with pytest.raises(FixInputError, match=re.escape(line)):
        split_indices(y, tuple(map(str, range(9))), DataSpec(), official=())


def test_test_size_does_not_matter_beside_an_official_test():
    _, parts = attempt([9, 9], DataSpec(test_size=0.99), True)
    assert len(parts.train) + len(parts.validation) == 18


@pytest.mark.parametrize(("sizes", "in_test"), [([9, 9], [1, 1]), ([9, 2], [1, 0]), ([2, 3], [0, 1])])
def test_the_smallest_share_leaves_a_test_sample_of_each_class_that_has_one_to_spare(sizes, in_test):
    y, parts = attempt(sizes, DataSpec(test_size=1e-4), False)
    assert counts(y, parts.test, 2).tolist() == in_test


def test_two_samples_of_a_class_are_enough():
    y, parts = attempt([2, 100], DataSpec(), False)
    assert counts(y, parts.train, 2)[0] == counts(y, parts.validation, 2)[0] == 1
