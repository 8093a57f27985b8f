"""A network as boxes along one axis, for drawing it in 3D. Pure functions of the network as Keras built it.

Positions and sizes are hints in scene units. A viewer may scale them; a wider layer has a wider box.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from tuner.events import Architecture, HealthMetrics, Layer, VitalSigns
from tuner.health.health_text import metric_values
from tuner.health.metrics import layer_health

SPACING = 2.0
"""Distance between the centres of neighbouring layers, in scene units."""
SMALLEST = 0.5
"""Side of the box of a layer with one unit, in scene units."""
_RED, _AMBER, _GREEN = (0xD7, 0x30, 0x27), (0xFE, 0xC0, 0x4D), (0x1A, 0x98, 0x50)


class _Response(BaseModel):
    model_config = ConfigDict(frozen=True)


class VisualLayer(Layer):
    """One layer as a box."""

    position_z: float = Field(
        description="Position of its centre along the network, in scene units; the input is at 0."
    )
    width: float = Field(description="Width of its box in scene units, by its output's width or number of units.")
    height: float = Field(
        description="Height of its box in scene units, by its output's height; smallest for a vector."
    )
    health: float | None = Field(
        description="Health of the layer, in [0, 1]; null: not measured, or it has no weights."
    )


class HealthIndicators(_Response):
    """Health metrics of the network, in [0, 1], 1 is best; null: not measured."""

    overall_health: float | None
    neuron_utilization: float | None
    training_stability: float | None
    parameter_efficiency: float | None
    gradient_health: float | None
    convergence_quality: float | None
    accuracy_consistency: float | None
    gradient_norm: float | None = Field(description="Norm of the loss's gradient over all kernels.")
    train_validation_gap: float | None = Field(description="Training minus validation accuracy, in [-1, 1].")


class Visualization(_Response):
    """A network, for drawing it in 3D."""

    type: str = Field(description="cnn, lstm or own.")
    layers: list[VisualLayer] = Field(description="The layers in order, from the input.")
    total_parameters: int = Field(description="Number of weights, trainable or not.")
    model_depth: int = Field(description="Number of layers, without the input.")
    max_layer_width: int = Field(description="Filters or units of the widest layer that has weights.")
    performance_color: str | None = Field(
        description="#rrggbb from red (0) to green (1), by the total score; null: no score."
    )
    health_indicators: HealthIndicators | None = Field(description="Null: not measured, as in mode simple.")


def visualize(
    architecture: Architecture,
    *,
    total_score: float | None,
    health_metrics: HealthMetrics | None,
    vital_signs: VitalSigns | None,
) -> Visualization:
    """The drawing of a trial's network. Arguments are None if they are not known yet."""
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
    """The colour #rrggbb of a share: red at 0, amber at 0.5, green at 1, linear in between; clipped to [0, 1]."""
    share = min(1.0, max(0.0, share))
    low, high, part = (_RED, _AMBER, share * 2) if share < 0.5 else (_AMBER, _GREEN, share * 2 - 1)
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in zip(low, high, strict=True))


def _box(layer: Layer, place: int, health: float | None) -> VisualLayer:
    width, height = _size(layer)
    return VisualLayer(
        **layer.model_dump(), position_z=place * SPACING, width=_side(width), height=_side(height), health=health
    )


def _size(layer: Layer) -> tuple[int, int]:
    """Width and height of an output: of an image its own, of a text features and steps, of a vector its units and 1."""
    shape = [length or 1 for length in layer.output_shape]
    if len(shape) < 2:
        return (shape or [1])[0], 1
    return shape[1], shape[0]


def _side(length: int) -> float:
    """The side of a box: grows by SMALLEST with every doubling, so that 1 and 4,096 units fit into one picture."""
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
