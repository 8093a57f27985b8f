"""The configurations of a small space."""

from __future__ import annotations

from tests.search.samples import PLAIN, narrowed, space
from tuner.search.combinations import combinations, is_finite, number_of_combinations
from tuner.search.encoding import identity

SMALL = {
    "conv_layers": [1, 2],
    "filters_1": 8,
    "filters_2": [8, 16],
    "kernel_size": [3, 5],
    "batch_normalization": True,
    "use_global_pooling": True,
    "dense_layers": 0,
    "activation": "relu",
    "initializer": "he_normal",
    "dropout": 0,
    **PLAIN,
    "optimizer": ["adam", "sgd"],
    "learning_rate": [0.001, 0.01],
    "momentum": 0.9,
    "weight_decay": 0.001,
    "batch_size": 32,
}
"""Kernels * (one layer, or two with two sizes of the second) * optimizers * learning rates = 2 * 3 * 2 * 2."""


def test_the_combinations_of_a_conditional_space_are_each_there_once_and_complete():
    small = space(space=narrowed(**SMALL))
    found = list(combinations(small))
    assert len({identity(named) for named, _ in found}) == len(found) == 24
    for named, by_key in found:
        assert small.choose(lambda parameter: by_key[parameter.key]) == named  # noqa: B023
    assert {key for _, by_key in found for key in by_key} == {
        "conv_layers", "filters_2", "kernel_size", "optimizer", "learning_rate", "learning_rate_sgd"
    }  # fmt: skip


def test_a_range_of_whole_numbers_is_finite_and_one_of_real_numbers_is_not():
    assert number_of_combinations(space(space=narrowed(**SMALL | {"batch_size": "30..34"})), 1000) == 120
    infinite = space(space=narrowed(**SMALL | {"dropout": "0.1..0.2"}))
    assert not is_finite(infinite)
    assert number_of_combinations(infinite, 1000) is None


def test_a_range_that_never_exists_does_not_count():
    adam = SMALL | {"optimizer": "adam", "momentum": "0.5..0.9"}
    assert number_of_combinations(space(space=narrowed(**adam)), 1000) == 12


def test_more_than_asked_for_are_not_counted():
    small = space(space=narrowed(**SMALL))
    assert [number_of_combinations(small, most) for most in (23, 24)] == [None, 24]
