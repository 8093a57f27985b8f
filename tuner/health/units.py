"""Dead and saturated units of a network, measured from their activations.

A unit is a filter of a convolution, or a unit of a dense layer or an LSTM. Its activations are measured on a sample of
the validation data: a filter's at every position of an image, an LSTM's after every word that is not padding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuner.events import LayerHealth

Array = NDArray[np.float32]

MIN_RELATIVE_SPREAD, MIN_SPREAD = 1e-3, 1e-6
"""A unit is dead if its output varies by less than this share of its layer's most active unit, or by less than this."""

SATURATION_LEVEL = 0.99
"""Share of the distance to a bound of the activation from which on an output counts as saturated."""

SATURATED_SAMPLES = 0.8
"""Share of the samples for which a saturated unit is at a bound."""

BOUNDS = {"tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0), "softsign": (-1.0, 1.0), "hard_sigmoid": (0.0, 1.0)}
"""Lower and upper bound of activations that have both; other activations cannot saturate."""


@dataclass(frozen=True)
class UnitStatistics:
    """The number of units of one layer, and the shares that are dead or saturated."""

    count: int
    dead: float
    saturated: float


def unit_statistics(activations: Array, activation: str | None) -> UnitStatistics:
    """Return the shares of dead and saturated units of a layer.

    A unit is dead if its output is the same for all samples: a relu that is never active (Lu et al., Dying ReLU and
    Initialization, 2020), or a swish or elu far below zero. The variation is measured rather than the size, so that the
    rule applies to every activation; it is compared with the layer's most active unit because the units of a layer
    share a scale. A unit is saturated if its output is at a bound of the activation for most samples, where hardly any
    gradient passes (Glorot and Bengio, Understanding the Difficulty of Training Deep Feedforward Neural Networks,
    2010).

    Args:
        activations: Shape (samples, units); image positions and time steps count as samples.
        activation: Keras name of the activation; for an LSTM, of its output.
    """
    spread = activations.max(axis=0) - activations.min(axis=0)
    dead = spread <= max(MIN_RELATIVE_SPREAD * float(spread.max()), MIN_SPREAD)
    saturated = np.zeros_like(dead)
    if activation in BOUNDS:
        low, high = BOUNDS[activation]
        middle, limit = (low + high) / 2, (high - low) / 2 * SATURATION_LEVEL
        saturated = (np.abs(activations - middle) >= limit).mean(axis=0) >= SATURATED_SAMPLES
        dead &= ~saturated
    return UnitStatistics(len(spread), float(dead.mean()), float(saturated.mean()))


def live_share(layer: LayerHealth) -> float:
    """Return the share of a layer's units that are neither dead nor saturated, in [0, 1]; 1 if not measured."""
    return max(0.0, 1.0 - (layer.dead or 0.0) - (layer.saturated or 0.0))


def neuron_utilization(layers: Sequence[LayerHealth]) -> float | None:
    """Return the share of all measured units that are neither dead nor saturated, in [0, 1]; None without any."""
    total = sum(layer.units or 0 for layer in layers)
    return sum((layer.units or 0) * live_share(layer) for layer in layers) / total if total else None
