"""The short form of hyperparameters in a TrialSpec holds the same values."""

from __future__ import annotations

from tests.search.samples import PLAIN
from tuner.packed_hyperparameters import packed, unpacked

CHANGED = {"augmentation": True, "augment_shift": 4, "augment_rotation": 9, "augment_zoom": 0, "augment_flip": False}
CHANGED |= {"augment_contrast": 10, "augment_cutout": 30}


def test_the_filters_and_the_changes_of_images_are_lists():
    plain = {name: value for name, value in PLAIN.items() if name != "augmentation"}
    values = {"conv_layers": 2, "filters_1": 16, "filters_2": 32, **CHANGED, **plain}
    short = packed(values)
    assert (short["filters"], short["augmentation"]) == ([16, 32], [4, 9, 0, False, 10, 30])
    assert not any(name.startswith(("filters_", "augment_")) for name in short)
    assert unpacked(short) == values
    assert list(unpacked(short)) == list(values), "in their order"


def test_values_outside_a_series_stay():
    values = {"units": 16, "filters_1": 8, "filters": 3, "augmentation": False}
    assert packed(values) == unpacked(values) == values, "of an own model, which has no conv_layers"
    assert packed({**CHANGED, "augment_flip": True})["augmentation"] == [4, 9, 0, True, 10, 30]


def test_a_long_form_is_taken_too():
    values = {"conv_layers": 1, "filters_1": 16, **CHANGED}
    assert unpacked(values) == values
