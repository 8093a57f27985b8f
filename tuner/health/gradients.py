"""Vanishing and exploding gradients per layer, and the gradient health of a network."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

HEALTHY_GRADIENT, LOST_GRADIENT = 1e-3, 1e-6
"""A layer's gradient relative to the strongest layer's: healthy from the first on, fully vanished at the second."""

HEALTHY_UPDATE, DESTRUCTIVE_UPDATE = 3e-2, 1.0
"""A step's update relative to the weights: healthy up to the first; the second overwrites all that was learned."""


@dataclass(frozen=True)
class GradientFlow:
    """Gradient and update of one layer's weights on a sample batch.

    gradient: root mean square of the loss's gradient over all weights of the layer.
    update: norm of the change by one training step, relative to the norm of the weights.
    """

    gradient: float
    update: float


def vanishing(layers: Sequence[GradientFlow]) -> list[float]:
    """How far each layer's gradient has vanished, from 0 (healthy) to 1 (lost), on a logarithmic scale.

    Each layer is compared with the strongest one rather than with a constant, because all gradients of a trained
    network are small (Glorot and Bengio, 2010, compare layers too).
    """
    strongest = max((layer.gradient for layer in layers), default=0.0)
    if not strongest > 0:
        return [1.0] * len(layers)
    return [_severity(layer.gradient / strongest, good=HEALTHY_GRADIENT, bad=LOST_GRADIENT) for layer in layers]


def exploding(layers: Sequence[GradientFlow]) -> list[float]:
    """How far each layer's updates explode, from 0 (healthy) to 1, on a logarithmic scale; 1 if not finite.

    Updates of about a thousandth of the weights train well (Karpathy, CS231n, Ratio of Weights:Updates).
    """
    return [_severity(layer.update, good=HEALTHY_UPDATE, bad=DESTRUCTIVE_UPDATE) for layer in layers]


def gradient_health(layers: Sequence[GradientFlow]) -> float | None:
    """The mean of (1 - vanishing) (1 - exploding) over the layers, in [0, 1]; None if no layer has weights.

    A layer without gradient, or one that each step overwrites, learns nothing, whatever the other layers do.
    """
    if not layers:
        return None
    if not all(math.isfinite(layer.gradient) for layer in layers):
        return 0.0
    parts = zip(vanishing(layers), exploding(layers), strict=True)
    return sum((1.0 - vanished) * (1.0 - exploded) for vanished, exploded in parts) / len(layers)


def _severity(value: float, *, good: float, bad: float) -> float:
    """0 at `good` or better, 1 at `bad` or worse or for NaN, logarithmic in between."""
    if math.isnan(value):
        return 1.0
    if value <= 0:
        return 1.0 if bad < good else 0.0
    if math.isinf(value):
        return 0.0 if bad < good else 1.0
    return min(1.0, max(0.0, math.log(value / good) / math.log(bad / good)))
