"""What the stored epochs of a trial tell of its health where that was not measured: losses, accuracies and the size.

No gradient and no unit is known here. Nor is how frequent each class is: chance is that of classes as frequent as each
other, and nothing is judged by it where their number is unknown.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from tuner.events import EpochProgress, Finding, VitalSigns
from tuner.health.curves import accuracy_consistency, convergence_quality, training_stability
from tuner.health.diagnosis import new_findings
from tuner.health.metrics import parameter_efficiency
from tuner.store import EpochRow, TrialRow


@dataclass(frozen=True)
class CurveDiagnosis:
    """What the curves tell."""

    metrics: dict[str, float | None] = field(default_factory=dict)
    """Those of the six that can be read; None: too few epochs."""
    findings: tuple[Finding, ...] = ()
    signs: VitalSigns | None = None
    """The gap between training and validation alone; None without an epoch."""


def read_curves(trial: TrialRow, epochs: Sequence[EpochRow]) -> CurveDiagnosis:
    """The reading of one trial by its epochs, in their order."""
    if not epochs:
        return CurveDiagnosis()
    accuracies = [epoch.val_accuracy for epoch in epochs]
    metrics: dict[str, float | None] = {"accuracy_consistency": accuracy_consistency(accuracies)}
    if trial.architecture is not None:
        size = trial.architecture.total_parameters
        metrics["parameter_efficiency"] = parameter_efficiency(max(accuracies), size)
    chance = _chance(trial)
    if chance is not None:
        train, validation = [epoch.train_loss for epoch in epochs], [epoch.val_loss for epoch in epochs]
        metrics["training_stability"] = training_stability(train, chance)
        metrics["convergence_quality"] = convergence_quality(train, validation, chance)
    kept = next((epoch for epoch in epochs if epoch.epoch == trial.best_epoch), epochs[-1])
    gap = kept.train_accuracy - kept.val_accuracy
    return CurveDiagnosis(
        metrics,
        _found(epochs, chance) if chance is not None else (),
        VitalSigns(gradient_norm=None, train_validation_gap=gap, layers=()),
    )


def _chance(trial: TrialRow) -> float | None:
    """Cross-entropy of a network that knows nothing, in nats, by the number of its outputs."""
    layers = trial.architecture.layers if trial.architecture else []
    outputs = layers[-1].output_shape[-1] if layers and layers[-1].output_shape else None
    return math.log(outputs) if outputs is not None and outputs > 1 else None


def _found(epochs: Sequence[EpochRow], chance: float) -> tuple[Finding, ...]:
    """What a diagnosis after each epoch would have found."""
    told: list[EpochProgress] = []
    for epoch in epochs:
        event = epoch.event(epochs=epochs[-1].epoch)
        told.append(event.model_copy(update={"findings": tuple(new_findings([*told, event], chance))}))
    return tuple(finding for event in told for finding in event.findings)
