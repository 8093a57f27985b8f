"""From what was measured after each epoch to the six metrics."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tuner.events import EpochProgress, HealthMetrics, LayerHealth
from tuner.health.curves import accuracy_consistency, convergence_quality, training_stability
from tuner.health.gradients import GradientFlow, gradient_health
from tuner.health.score import weigh
from tuner.health.size import parameter_efficiency
from tuner.health.units import UnitStatistics, neuron_utilization
from tuner.spec_parts import HealthWeights


def assess(
    epochs: Sequence[EpochProgress],
    layers: Sequence[LayerHealth],
    *,
    parameters: int,
    chance: float,
    weights: HealthWeights,
) -> HealthMetrics:
    """The health of a network after the last of these epochs.

    Args:
        epochs: All epochs until then, from the first one on.
        layers: How its layers are after the last of them.
        parameters: Number of weights.
        chance: Cross-entropy of a network that knows nothing but how frequent each class is, in nats, above 0.
    """
    losses = [epoch.train.loss for epoch in epochs]
    accuracies = [epoch.validation.accuracy for epoch in epochs]
    measured = {
        "neuron_utilization": neuron_utilization(known_units(layers)),
        "training_stability": training_stability(losses, chance),
        "parameter_efficiency": parameter_efficiency(accuracies[-1], parameters),
        "gradient_health": gradient_health(gradient_flows(layers)),
        "convergence_quality": convergence_quality(losses, [epoch.validation.loss for epoch in epochs], chance),
        "accuracy_consistency": accuracy_consistency(accuracies),
    }
    return weigh(measured, weights)


def known_units(layers: Sequence[LayerHealth]) -> list[UnitStatistics]:
    """Of the layers that have hidden units and could be looked into."""
    return [
        UnitStatistics(layer.units, layer.dead, layer.saturated)
        for layer in layers
        if layer.units is not None and layer.dead is not None and layer.saturated is not None
    ]


def gradient_flows(layers: Sequence[LayerHealth]) -> list[GradientFlow]:
    """Of all layers; what is not finite is NaN."""
    return [
        GradientFlow(
            math.nan if layer.gradient is None else layer.gradient,
            math.nan if layer.update is None else layer.update,
        )
        for layer in layers
    ]
