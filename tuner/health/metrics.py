"""The six health metrics of a network, their weighted mean (the overall health) and the total score.

All functions are pure; all values are in [0, 1], where 1 is healthy.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from tuner.events import EpochProgress, HealthMetrics, LayerHealth
from tuner.health.curves import accuracy_consistency, convergence_quality, training_stability
from tuner.health.gradients import exploding, gradient_health, vanishing
from tuner.health.units import live_share, neuron_utilization
from tuner.spec_parts import HealthWeights

INSUFFICIENT_VALUE = 0.5
"""Value of a metric that could not be measured: neither healthy nor unhealthy."""

FREE_PARAMETERS = 100_000
"""Number of weights up to which the size of a network costs no efficiency."""

DECADES = 4.0
"""Powers of ten above `FREE_PARAMETERS` at which the efficiency is 0."""


def health_metrics(
    epochs: Sequence[EpochProgress],
    layers: Sequence[LayerHealth],
    *,
    parameters: int,
    chance: float,
    weights: HealthWeights,
) -> HealthMetrics:
    """Return the health of a network with this many weights after the last of these epochs, which are all so far.

    `layers` is measured after the last epoch; for `chance` see `curves`.
    """
    losses = [epoch.train.loss for epoch in epochs]
    accuracies = [epoch.validation.accuracy for epoch in epochs]
    measured = {
        "neuron_utilization": neuron_utilization(layers),
        "training_stability": training_stability(losses, chance),
        "parameter_efficiency": parameter_efficiency(accuracies[-1], parameters),
        "gradient_health": gradient_health(layers),
        "convergence_quality": convergence_quality(losses, [epoch.validation.loss for epoch in epochs], chance),
        "accuracy_consistency": accuracy_consistency(accuracies),
    }
    return weighted_health(measured, weights)


def weighted_health(measured: Mapping[str, float | None], weights: HealthWeights) -> HealthMetrics:
    """Return the metrics and their mean with weights that sum to 1.

    `measured` has every field of `HealthWeights`, in [0, 1]; None (too little data) counts as 0.5 and is listed in
    `insufficient`.
    """
    names = list(HealthWeights.model_fields)
    values = {name: INSUFFICIENT_VALUE if (value := measured[name]) is None else value for name in names}
    return HealthMetrics(
        overall_health=sum(getattr(weights, name) * values[name] for name in names),
        insufficient=tuple(name for name in names if measured[name] is None),
        **values,
    )


def total_score(accuracy: float, overall_health: float, accuracy_weight: float) -> float:
    """accuracy_weight * accuracy + (1 - accuracy_weight) * overall_health; all in [0, 1]."""
    return accuracy_weight * accuracy + (1.0 - accuracy_weight) * overall_health


def parameter_efficiency(accuracy: float, parameters: int) -> float:
    """Return the accuracy, reduced by a quarter for each power of ten of weights above 100,000.

    accuracy * (1 - log10(parameters / 100,000) / 4), at least 0. The scale is logarithmic because the error of
    well-trained networks falls as a power of their size (Hestness et al., Deep Learning Scaling is Predictable,
    Empirically, 2017): ten times the size reduces the error by about the same factor.
    """
    excess = math.log10(max(parameters, FREE_PARAMETERS) / FREE_PARAMETERS)
    return accuracy * max(0.0, 1.0 - excess / DECADES)


def layer_health(layers: Sequence[LayerHealth]) -> list[float]:
    """Return the health of each layer of a network, in [0, 1], which colours a drawing of it.

    It is live share * (1 - vanishing) * (1 - exploding), the factors of `neuron_utilization` and `gradient_health`.
    Unlike there, a gradient that is not finite sets only its own layer to 0, so that a drawing shows where it is.
    """
    severities = zip(layers, vanishing(layers), exploding(layers), strict=True)
    return [live_share(layer) * (1.0 - vanished) * (1.0 - exploded) for layer, vanished, exploded in severities]
