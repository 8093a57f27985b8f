"""The measured health of a network, and the problems of its training."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tuner.events.base import Value


class HealthMetrics(Value):
    """The health of a trained network: six metrics and their weighted mean, each in [0, 1]; 1 is best.

    The mean is reduced, down to its half, for a network that is not better than chance.
    """

    overall_health: float
    neuron_utilization: float = Field(description="Share of the hidden units that are active.")
    training_stability: float = Field(description="Steadiness of the decrease of the training loss.")
    parameter_efficiency: float = Field(description="Accuracy in relation to the number of weights.")
    gradient_health: float = Field(description="Whether gradients reach all layers without vanishing or exploding.")
    convergence_quality: float = Field(description="Whether the training converged.")
    accuracy_consistency: float = Field(description="Steadiness of the validation accuracy in the later epochs.")
    insufficient: tuple[str, ...] = Field(default=(), description="Metrics without enough data: they count as 0.5.")


class LayerHealth(Value):
    """The health of one layer with weights. Shares are in [0, 1]; null: no hidden units, or not measurable."""

    layer_id: str
    units: int | None = Field(default=None, description="Hidden units: filters, or units of a dense layer or an LSTM.")
    dead: float | None = Field(default=None, description="Share of the units with the same output for all samples.")
    saturated: float | None = Field(
        default=None, description="Share of the units with an output at a bound of their range."
    )
    gradient: float | None = Field(
        default=None, description="Root mean square of the loss's gradient over its kernel; null: not finite."
    )
    update: float | None = Field(
        default=None,
        description="Relative change of its kernel in one step: the larger one of the epoch's first and last step; "
        "null: not finite.",
    )


class VitalSigns(Value):
    """The measurements behind the health metrics, on validation data and in the epoch's last step."""

    gradient_norm: float | None = Field(description="Norm of the loss's gradient over all kernels; null: not finite.")
    train_validation_gap: float = Field(
        description="Training accuracy minus validation accuracy; clearly above 0: overfitted."
    )
    layers: tuple[LayerHealth, ...]


FindingName = Literal[
    "vanishing_gradients",
    "exploding_gradients",
    "dying_units",
    "saturation",
    "oscillating_loss",
    "divergence",
    "no_learning",
    "no_more_gain",
    "overfitting",
]


class Finding(Value):
    """A training problem and its evidence."""

    name: FindingName
    epoch: int = Field(description="The epoch after which it was found.")
    evidence: str = Field(description="The measurement that shows it, in one line.")
    layer_id: str | None = Field(
        default=None, description="The most affected layer; null: it concerns the whole network."
    )
    hopeless: bool = Field(default=False, description="Whether the trial cannot improve any more.")
    remedy: str | None = Field(
        default=None, description="The most promising remedy, in one line; null: recorded by an older tuner."
    )
