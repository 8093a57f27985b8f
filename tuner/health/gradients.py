"""Vanishing and exploding gradients per layer, and the gradient health of a network."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tuner.events import LayerHealth

HEALTHY_GRADIENT, LOST_GRADIENT = 1e-3, 1e-6
"""A layer's gradient relative to the strongest layer's: healthy from the first on, fully vanished at the second."""

HEALTHY_UPDATE, DESTRUCTIVE_UPDATE = 3e-2, 1.0
"""A step's update relative to the weights: healthy up to the first; the second overwrites all that was learned."""


def vanishing(layers: Sequence[LayerHealth]) -> list[float]:
    """Return how far each layer's gradient has vanished, from 0 (healthy) to 1 (lost), on a logarithmic scale.

    Each layer is compared with the strongest one rather than with a constant, because all gradients of a trained
    network are small (Glorot and Bengio, 2010, compare layers too).
    """
    strongest = max((layer.gradient or 0.0 for layer in layers), default=0.0)
    return [
        _severity(layer.gradient / strongest, good=HEALTHY_GRADIENT, bad=LOST_GRADIENT) if layer.gradient else 1.0
        for layer in layers
    ]


def exploding(layers: Sequence[LayerHealth]) -> list[float]:
    """Return how far each layer's updates explode, from 0 (healthy) to 1, on a logarithmic scale; 1 if not finite.

    Updates of about a thousandth of the weights train well (Karpathy, CS231n, Ratio of Weights:Updates).
    """
    return [
        1.0 if layer.update is None else _severity(layer.update, good=HEALTHY_UPDATE, bad=DESTRUCTIVE_UPDATE)
        for layer in layers
    ]


def gradient_health(layers: Sequence[LayerHealth]) -> float | None:
    """Return the mean of (1 - vanishing) (1 - exploding) over the layers, in [0, 1]; None if no layer has weights.

    A layer without a gradient learns nothing, and neither does a layer that each step overwrites, whatever the other
    layers do. The result is 0 if a gradient is not finite.
    """
    if not layers:
        return None
    if any(layer.gradient is None for layer in layers):
        return 0.0
    parts = zip(vanishing(layers), exploding(layers), strict=True)
    return sum((1.0 - vanished) * (1.0 - exploded) for vanished, exploded in parts) / len(layers)


def _severity(value: float, *, good: float, bad: float) -> float:
    """Return 0 at `good` or better, 1 at `bad` or worse, logarithmic in between."""
    if value <= 0:
        return 1.0 if bad < good else 0.0
    return min(1.0, max(0.0, math.log(value / good) / math.log(bad / good)))
