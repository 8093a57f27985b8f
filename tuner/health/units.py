"""Health of a network's units: which of them answer to what they are shown.

A unit is a filter of a convolution, a unit of a dense layer or of an LSTM; its activations are taken on a sample of the
validation data, for a filter at every place of the picture, for an LSTM after every word that is not padding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

STILL, NOTHING = 1e-3, 1e-6
"""A unit is dead that moves less than this share of what its layer's liveliest unit moves, or less than this at all."""

FULL = 0.99
"""Share of the way to the bound of its activation from which on a unit is saturated there."""

MOSTLY = 0.8
"""Share of the samples for which a saturated unit has to be at a bound."""

BOUNDS = {"tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0), "softsign": (-1.0, 1.0), "hard_sigmoid": (0.0, 1.0)}
"""Of activations that have two; the others cannot be saturated."""


@dataclass(frozen=True)
class UnitStatistics:
    """One layer's units: how many there are, and which share of them is dead, saturated or well."""

    count: int
    dead: float
    saturated: float

    @property
    def live(self) -> float:
        """Share of the units that are neither dead nor saturated."""
        return max(0.0, 1.0 - self.dead - self.saturated)


def inspect(activations: Array, activation: str | None) -> UnitStatistics:
    """What the activations of one layer say of its units.

    A unit is dead where its output is the same for all samples: a relu that is never active (Lu et al., Dying ReLU and
    Initialization, 2020), or a swish or elu so far below zero that nothing gets through. What counts is movement and
    not size, so that it holds for every activation: within a layer units share their scale, hence the comparison with
    its liveliest unit. A unit is saturated where it lies at a bound of its activation for most samples, since hardly
    any gradient gets through it then (Glorot and Bengio, Understanding the Difficulty of Training Deep Feedforward
    Neural Networks, 2010).

    Args:
        activations: Shape (samples, units): places and time steps are samples too.
        activation: Keras name of the activation, of an LSTM that of its output.
    """
    spread = activations.max(axis=0) - activations.min(axis=0)
    dead = spread <= max(STILL * float(spread.max()), NOTHING)
    saturated = np.zeros_like(dead)
    if activation in BOUNDS:
        low, high = BOUNDS[activation]
        middle, reach = (low + high) / 2, (high - low) / 2 * FULL
        saturated = (np.abs(activations - middle) >= reach).mean(axis=0) >= MOSTLY
        dead &= ~saturated
    return UnitStatistics(len(spread), float(dead.mean()), float(saturated.mean()))


def neuron_utilization(layers: Sequence[UnitStatistics]) -> float | None:
    """Share of all hidden units that live, in [0, 1]; None where there are none."""
    total = sum(layer.count for layer in layers)
    return sum(layer.count * layer.live for layer in layers) / total if total else None
