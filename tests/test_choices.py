"""Choices of any kind become labels that JSON, Optuna and CSV hold, and come back as the same objects."""

from __future__ import annotations

import enum
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tuner.choices import labels, listed, originals


class Size(enum.Enum):
    SMALL = 1
    LARGE = 2


def scale(value: float) -> float:
    return value


class Layer:
    def __init__(self, units: int) -> None:
        self.units = units


LAYERS = [Layer(1), Layer(2)]
ONE = scale


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        ([None, "l1", "l2"], ["none", "l1", "l2"]),
        ([None, "none"], ["none", "none #2"]),
        ([(3, 3), (5, 5), (1, 7)], ["[3, 3]", "[5, 5]", "[1, 7]"]),
        ([[64, 32], [64]], ["[64, 32]", "[64]"]),
        ([((1, 2), (3,)), ()], ["[[1, 2], [3]]", "[]"]),
        ([(None, "a")], ['[null, "a"]']),
        ([{"units": 8}], ['{"units": 8}']),
        ([8, 0.5, "a", True], [8, 0.5, "a", True]),
        ([True, 1, 1.0], [True, "1 #2", "1.0 #3"]),
        ([np.int64(8), np.float32(0.5), np.bool_(True), np.str_("a")], [8, 0.5, True, "a"]),
        ([np.array([1, 2]), np.array([3])], ["[1, 2]", "[3]"]),
        ([float("inf"), float("nan")], ["inf", "nan"]),
        ([Size.SMALL, Size.LARGE], ["SMALL", "LARGE"]),
        ([scale, ONE, max], ["scale", "scale", "max"]),
        (LAYERS, ["Layer", "Layer #2"]),
        (
            [tuple(range(100)), tuple(range(1, 101))],
            ["[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11...", "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 1..."],
        ),
    ],
)
def test_a_choice_has_a_label_and_comes_back_as_itself(choices: list[Any], expected: list[Any]) -> None:
    found = labels(choices)
    assert found == expected
    assert json.loads(json.dumps(found)) == expected
    for label, choice in zip(found, choices, strict=True):
        back = originals({"k": choices}, {"k": label, "other": 1})
        assert back["other"] == 1
        if isinstance(label, str):
            assert back["k"] is choice
        else:  # NumPy's numbers become plain ones, which Keras takes for sizes of layers
            assert back["k"] == choice
            assert type(back["k"]) in (bool, int, float)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ((1, 2), [1, 2]),
        (range(16, 65, 16), [16, 32, 48, 64]),
        (np.arange(3), [0, 1, 2]),
        ({3, 1, 2}, [1, 2, 3]),
        ({"a": 1}.keys(), ["a"]),
        ("ab", None),
        (np.int64(3), None),
        ((one for one in [1]), None),
    ],
)
def test_whatever_lists_values_is_a_list(value: Any, expected: list[Any] | None) -> None:
    assert listed(value) == expected


@pytest.mark.parametrize("form", [None, [None], {"choices": [None, (1, 2)]}])
def test_a_fixed_none_and_choices_with_a_name_come_back_too(form: Any) -> None:
    assert originals({"k": form}, {"k": "none"}) == {"k": None}


def test_a_text_that_no_choice_has_stays() -> None:
    space: dict[str, Any] = {"units": "16..256", "k": [(1, 2)], "gone": [None]}
    assert originals(space, {"units": 32, "k": "relu"}) == {"units": 32, "k": "relu"}


def test_labels_do_not_depend_on_the_process() -> None:
    made: list[Callable[[], int]] = [lambda: 1, lambda: 2]
    assert labels(made) == ["lambda", "lambda #2"]
