"""Sizes of layers, by arithmetic."""

import pytest

from tuner.models.estimate import dense_sizes, filter_sizes, pooled_blocks


@pytest.mark.parametrize(
    ("layers", "first", "sizes"),
    [
        (0, 64, []),
        (1, 64, [64]),
        (4, 64, [64, 32, 16, 8]),
        (6, 64, [64, 32, 16, 8, 8, 8]),
        (3, 1000, [1000, 500, 250]),
        (3, 75, [75, 37, 18]),
        (3, 5, [5, 8, 8]),
    ],
)
def test_dense_layers_halve_down_to_8(layers, first, sizes):
    assert dense_sizes({"dense_layers": layers, "first_dense_nodes": first}) == sizes


def test_no_dense_layers_need_no_first_one():
    assert dense_sizes({"dense_layers": 0}) == []


def test_every_block_has_its_own_filters():
    assert filter_sizes({"conv_layers": 2, "filters_1": 16, "filters_2": 99, "filters_3": 7}) == [16, 99]


@pytest.mark.parametrize(
    ("blocks", "size", "pooled"),
    [
        (4, (28, 28), 4),
        (5, (28, 28), 4),
        (4, (8, 8), 3),
        (4, (7, 8), 2),
        (4, (100, 5), 2),
        (4, (1, 100), 0),
        (2, (64, 64), 2),
        (8, (12,), 3),
    ],
)
def test_only_blocks_that_can_be_halved_are_pooled(blocks, size, pooled):
    assert pooled_blocks({"conv_layers": blocks}, size) == pooled
    assert all(length >> pooled >= 1 for length in size)
