"""The health of each layer in [0, 1], used to colour a drawing of the network."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tuner.events import LayerHealth
from tuner.health.gradients import GradientFlow, exploding, vanishing


def live_share(layer: LayerHealth) -> float:
    """The share of a layer's units that are neither dead nor saturated, in [0, 1]; 1 if that was not measured."""
    return max(0.0, 1.0 - (layer.dead or 0.0) - (layer.saturated or 0.0))


def layer_health(layers: Sequence[LayerHealth]) -> list[float]:
    """The health of each layer of a network, in [0, 1]: live share * (1 - vanishing) * (1 - exploding).

    The factors are those of `units.neuron_utilization` and `gradients.gradient_health`. Unlike there, a gradient that
    is not finite sets only its own layer to 0, so that a drawing shows where it is; the other layers are compared with
    the strongest finite one.
    """
    finite = [layer for layer in layers if layer.gradient is not None]
    flows = [
        GradientFlow(layer.gradient or 0.0, math.inf if layer.update is None else layer.update) for layer in finite
    ]
    flow_health = {
        layer.layer_id: (1.0 - vanished) * (1.0 - exploded)
        for layer, vanished, exploded in zip(finite, vanishing(flows), exploding(flows), strict=True)
    }
    return [live_share(layer) * flow_health.get(layer.layer_id, 0.0) for layer in layers]
