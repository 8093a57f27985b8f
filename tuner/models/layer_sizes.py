"""Sizes of layers, computed in one place so that the builders and the estimate agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tuner.events import Scalar

SMALLEST_DENSE = 8


def filter_sizes(hyperparameters: Mapping[str, Scalar]) -> list[int]:
    """The number of filters of each convolution block."""
    return [int(hyperparameters[f"filters_{block}"]) for block in range(1, int(hyperparameters["conv_layers"]) + 1)]


def pooled_blocks(hyperparameters: Mapping[str, Scalar], size: Sequence[int]) -> int:
    """The number of blocks, from the first, after which the output can be halved and keeps at least 1 pixel.

    `size` is the height and width of an image, or the length of a text.
    """
    return min(int(hyperparameters["conv_layers"]), min(size).bit_length() - 1)


def dense_sizes(hyperparameters: Mapping[str, Scalar]) -> list[int]:
    """The units of each hidden dense layer: each has half of the one before, but at least 8."""
    if not int(hyperparameters["dense_layers"]):
        return []
    first = int(hyperparameters["first_dense_nodes"])
    return [first] + [max(SMALLEST_DENSE, first >> i) for i in range(1, int(hyperparameters["dense_layers"]))]
