"""The health of each layer in [0, 1], used to colour a drawing of the network."""

from __future__ import annotations

from collections.abc import Sequence

from tuner.events import LayerHealth
from tuner.health.gradients import exploding, vanishing


def live_share(layer: LayerHealth) -> float:
    """Return the share of a layer's units that are neither dead nor saturated, in [0, 1]; 1 if not measured."""
    return max(0.0, 1.0 - (layer.dead or 0.0) - (layer.saturated or 0.0))


def layer_health(layers: Sequence[LayerHealth]) -> list[float]:
    """Return the health of each layer of a network, in [0, 1]: live share * (1 - vanishing) * (1 - exploding).

    The factors are those of `units.neuron_utilization` and `gradients.gradient_health`. Unlike there, a gradient that
    is not finite sets only its own layer to 0, so that a drawing shows where it is.
    """
    severities = zip(layers, vanishing(layers), exploding(layers), strict=True)
    return [live_share(layer) * (1.0 - vanished) * (1.0 - exploded) for layer, vanished, exploded in severities]
