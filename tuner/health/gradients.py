"""Health of the gradients, layer by layer: do they arrive, do they blow up, are the layers in balance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

ARRIVES, LOST = 1e-3, 1e-6
"""A layer's gradient relative to the strongest layer's: from here on well, and here nothing of it is left."""

CALM, WILD = 3e-2, 1.0
"""A step's update relative to the weights: up to here well, and here all that was learned is overwritten."""


@dataclass(frozen=True)
class GradientFlow:
    """What one layer's weights got from a sample batch.

    gradient: root mean square of the loss's gradient, over all weights of the layer.
    update: norm of what one training step changed, relative to the norm of the weights.
    """

    gradient: float
    update: float


def vanishing(layers: Sequence[GradientFlow]) -> list[float]:
    """Per layer how much of its gradient is missing, from 0 (arrives) to 1 (lost), on a logarithmic scale.

    Compared with the strongest layer and not with a constant: in a network that has learned all gradients are small,
    and nothing is wrong with it (Glorot and Bengio, 2010, compare layers too).
    """
    strongest = max((layer.gradient for layer in layers), default=0.0)
    if not strongest > 0:
        return [1.0] * len(layers)
    return [_between(layer.gradient / strongest, well=ARRIVES, ill=LOST) for layer in layers]


def exploding(layers: Sequence[GradientFlow]) -> list[float]:
    """Per layer how wild its updates are, from 0 (calm) to 1, on a logarithmic scale; 1 if not finite.

    An update of about a thousandth of the weights is what trains well (Karpathy, CS231n, Ratio of Weights:Updates).
    """
    return [_between(layer.update, well=CALM, ill=WILD) for layer in layers]


def gradient_health(layers: Sequence[GradientFlow]) -> float | None:
    """How well the gradients flow through the layers: (1 - vanishing) (1 - exploding), on average, in [0, 1].

    A layer that gets nothing, or is overwritten at every step, learns nothing, however the others fare; imbalance
    between layers is what `vanishing` measures. None where no layer has weights.
    """
    if not layers:
        return None
    if not all(math.isfinite(layer.gradient) for layer in layers):
        return 0.0
    parts = zip(vanishing(layers), exploding(layers), strict=True)
    return sum((1.0 - lost) * (1.0 - wild) for lost, wild in parts) / len(layers)


def _between(value: float, *, well: float, ill: float) -> float:
    """0 at `well` and on its good side, 1 at `ill` and beyond, in between by the logarithm; 1 for what is no number."""
    if math.isnan(value):
        return 1.0
    if value <= 0:
        return 1.0 if ill < well else 0.0
    if math.isinf(value):
        return 0.0 if ill < well else 1.0
    return min(1.0, max(0.0, math.log(value / well) / math.log(ill / well)))
