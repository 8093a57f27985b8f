"""From findings, metrics and vital signs to what is unwell in words, and what to try: pure, nothing is measured here.

A finding is told first. A metric that is low is told where no finding explains it, and so are a layer of which many
units do nothing and a wide gap between training and validation. Where nothing is wrong, nothing is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field

from tuner.events import Finding, FindingName, LayerHealth, VitalSigns
from tuner.health.gradients import GradientFlow, exploding, vanishing
from tuner.health.health_text import METRICS, inactive_units_text, percent
from tuner.health.layers import live_share
from tuner.health.remedies import Hyperparameters, narrower, rate_either_way, remedies, train_longer
from tuner.health.size import FREE_PARAMETERS

LOW = 0.6
"""A metric below it is worth a word."""

FEWEST_LIVE = 0.75
"""Share of one layer's units that live, below which it is worth a word whatever the other layers do."""

WIDE_GAP = 0.1
"""Training accuracy above validation accuracy from which on a gap is worth a word."""

MEANINGS: Mapping[FindingName, str] = {
    "vanishing_gradients": "Too little of the gradient reaches a layer: it learns next to nothing.",
    "exploding_gradients": "Steps are so large that they overwrite what was learned.",
    "dying_units": "Units answer alike to all samples: they do no work.",
    "saturation": "Units lie at a bound of their activation, where its slope is lost: they hardly learn.",
    "oscillating_loss": "The loss goes up and down instead of falling: steps overshoot.",
    "divergence": "The loss grew instead of falling, or is no number any more.",
    "no_learning": "After these epochs the network knows no more than chance.",
    "no_more_gain": "Further epochs brought nothing: they are spent time.",
    "overfitting": "It learns the training samples by heart: validation data no longer profit.",
}

EXPLAINED: Mapping[str, tuple[FindingName, ...]] = {
    "neuron_utilization": ("dying_units", "saturation"),
    "training_stability": ("oscillating_loss", "divergence"),
    "parameter_efficiency": ("no_learning", "divergence"),
    "gradient_health": ("vanishing_gradients", "exploding_gradients"),
    "convergence_quality": ("no_learning", "divergence", "overfitting", "oscillating_loss"),
    "accuracy_consistency": ("oscillating_loss", "divergence"),
}
"""Findings that say why a metric is low."""


class Advice(BaseModel):
    """One thing that is unwell."""

    model_config = ConfigDict(frozen=True)

    about: str = Field(description="The finding, the metric or the vital sign.")
    evidence: str = Field(description="What was measured, in one line.")
    meaning: str = Field(description="What that does to the network.")
    epoch: int | None = Field(default=None, description="Of a finding: after which it showed first.")
    layer_id: str | None = Field(default=None, description="The layer it is worst in, where it lies in one.")
    hopeless: bool = Field(default=False, description="Whether the trial would not have got better.")
    remedies: tuple[str, ...] = Field(description="What to try, the likeliest first.")


def advise(
    findings: Sequence[Finding],
    metrics: Mapping[str, float],
    vital_signs: VitalSigns | None,
    hyperparameters: Hyperparameters,
    parameters: int | None,
) -> list[Advice]:
    """What is unwell with one trial, findings first; empty: nothing.

    Args:
        metrics: Those of the six that were measured, each in [0, 1]; what lacked data is left out.
        parameters: Number of weights; None: not known.
    """
    said: list[Advice] = [_of_finding(finding, hyperparameters) for finding in findings]
    found = {finding.name for finding in findings}
    layers = vital_signs.layers if vital_signs else ()
    for name in METRICS:
        value = metrics.get(name)
        idle = name == "neuron_utilization" and any(live_share(layer) < FEWEST_LIVE for layer in layers)
        if value is not None and (value < LOW or idle) and not found & set(EXPLAINED[name]):
            said.append(_of_metric(name, value, layers, hyperparameters, parameters))
    gap = vital_signs.train_validation_gap if vital_signs else 0.0
    if gap > WIDE_GAP and "overfitting" not in found:
        said.append(_of_gap(gap, hyperparameters))
    return said


def _of_finding(finding: Finding, hp: Hyperparameters) -> Advice:
    return Advice(
        about=finding.name,
        evidence=finding.evidence,
        meaning=MEANINGS[finding.name],
        epoch=finding.epoch,
        layer_id=finding.layer_id,
        hopeless=finding.hopeless,
        remedies=remedies(finding.name, hp, finding.layer_id),
    )


def _of_gap(gap: float, hp: Hyperparameters) -> Advice:
    return Advice(
        about="train_validation_gap",
        evidence=f"training accuracy is {gap:.2f} above validation accuracy",
        meaning=MEANINGS["overfitting"],
        remedies=remedies("overfitting", hp),
    )


def _of_metric(
    name: str, value: float, layers: Sequence[LayerHealth], hp: Hyperparameters, parameters: int | None
) -> Advice:
    match name:
        case "neuron_utilization":
            return _utilization(value, layers, hp)
        case "gradient_health":
            return _gradients(value, layers, hp)
        case "parameter_efficiency":
            return _efficiency(value, hp, parameters)
        case "training_stability":
            meaning = "The training loss rose again and again on its way."
            tries = remedies("oscillating_loss", hp)
        case "accuracy_consistency":
            meaning = "The validation accuracy jumped in the later epochs: which of them is kept is luck."
            tries = (*remedies("oscillating_loss", hp), "keep more data for validation (validation_split)")
        case _:
            meaning = "Learning did not arrive: the loss is still high or still falling, or far from that in training."
            tries = (train_longer(hp), rate_either_way(hp))
    return Advice(about=name, evidence=f"it is {value:.2f}", meaning=meaning, remedies=tries)


def _utilization(value: float, layers: Sequence[LayerHealth], hp: Hyperparameters) -> Advice:
    worst = min(layers, key=live_share, default=None)
    told = inactive_units_text(worst) if worst else None
    saturated = worst is not None and (worst.saturated or 0.0) > (worst.dead or 0.0)
    name: FindingName = "saturation" if saturated else "dying_units"
    return Advice(
        about="neuron_utilization",
        evidence=f"{percent(value)} of the hidden units live" + (f"; {told}" if told else ""),
        meaning=MEANINGS[name],
        layer_id=worst.layer_id if worst and told else None,
        remedies=remedies(name, hp, worst.layer_id if worst and told else None),
    )


def _gradients(value: float, layers: Sequence[LayerHealth], hp: Hyperparameters) -> Advice:
    """Of the layer that fares worst, whether its gradient is lost or its steps are wild."""
    told, layer_id, name = _worst_flow(layers)
    return Advice(
        about="gradient_health",
        evidence=f"it is {value:.2f}" + (f": {told}" if told else ""),
        meaning=MEANINGS[name],
        layer_id=layer_id,
        remedies=remedies(name, hp, layer_id),
    )


def _worst_flow(layers: Sequence[LayerHealth]) -> tuple[str | None, str | None, FindingName]:
    """What is worst in which layer, and the finding that it is most like."""
    flows = []
    for layer in layers:
        if layer.gradient is None or layer.update is None:
            return f"in {layer.layer_id} gradients or steps are not finite", layer.layer_id, "exploding_gradients"
        flows.append(GradientFlow(layer.gradient, layer.update))
    lost, wild = vanishing(flows), exploding(flows)
    if not flows:
        return None, None, "vanishing_gradients"
    if max(wild) > max(lost):
        place = wild.index(max(wild))
        name = layers[place].layer_id
        return f"a step changes {percent(flows[place].update)} of {name}'s weights", name, "exploding_gradients"
    place = lost.index(max(lost))
    name, most = layers[place].layer_id, max(flow.gradient for flow in flows)
    share = flows[place].gradient / most if most else 0.0
    return f"{name}'s gradient is {share:.1g} of the strongest layer's", name, "vanishing_gradients"


def _efficiency(value: float, hp: Hyperparameters, parameters: int | None) -> Advice:
    large = parameters is not None and parameters > FREE_PARAMETERS
    if not large:
        return Advice(
            about="parameter_efficiency",
            evidence=f"it is {value:.2f}: that is the accuracy, the network is small",
            meaning="The accuracy is low.",
            remedies=("let the search try larger networks", rate_either_way(hp)),
        )
    pooling = "average over positions instead of flattening (use_global_pooling=true)"
    tries = (narrower(hp), pooling if hp.get("use_global_pooling") is False else None)
    bound = f"keep networks small (constraints=parameter_count<={FREE_PARAMETERS})"
    return Advice(
        about="parameter_efficiency",
        evidence=f"it is {value:.2f}, with {parameters:,} weights",
        meaning=f"It is large for its accuracy: {FREE_PARAMETERS:,} weights are free.",
        remedies=(*filter(None, tries), bound),
    )
