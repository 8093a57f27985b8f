"""Prices of RunPod's GPUs in dollars per second, for flex workers.

Source: https://docs.runpod.io/serverless/pricing. TUNER_RUNPOD_PRICES adds to it and replaces its entries.
"""

from __future__ import annotations

from collections.abc import Mapping

PRICES: Mapping[str, float] = {
    **dict.fromkeys(("A4000", "A4500", "RTX 4000", "RTX 2000"), 0.00016),
    **dict.fromkeys(("L4", "A5000", "3090"), 0.00019),
    "4090": 0.00031,
    **dict.fromkeys(("A6000", "A40"), 0.00034),
    **dict.fromkeys(("L40", "L40S", "6000 Ada"), 0.00053),
    "A100": 0.00076,
    "H100": 0.00116,
    "H200": 0.00155,
    "B200": 0.00240,
}
"""Dollars per second, by a part of the GPU's name."""


def price_of(gpu: str | None, own: Mapping[str, float]) -> float | None:
    """Return the dollars per second of a GPU by its name, such as NVIDIA GeForce RTX 4090; None if unknown.

    The longest entry that consists of words of the GPU's name counts; entries of the user's table (`own`) come first.
    """
    if gpu is None:
        return None
    for table in (own, PRICES):
        fitting = [name for name in table if _words(name) in _words(gpu)]
        if fitting:
            return table[max(fitting, key=len)]
    return None


def _words(name: str) -> str:
    """Return the words of a name in lower case, each between two blanks."""
    return f" {' '.join(name.lower().replace('-', ' ').replace('_', ' ').split())} "
