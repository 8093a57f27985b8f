"""Epochs as they were measured, made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tuner.events import EpochProgress, LayerHealth, Metrics, VitalSigns

CALM = {"gradient": 0.1, "update": 1e-3}
LAYERS = (
    LayerHealth(layer_id="block1_conv", units=16, dead=0.0, saturated=0.0, **CALM),
    LayerHealth(layer_id="dense1", units=64, dead=0.0, saturated=0.0, **CALM),
    LayerHealth(layer_id="classes", **CALM),
)


def changed(layer_id: str, **fields: Any) -> tuple[LayerHealth, ...]:
    """The layers with one that is not as it should be."""
    return tuple(one.model_copy(update=fields) if one.layer_id == layer_id else one for one in LAYERS)


def signs(layers: Sequence[LayerHealth] = LAYERS) -> VitalSigns:
    return VitalSigns(gradient_norm=1.0, train_validation_gap=0.0, layers=tuple(layers))


def history(
    train: Sequence[float],
    validation: Sequence[float] | None = None,
    accuracy: Sequence[float] | None = None,
    layers: Sequence[LayerHealth] = LAYERS,
    total: int = 10,
) -> list[EpochProgress]:
    """Epochs with these losses (validation: the same) and validation accuracies (0.5), whose layers look like this."""
    validated = train if validation is None else validation
    accuracies = [0.5] * len(train) if accuracy is None else accuracy
    return [
        EpochProgress(
            trial_number=1,
            epoch=number,
            epochs=total,
            train=Metrics(loss=loss, accuracy=0.5),
            validation=Metrics(loss=validated[number - 1], accuracy=accuracies[number - 1]),
            objective=0.5,
            duration_s=1.0,
            inference_ms=0.1,
            vital_signs=signs(layers),
        )
        for number, loss in enumerate(train, start=1)
    ]
