"""Explains a trial's training problems in words and suggests remedies, from its findings, metrics and vital signs.

Findings come first. A low metric is reported if no finding explains it, and so are a layer with many inactive units and
a wide gap between training and validation accuracy. Without a problem the advice is empty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field

from tuner.events import Finding, FindingName, LayerHealth, VitalSigns
from tuner.health.gradients import exploding, vanishing
from tuner.health.health_text import METRICS, inactive_units_text, percent
from tuner.health.metrics import FREE_PARAMETERS
from tuner.health.remedies import (
    Hyperparameters,
    fewer_units,
    is_low_rate,
    other_learning_rate,
    remedies,
    train_longer,
)
from tuner.health.units import live_share

LOW = 0.6
"""A metric below this value is reported."""

MIN_LIVE_SHARE = 0.75
"""A layer with a smaller share of live units is reported, whatever the other layers do."""

WIDE_GAP = 0.1
"""Training minus validation accuracy above which the gap is reported."""

MEANINGS: Mapping[FindingName, str] = {
    "vanishing_gradients": "Too little gradient reaches a layer, so it hardly learns.",
    "exploding_gradients": "Steps are so large that they overwrite what was learned.",
    "dying_units": "These units give the same output for all samples and do no work.",
    "saturation": "These units are at a bound of their activation, where its slope vanishes, so they hardly learn.",
    "oscillating_loss": "The loss goes up and down instead of falling, because steps overshoot.",
    "divergence": "The loss grew instead of falling, or is not finite.",
    "no_learning": "The network is no better than chance after these epochs.",
    "no_more_gain": "Further epochs only cost time.",
    "overfitting": "The network memorises the training samples; validation results no longer improve.",
}

TOO_LARGE_STEPS: frozenset[FindingName] = frozenset(
    {"dying_units", "saturation", "exploding_gradients", "oscillating_loss", "divergence"}
)
"""Findings that steps which are too large can cause: a higher learning rate may worsen them."""

EXPLAINED_BY: Mapping[str, tuple[FindingName, ...]] = {
    "neuron_utilization": ("dying_units", "saturation"),
    "training_stability": ("oscillating_loss", "divergence"),
    "parameter_efficiency": ("no_learning", "divergence"),
    "gradient_health": ("vanishing_gradients", "exploding_gradients"),
    "convergence_quality": ("no_learning", "divergence", "overfitting", "oscillating_loss"),
    "accuracy_consistency": ("oscillating_loss", "divergence"),
}
"""Findings that explain a low metric."""


class Advice(BaseModel):
    """One training problem with its remedies."""

    model_config = ConfigDict(frozen=True)

    about: str = Field(description="Name of the finding, the metric or the vital sign.")
    evidence: str = Field(description="The measured values, in one line.")
    meaning: str = Field(description="Its effect on the network.")
    epoch: int | None = Field(default=None, description="Of a finding: the first epoch with it.")
    layer_id: str | None = Field(default=None, description="The most affected layer, if it concerns one.")
    hopeless: bool = Field(default=False, description="Whether more epochs would not have helped.")
    remedies: tuple[str, ...] = Field(description="Remedies, the most promising first.")


def trial_advice(
    findings: Sequence[Finding],
    metrics: Mapping[str, float],
    vital_signs: VitalSigns | None,
    hyperparameters: Hyperparameters,
    parameters: int | None,
) -> list[Advice]:
    """Return the problems of one trial with their remedies, findings first; empty without a problem.

    `metrics` are those with enough epochs, each in [0, 1]; `parameters` is the number of weights, if known.
    """
    found = {finding.name for finding in findings}
    gap = vital_signs.train_validation_gap if vital_signs else 0.0
    slow = not found & TOO_LARGE_STEPS and _learns_slowly(metrics, gap)
    advice = [
        Advice(
            about=finding.name,
            evidence=finding.evidence,
            meaning=MEANINGS[finding.name],
            epoch=finding.epoch,
            layer_id=finding.layer_id,
            hopeless=finding.hopeless,
            remedies=remedies(finding.name, hyperparameters, finding.layer_id, slow=slow),
        )
        for finding in findings
    ]
    layers = vital_signs.layers if vital_signs else ()
    for name in METRICS:
        value = metrics.get(name)
        inactive = name == "neuron_utilization" and any(live_share(layer) < MIN_LIVE_SHARE for layer in layers)
        if value is not None and (value < LOW or inactive) and not found & set(EXPLAINED_BY[name]):
            advice.append(_of_metric(name, value, layers, hyperparameters, parameters, slow))
    if gap > WIDE_GAP and "overfitting" not in found:
        evidence = f"training accuracy is {gap:.2f} above validation accuracy"
        suggestions, meaning = remedies("overfitting", hyperparameters), MEANINGS["overfitting"]
        advice.append(Advice(about="train_validation_gap", evidence=evidence, meaning=meaning, remedies=suggestions))
    return advice


def _learns_slowly(metrics: Mapping[str, float], gap: float) -> bool:
    """Return whether the training loss falls smoothly, but is far from its end, and the network does not overfit."""
    return metrics.get("convergence_quality", 1.0) < LOW <= metrics.get("training_stability", 1.0) and gap <= WIDE_GAP


def _of_metric(
    name: str, value: float, layers: Sequence[LayerHealth], hp: Hyperparameters, parameters: int | None, slow: bool
) -> Advice:
    match name:
        case "neuron_utilization":
            return _utilization(value, layers, hp, slow)
        case "gradient_health":
            return _gradients(value, layers, hp)
        case "parameter_efficiency":
            return _efficiency(value, hp, parameters, slow)
        case "training_stability":
            meaning = "The training loss rose several times instead of falling."
            suggestions = remedies("oscillating_loss", hp)
        case "accuracy_consistency":
            meaning = "The validation accuracy jumped in the later epochs, so the best epoch is partly luck."
            suggestions = (*remedies("oscillating_loss", hp, slow=slow), "use more validation data (validation_split)")
        case _:
            meaning = (
                "Training did not converge: the loss is high or still falls, or validation is far worse than training."
            )
            suggestions = (train_longer(hp), other_learning_rate(hp, slow=slow))
    return Advice(about=name, evidence=f"it is {value:.2f}", meaning=meaning, remedies=suggestions)


def _utilization(value: float, layers: Sequence[LayerHealth], hp: Hyperparameters, slow: bool) -> Advice:
    worst = min(layers, key=live_share, default=None)
    inactive = inactive_units_text(worst) if worst else None
    saturated = worst is not None and (worst.saturated or 0.0) > (worst.dead or 0.0)
    name: FindingName = "saturation" if saturated else "dying_units"
    return Advice(
        about="neuron_utilization",
        evidence=f"{percent(value)} of the hidden units are live" + (f"; {inactive}" if inactive else ""),
        meaning=MEANINGS[name],
        layer_id=worst.layer_id if worst and inactive else None,
        remedies=remedies(name, hp, worst.layer_id if worst and inactive else None, slow=slow),
    )


def _gradients(value: float, layers: Sequence[LayerHealth], hp: Hyperparameters) -> Advice:
    """Advice for low gradient health: whether the worst layer has a vanishing or an exploding gradient."""
    text, layer_id, name = _worst_flow(layers)
    return Advice(
        about="gradient_health",
        evidence=f"it is {value:.2f}" + (f": {text}" if text else ""),
        meaning=MEANINGS[name],
        layer_id=layer_id,
        remedies=remedies(name, hp, layer_id),
    )


def _worst_flow(layers: Sequence[LayerHealth]) -> tuple[str | None, str | None, FindingName]:
    """Return the evidence, the worst layer, and the finding that it resembles most."""
    if not layers:
        return None, None, "vanishing_gradients"
    for layer in layers:
        if layer.gradient is None or layer.update is None:
            return f"gradients or updates of {layer.layer_id} are not finite", layer.layer_id, "exploding_gradients"
    vanished, exploded = vanishing(layers), exploding(layers)
    if max(exploded) > max(vanished):
        index = exploded.index(max(exploded))
        name = layers[index].layer_id
        return f"a step changes {percent(layers[index].update or 0.0)} of {name}'s weights", name, "exploding_gradients"
    index = vanished.index(max(vanished))
    name, strongest = layers[index].layer_id, max(layer.gradient or 0.0 for layer in layers)
    share = (layers[index].gradient or 0.0) / strongest if strongest else 0.0
    return f"{name}'s gradient is {share:.1g} of the strongest layer's", name, "vanishing_gradients"


def _efficiency(value: float, hp: Hyperparameters, parameters: int | None, slow: bool) -> Advice:
    large = parameters is not None and parameters > FREE_PARAMETERS
    if not large:
        larger, rate = "let the search try larger networks", other_learning_rate(hp, slow=slow)
        return Advice(
            about="parameter_efficiency",
            evidence=f"it is {value:.2f}, the accuracy itself, since the network is small",
            meaning="The accuracy is low.",
            remedies=(rate, larger) if is_low_rate(hp) else (larger, rate),
        )
    pooling = "use global pooling instead of flattening (use_global_pooling=true)"
    suggestions = (fewer_units(hp), pooling if hp.get("use_global_pooling") is False else None)
    bound = f"keep networks small (constraints=parameter_count<={FREE_PARAMETERS})"
    return Advice(
        about="parameter_efficiency",
        evidence=f"it is {value:.2f}, with {parameters:,} weights",
        meaning=f"The network is large for its accuracy; up to {FREE_PARAMETERS:,} weights cost nothing.",
        remedies=(*filter(None, suggestions), bound),
    )
