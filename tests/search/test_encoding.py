"""Configurations as coordinates and features: what the space allows, and nothing else."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.search.samples import TEXTS, space
from tuner.search.encoding import Axis, Encoding, identity
from tuner.search.parameter import Parameter
from tuner.search.space import Space

CONDITIONAL = Space(
    (
        Parameter("kind", "", choices=("a", "b")),
        Parameter("rate", "", 1e-4, 1e-2, log=True, when=lambda hp: hp["kind"] == "a"),
        Parameter("rate", "", 1e-3, 1.0, log=True, when=lambda hp: hp["kind"] == "b", key="rate_b"),
        Parameter("fixed", "", 3, 3, integer=True),
    )
)


@pytest.mark.parametrize(
    "parameter",
    [
        Parameter("x", "", -2.0, 3.0),
        Parameter("x", "", 1e-5, 1e-1, log=True),
        Parameter("x", "", 1, 7, integer=True),
        Parameter("x", "", 16, 256, integer=True, log=True),
        Parameter("x", "", choices=(64, 16, 32)),
        Parameter("x", "", choices=("relu", "swish", "tanh")),
        Parameter("x", "", choices=(True, False)),
    ],
)
@given(coordinate=st.floats(0, 1))
def test_a_value_keeps_its_place(parameter, coordinate):
    axis = Axis(parameter)
    (value,) = axis.values(np.array([coordinate]))
    (again,) = axis.values(axis.coordinates([value]))
    assert again == (pytest.approx(value) if isinstance(value, float) else value)
    assert 0 <= axis.coordinate(value) <= 1


def test_all_values_of_a_finite_parameter_get_the_same_room():
    for parameter in (Parameter("x", "", 1, 4, integer=True), Parameter("x", "", choices=(1, 2, 4, 8))):
        values = Axis(parameter).values((np.arange(4000) + 0.5) / 4000)
        assert {values.count(value) for value in set(values)} == {1000}


def test_choices_that_are_numbers_are_ordered_by_size():
    features = Axis(Parameter("x", "", choices=(64, 16, 32))).features(np.array([1 / 6, 3 / 6, 5 / 6]))
    assert features[:, 0] == pytest.approx([0, 0.5, 1])
    assert Axis(Parameter("x", "", choices=(64, 16, 32))).values(np.zeros(1)) == [16]


def test_two_other_choices_are_as_unlike_as_two_ends():
    names = Encoding(Space((Parameter("x", "", choices=("a", "b", "c")),)))
    features = names.features(np.array([[1 / 6], [3 / 6], [5 / 6]]))
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert np.sum((features[one] - features[other]) ** 2) == pytest.approx(1)


def test_an_absent_parameter_is_a_state_of_its_own():
    encoding = Encoding(CONDITIONAL)
    low, high, absent = encoding.features(
        encoding.coordinates([{"kind": "a", "rate": 1e-4}, {"kind": "a", "rate": 1e-2}, {"kind": "a"}])
    )
    assert np.sum((low - high) ** 2) == pytest.approx(1)
    assert np.sum((low - absent) ** 2) == np.sum((high - absent) ** 2) == pytest.approx(1.25)


def test_a_configuration_has_what_its_conditions_ask_for_and_constants_have_no_axis():
    encoding = Encoding(CONDITIONAL)
    assert list(encoding.index) == ["kind", "rate", "rate_b"]
    (configuration,) = encoding.decode(np.array([[0.9, 0.5, 1.0]]))
    assert configuration.values == {"kind": "b", "rate_b": 1.0}
    assert configuration.hyperparameters == {"kind": "b", "rate": 1.0, "fixed": 3}
    assert np.isnan(encoding.coordinates([configuration.values])).tolist() == [[False, True, False]]


def test_given_values_decide_the_conditions():
    (configuration,) = Encoding(CONDITIONAL).decode(np.zeros((1, 3)), {"kind": "b"})
    assert configuration.values == {"kind": "b", "rate_b": pytest.approx(1e-3)}


@pytest.mark.parametrize("architecture", ["cnn", "lstm"])
@given(seed=st.integers(0, 2**32 - 1))
def test_real_spaces_decode_everywhere_and_back(architecture, seed):
    encoding = Encoding(space("lstm", TEXTS) if architecture == "lstm" else space())
    (configuration,) = encoding.decode(np.random.default_rng(seed).random((1, len(encoding.axes))))
    coordinates = encoding.coordinates([configuration.values])
    (again,) = encoding.decode(np.nan_to_num(coordinates, nan=0.3))
    assert again.values == pytest.approx(configuration.values)
    assert encoding.features(coordinates).shape == (1, len(encoding.groups))


def test_values_that_the_space_has_no_more_are_placed_without_an_error():
    encoding = Encoding(Space((Parameter("x", "", 1.0, 2.0), Parameter("y", "", choices=("a", "b")))))
    ((number, choice),) = encoding.coordinates([{"x": 9.0, "y": "gone", "z": 1}])
    assert number == 1
    assert math.isnan(choice)


def test_a_space_of_constants_has_no_coordinates():
    encoding = Encoding(Space((Parameter("x", "", 1, 1),)))
    assert encoding.decode(np.zeros((1, 0)))[0].hyperparameters == {"x": 1}
    assert encoding.features(np.zeros((2, 0))).shape == (2, 0)


def test_identity_does_not_know_an_order():
    assert identity({"a": 1, "b": 2.0}) == identity({"b": 2.0, "a": 1})
