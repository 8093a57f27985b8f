"""A shorter form of a trial's hyperparameters: each series of them is one list. A TrialSpec must stay under 1 KB."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count, takewhile
from typing import Any

from tuner.events import Scalar

FILTERS, BLOCKS = "filters", "conv_layers"
"""Key of the list of filters_1, filters_2, ...; only with the number of blocks are these of a network of ours."""

AUGMENTATION = "augmentation"
CHANGES = tuple(f"augment_{name}" for name in ("shift", "rotation", "zoom", "flip", "contrast", "cutout"))


def packed(hyperparameters: Mapping[str, Scalar]) -> dict[str, Any]:
    """Return hyperparameters in the short form. What has no series in it stays as it is."""
    short: dict[str, Any] = dict(hyperparameters)
    if BLOCKS in short and FILTERS not in short and "filters_1" in short:
        names = list(takewhile(short.__contains__, (f"filters_{block}" for block in count(1))))
        short[FILTERS] = [short.pop(name) for name in names]
    if short.get(AUGMENTATION) is True and set(CHANGES) <= short.keys():
        short[AUGMENTATION] = [short.pop(name) for name in CHANGES]
    return short


def unpacked(short: Mapping[str, Any]) -> dict[str, Any]:
    """Return hyperparameters of the short form. Those that are not packed stay as they are."""
    values = dict(short)
    if isinstance(filters := values.get(FILTERS), (list, tuple)):
        del values[FILTERS]
        values |= {f"filters_{block}": size for block, size in enumerate(filters, start=1)}
    if isinstance(changes := values.get(AUGMENTATION), (list, tuple)):
        values |= {AUGMENTATION: True, **dict(zip(CHANGES, changes, strict=True))}
    return values
