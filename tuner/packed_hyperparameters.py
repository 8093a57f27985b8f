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
    filters = list(takewhile(hyperparameters.__contains__, (f"filters_{block}" for block in count(1))))
    series = {}
    if filters and BLOCKS in hyperparameters and FILTERS not in hyperparameters:
        series[FILTERS] = filters
    if hyperparameters.get(AUGMENTATION) is True and set(CHANGES) <= hyperparameters.keys():
        series[AUGMENTATION] = list(CHANGES)
    places = {name: (key, names) for key, names in series.items() for name in names}
    short: dict[str, Any] = {}
    for name, value in hyperparameters.items():
        key, names = places.get(name, (name, []))
        if name not in series:  # the list takes the place of `augmentation`
            short.setdefault(key, [hyperparameters[one] for one in names] if names else value)
    return short


def unpacked(short: Mapping[str, Any]) -> dict[str, Any]:
    """Return hyperparameters of the short form, in their order. Those that are not packed stay as they are."""
    values: dict[str, Any] = {}
    for name, value in short.items():
        if not isinstance(value, (list, tuple)):
            values[name] = value
        elif name == FILTERS:
            values |= {f"filters_{block}": size for block, size in enumerate(value, start=1)}
        elif name == AUGMENTATION:
            values |= {AUGMENTATION: True, **dict(zip(CHANGES, value, strict=True))}
        else:
            values[name] = value
    return values
