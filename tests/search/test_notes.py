"""What a user is told of a search before it starts."""

from __future__ import annotations

import pytest

from tests.search.samples import narrowed, space
from tests.search.test_combinations import SMALL
from tuner.search.notes import search_notes
from tuner.spec import StudySpec


def notes(trials=20, scheduler="asha", **overrides):
    spec = StudySpec(trials=trials, scheduler=scheduler, space=narrowed(**overrides))
    return search_notes(spec, space(space=narrowed(**overrides)))


def test_an_ordinary_search_has_none():
    assert notes() == []
    assert notes(conv_layers=2, filters_2=16, optimizer=["sgd", "adam"], momentum="0.8..0.9") == []


def test_more_trials_than_combinations():
    text = "but the search space has only 24 combinations of values: none is repeated, so the study ends"
    assert notes(trials=25, **SMALL) == [f"trials=25, {text} once all were tried"]
    assert notes(trials=24, **SMALL) == []


def test_a_single_combination():
    fixed = {name: value[0] if isinstance(value, list) else value for name, value in SMALL.items()}
    del fixed["filters_2"], fixed["momentum"], fixed["weight_decay"]
    (note,) = notes(trials=2, **fixed)
    assert note.startswith("trials=2, but the search space has only 1 combination of values")
    assert notes(trials=1, **fixed) == []
    assert notes(trials=2, scheduler="pbt", **fixed) == [], "its members change while they train"


@pytest.mark.parametrize(
    ("overrides", "note"),
    [
        (
            {"optimizer": "adam", "momentum": 0.9},
            "space.momentum has no effect: momentum exists only with optimizer sgd",
        ),
        (
            {"optimizer": ["adam", "rmsprop"], "weight_decay": 0.1},
            "space.weight_decay has no effect: weight_decay exists only with optimizer adamw, sgd",
        ),
        ({"conv_layers": 1, "filters_2": 16}, "space.filters_2 has no effect: no network of this search has filters_2"),
        (
            {"dense_layers": 0, "first_dense_nodes": 64},
            "space.first_dense_nodes has no effect: no network of this search has first_dense_nodes",
        ),
    ],
)
def test_a_value_that_no_network_has(overrides, note):
    assert notes(**overrides) == [note]
