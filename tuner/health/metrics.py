"""The six health metrics of a network, the overall health (their weighted mean, halved at chance) and total score.

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

LEARNED = 0.1
"""Share of chance by which a loss must lie below chance for the health to count in full."""

UNLEARNED_HEALTH = 0.5
"""Factor of the overall health of a network that is at chance."""

REDUCED = 0.01
"""Difference to the mean of the metrics from which on a health counts as reduced."""

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

    `layers` is measured after the last epoch; for `chance` see `curves`. A network that has not learned has calm curves
    and live units, so its overall health is reduced: see `learned_share`.
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
    health = weighted_health(measured, weights)
    share = learned_share(losses[-1], epochs[-1].validation.loss, chance)
    factor = UNLEARNED_HEALTH + (1.0 - UNLEARNED_HEALTH) * share
    return health.model_copy(update={"overall_health": health.overall_health * factor})


def learned_share(training_loss: float, validation_loss: float, chance: float) -> float:
    """Return how far a network has left chance, from 0 (not at all) to 1: one of its losses is 10 % below chance."""
    lowest = min((loss for loss in (training_loss, validation_loss) if math.isfinite(loss)), default=math.inf)
    return min(1.0, max(0.0, (1.0 - lowest / chance) / LEARNED))


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


def is_reduced(health: HealthMetrics, weights: HealthWeights) -> bool:
    """Return whether the overall health is below the mean of its metrics, since the network has hardly learned."""
    shares = weights.shares
    mean: float = sum(share * getattr(health, name) for name, share in shares.items())
    return health.overall_health < mean - REDUCED


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
