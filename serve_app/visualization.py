"""A built network as boxes along one axis, ready to be drawn in three dimensions. Pure: from rows to values.

Everything is told from the network as Keras built it. Positions and sizes are hints in units of a scene: a picture may
scale them, but what is wider in the network is wider there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from tuner.events import Architecture, HealthMetrics, Layer, VitalSigns
from tuner.health.health_text import metric_values
from tuner.health.layers import layer_health

SPACING = 2.0
"""Between the centres of two neighbouring layers."""
SMALLEST = 0.5
"""Side of a layer of one unit."""
_RED, _AMBER, _GREEN = (0xD7, 0x30, 0x27), (0xFE, 0xC0, 0x4D), (0x1A, 0x98, 0x50)


class _Shown(BaseModel):
    model_config = ConfigDict(frozen=True)


class VisualLayer(Layer):
    """One layer as a box."""

    position_z: float = Field(description="Of its centre along the network, from 0 at the input, in scene units.")
    width: float = Field(description="Hint, in scene units: of the output's width, or of its number of units.")
    height: float = Field(description="Hint, in scene units: of the output's height; of a vector the smallest.")
    health: float | None = Field(description="How well it is, in [0, 1]; null: not measured, or it has no weights.")


class HealthIndicators(_Shown):
    """How well the whole network is: shares in [0, 1], 1 being well; null: not known."""

    overall_health: float | None
    neuron_utilization: float | None
    training_stability: float | None
    parameter_efficiency: float | None
    gradient_health: float | None
    convergence_quality: float | None
    accuracy_consistency: float | None
    gradient_norm: float | None = Field(description="Of the loss, over all kernels.")
    train_validation_gap: float | None = Field(description="Training less validation accuracy, in [-1, 1].")


class Visualization(_Shown):
    """A built network, ready to be drawn."""

    type: str = Field(description="cnn, lstm or own.")
    layers: list[VisualLayer] = Field(description="In their order, from the input on.")
    total_parameters: int = Field(description="Number of weights, trainable or not.")
    model_depth: int = Field(description="Number of layers, without the input.")
    max_layer_width: int = Field(description="Filters or units of the widest layer that has weights.")
    performance_color: str | None = Field(description="#rrggbb from red (0) to green (1), by total score; null: none.")
    health_indicators: HealthIndicators | None = Field(description="Null: not measured, as in mode simple.")


def visualize(
    architecture: Architecture,
    *,
    total_score: float | None,
    health_metrics: HealthMetrics | None,
    vital_signs: VitalSigns | None,
) -> Visualization:
    """The network of a trial with what is known of it; None: not known (yet)."""
    well = {} if vital_signs is None else dict(_layer_health(vital_signs))
    layers = architecture.layers
    return Visualization(
        type=architecture.type,
        layers=[_box(layer, place, well.get(layer.layer_id)) for place, layer in enumerate(layers)],
        total_parameters=architecture.total_parameters,
        model_depth=sum(layer.layer_type != "InputLayer" for layer in layers),
        max_layer_width=_widest(layers),
        performance_color=None if total_score is None else color(total_score),
        health_indicators=_indicators(health_metrics, vital_signs),
    )


def color(share: float) -> str:
    """Red at 0, amber at one half, green at 1, mixed evenly between them; beyond them as at the bound."""
    share = min(1.0, max(0.0, share))
    low, high, part = (_RED, _AMBER, share * 2) if share < 0.5 else (_AMBER, _GREEN, share * 2 - 1)
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in zip(low, high, strict=True))


def _box(layer: Layer, place: int, health: float | None) -> VisualLayer:
    width, height = _size(layer)
    return VisualLayer(
        **layer.model_dump(), position_z=place * SPACING, width=_side(width), height=_side(height), health=health
    )


def _size(layer: Layer) -> tuple[int, int]:
    """What is wide and what is high: the plane of a picture, steps against features of a text, units of a vector."""
    shape = [length or 1 for length in layer.output_shape]
    if len(shape) < 2:
        return (shape or [1])[0], 1
    return shape[1], shape[0]


def _side(length: int) -> float:
    """Grows by one smallest side with every doubling: layers of 1 and of 4,096 units fit into one picture."""
    return round(SMALLEST * (1.0 + math.log2(max(1, length))), 4)


def _widest(layers: Sequence[Layer]) -> int:
    weighty = [layer for layer in layers if layer.parameters] or layers
    return max((layer.filters or layer.units or (layer.output_shape or [1])[-1] or 1 for layer in weighty), default=0)


def _layer_health(signs: VitalSigns) -> zip[tuple[str, float]]:
    return zip((layer.layer_id for layer in signs.layers), layer_health(signs.layers), strict=True)


def _indicators(metrics: HealthMetrics | None, signs: VitalSigns | None) -> HealthIndicators | None:
    if metrics is None and signs is None:
        return None
    names = (name for name in HealthIndicators.model_fields if name not in ("gradient_norm", "train_validation_gap"))
    known: dict[str, float | None] = dict.fromkeys(names)
    if metrics is not None:
        known |= {"overall_health": metrics.overall_health, **metric_values(metrics)}
    return HealthIndicators(
        **known,
        gradient_norm=signs and signs.gradient_norm,
        train_validation_gap=signs and signs.train_validation_gap,
    )
