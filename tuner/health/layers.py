"""One number per layer, to colour a picture of a network with: 0 is ill, 1 is well."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tuner.events import LayerHealth
from tuner.health.gradients import GradientFlow, exploding, vanishing


def live_share(layer: LayerHealth) -> float:
    """Share of its units that are neither dead nor saturated, in [0, 1]; 1 where it has none, or none is known."""
    return max(0.0, 1.0 - (layer.dead or 0.0) - (layer.saturated or 0.0))


def layer_health(layers: Sequence[LayerHealth]) -> list[float]:
    """How well each layer of one network is, in [0, 1]: its live share times (1 - vanishing) (1 - exploding).

    The factors are those of `units.neuron_utilization` and `gradients.gradient_health`. A product, since a layer whose
    units are dead does no work however well its gradients flow, and the other way round. Unlike there, a layer whose
    gradient is not finite is 0 alone: a picture is to show where it is. The others are compared with the strongest of
    the finite ones.
    """
    finite = [layer for layer in layers if layer.gradient is not None]
    flows = [
        GradientFlow(layer.gradient or 0.0, math.inf if layer.update is None else layer.update) for layer in finite
    ]
    arrives = {
        layer.layer_id: (1.0 - lost) * (1.0 - wild)
        for layer, lost, wild in zip(finite, vanishing(flows), exploding(flows), strict=True)
    }
    return [live_share(layer) * arrives.get(layer.layer_id, 0.0) for layer in layers]
