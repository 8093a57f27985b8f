"""Names and values of what is logged, the same in all tools. The part before the `/` groups the charts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from tuner.events import QUANTILES, EpochProgress, HealthMetrics, LayerHealth, LayerSummary, TrialComplete

OF_ALL = 1_000
"""Number of values that stands for all weights of a layer: of them, only the distribution is known."""
NARROW = 1e-5
"""Width of a bucket for equal values, as a share of the whole range."""


def epoch_values(event: EpochProgress) -> dict[str, float]:
    """Return the values after an epoch: losses in nats, accuracies and shares in [0, 1], times in seconds."""
    found: dict[str, float | None] = {
        "loss/training": event.train.loss,
        "loss/validation": event.validation.loss,
        "accuracy/training": event.train.accuracy,
        "accuracy/validation": event.validation.accuracy,
        **{f"accuracy/{name}": value for name, value in event.class_scores.items()},
        "time/epoch_s": event.duration_s,
        "time/inference_ms": event.inference_ms,
        "learning_rate": None if event.summary is None else event.summary.learning_rate,
    }
    if event.health_metrics is not None:
        found |= {f"health/{name}": getattr(event.health_metrics, name) for name in _health_names()}
    for layer in _layers(event):
        found |= {f"gradients/{layer.layer_id}": layer.gradient, f"dead_units/{layer.layer_id}": layer.dead}
        found |= {f"saturated_units/{layer.layer_id}": layer.saturated}
        if isinstance(layer, LayerSummary):
            found |= {f"weight_drift/{layer.layer_id}": layer.drift}
    return {name: value for name, value in found.items() if value is not None}


def result_values(event: TrialComplete) -> dict[str, float]:
    """Return the results of a trial at its best epoch, by objective, and its duration in seconds."""
    return {f"result/{name}": value for name, value in {**event.values, "seconds": event.duration_seconds}.items()}


def distributions(event: EpochProgress) -> Iterator[tuple[str, list[float], list[float]]]:
    """Yield the name, edges and counts of each distribution of weights and biases after an epoch.

    There is one more edge than counts, in rising order; the counts sum to OF_ALL. They come from quantiles, so
    that the values are spread evenly between two edges.
    """
    for layer in event.summary.layers if event.summary is not None else ():
        yield f"weights/{layer.layer_id}", *_histogram(layer.weights)
        if layer.biases is not None:
            yield f"biases/{layer.layer_id}", *_histogram(layer.biases)


def _layers(event: EpochProgress) -> Sequence[LayerSummary | LayerHealth]:
    if event.summary is not None and event.summary.layers:
        return event.summary.layers
    return event.vital_signs.layers if event.vital_signs is not None else ()


def _health_names() -> list[str]:
    return [name for name in HealthMetrics.model_fields if name != "insufficient"]


def _histogram(quantiles: Sequence[float]) -> tuple[list[float], list[float]]:
    """Return edges and counts between the quantiles. Equal ones, as of biases that are all 0, make a narrow bucket."""
    edges, counts = [quantiles[0]], list[float]()
    narrow = (quantiles[-1] - quantiles[0] or abs(quantiles[0]) or 1.0) * NARROW
    for (low, high), (left, right) in zip(pairwise(QUANTILES), pairwise(quantiles), strict=True):
        edge, count = max(right, left + narrow), (high - low) * OF_ALL
        if edge <= edges[-1]:
            counts[-1] += count
        else:
            edges.append(edge)
            counts.append(count)
    return edges, counts
