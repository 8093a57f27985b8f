"""Epochs and summaries of one trial with values that differ by epoch and layer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from tuner.events import LayerSummary, TrainingSummary
from tuner.plots.style import Caption
from tuner.store import EpochRow

CAPTION = Caption("mnist", "validation", 2000, 17)


def rows(count: int, **values: float) -> list[EpochRow]:
    """Epochs with falling losses and rising accuracies; `values` replaces some in all of them."""
    return [
        EpochRow.model_validate(
            {
                "trial_number": 17,
                "epoch": epoch,
                "train_loss": 1.0 / epoch,
                "train_accuracy": 1.0 - 0.5 / epoch,
                "val_loss": 1.2 / epoch,
                "val_accuracy": 0.95 - 0.5 / epoch,
                "objective": 0.95 - 0.5 / epoch,
                "duration_s": 1.0,
                "inference_ms": 0.1,
                "time": datetime(2026, 1, 2, tzinfo=UTC),
                **values,
            }
        )
        for epoch in range(1, count + 1)
    ]


def layer(name: str, epoch: int, **values: Any) -> LayerSummary:
    """A layer whose weights spread with the epochs."""
    spread = tuple(epoch * value for value in (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0))
    defaults = {
        "units": 8,
        "dead": 0.1 * epoch,
        "saturated": 0.0,
        "gradient": 0.01 / epoch,
        "weights": spread,
        "biases": tuple(value / 10 for value in spread),
        "drift": 0.2 * epoch,
    }
    return LayerSummary(layer_id=name, **(defaults | values))


def summaries(
    epochs: Sequence[int], names: Sequence[str] = ("conv", "output"), **values: Any
) -> dict[int, TrainingSummary]:
    """Summaries of these epochs with these layers; `values` replaces values of all layers."""
    return {
        epoch: TrainingSummary(
            learning_rate=0.01 / epoch,
            recalls=(epoch / 10, 0.5),
            confusion=((epoch, 10 - epoch), (1, 3)),
            layers=tuple(layer(name, epoch, **values) for name in names),
        )
        for epoch in epochs
    }
