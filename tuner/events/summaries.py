"""What is kept of an epoch for the figures of a training."""

from __future__ import annotations

from pydantic import Field

from tuner.events.base import Value, is_none

QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
"""The quantiles by which the distribution of a layer's weights is kept."""


class LayerSummary(Value):
    """One layer with kernel weights after an epoch. Values have 4 significant digits.

    Gradient and units are null where an epoch was too short to measure them; weights are known all the same.
    """

    layer_id: str
    units: int | None = Field(
        default=None,
        exclude_if=is_none,
        description="Hidden units: filters, or units of a dense or recurrent layer; null: none.",
    )
    dead: float | None = Field(
        default=None,
        exclude_if=is_none,
        description="Share of the units with the same output for all samples, in [0, 1]; null: unknown.",
    )
    saturated: float | None = Field(
        default=None,
        exclude_if=is_none,
        description="Share of the units with an output at a bound of their range, in [0, 1]; null: no bound, unknown.",
    )
    gradient: float | None = Field(
        default=None,
        exclude_if=is_none,
        description="Root mean square of the loss's gradient over its kernel weights, on 64 validation samples; null: "
        "not finite, or not measured.",
    )
    weights: tuple[float, ...] = Field(description="The QUANTILES of its kernel weights, of 10,000 of them at most.")
    biases: tuple[float, ...] | None = Field(
        default=None,
        exclude_if=is_none,
        description="The QUANTILES of its biases, of 10,000 of them at most; null: it has none.",
    )
    drift: float | None = Field(
        default=None,
        exclude_if=is_none,
        description="Norm of the change of these weights since the trial's start, divided by their norm then; null: "
        "all were 0 then, or the trial continues the training of another one.",
    )


class TrainingSummary(Value):
    """What figures of a training need to know of one epoch."""

    learning_rate: float = Field(description="At the end of the epoch.")
    recalls: tuple[float, ...] | None = Field(
        default=None,
        description="Share of right answers among the validation samples of each class, in [0, 1], 0 for a class "
        "without samples; null: more than 200 classes.",
    )
    confusion: tuple[tuple[int, ...], ...] | None = Field(
        default=None,
        description="Validation samples by true class (rows) and predicted class; null: more than 12 classes.",
    )
    layers: tuple[LayerSummary, ...] = Field(
        default=(), description="Layers with kernel weights, in the order of the network; empty: not measured."
    )
