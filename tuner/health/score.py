"""From six measures to one health, and from accuracy and health to the score that is searched for."""

from __future__ import annotations

from collections.abc import Mapping

from tuner.events import HealthMetrics
from tuner.spec_parts import HealthWeights

UNKNOWN = 0.5
"""Of a metric that lacks data: neither well nor ill."""


def weigh(measured: Mapping[str, float | None], weights: HealthWeights) -> HealthMetrics:
    """The metrics with their weighted mean.

    Args:
        measured: Every field of `HealthWeights`, in [0, 1]; None where data are lacking: that counts as 0.5 and is
            marked.
        weights: Sum to 1.

    Raises:
        KeyError: a metric is missing.
    """
    names = list(HealthWeights.model_fields)
    values = {name: UNKNOWN if (value := measured[name]) is None else value for name in names}
    return HealthMetrics(
        overall_health=sum(getattr(weights, name) * values[name] for name in names),
        insufficient=tuple(name for name in names if measured[name] is None),
        **values,
    )


def total_score(accuracy: float, overall_health: float, accuracy_weight: float) -> float:
    """accuracy_weight * accuracy + (1 - accuracy_weight) * overall_health; all in [0, 1]."""
    return accuracy_weight * accuracy + (1.0 - accuracy_weight) * overall_health
