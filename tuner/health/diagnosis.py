"""Detects training problems from the epochs of a trial: one rule per problem, each with its evidence.

The rules follow the symptoms of AutoTrainer (Zhang et al., An Automatic DNN Training Problem Detection and Repair
System, ICSE 2021). Their thresholds were set on the development seeds of `tests/benchmarks/bench_diagnosis.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import Literal

from tuner.events import EpochProgress, Finding, FindingName, LayerHealth
from tuner.health.curves import training_stability
from tuner.health.gradients import exploding, vanishing
from tuner.health.units import live_share

VANISHED, EXPLODED = 0.6, 0.7
"""Values of `gradients.vanishing` and `gradients.exploding` from which on a layer has a problem."""

LOSS_EXPLODED = 5.0
"""Multiple of chance from which on a mean training loss shows exploding steps."""

MANY_DEAD, MANY_SATURATED = 0.5, 0.3
"""Shares of a layer's units. Healthy networks have some dead units too; `advice` reports those at the end."""

MIN_UNITS = 8
"""Number of units from which on shares of a layer are meaningful."""

UNSTABLE, MIN_EPOCHS_OSCILLATING = 0.5, 4
"""Training stability below which the loss oscillates, and the epochs needed to tell."""

LOSS_DIVERGED = 2.0
"""Multiple of chance, and of its minimum, from which on a training loss has diverged."""

AT_CHANCE = 0.98
"""Share of chance from which on a loss shows no learning."""

EPOCHS_TO_LEARN = 3
"""Epochs without learning after which it is a problem; one epoch if all units of a layer are inactive."""

STEPS_TO_LEARN, STEPS_TO_JUDGE = 100, 50
"""Training steps before which a network may still begin to learn, and before which a curve of losses says nothing."""

SPEED_UP = 4.0
"""Multiple of its mean speed so far at which a slow start may learn in the remaining epochs."""

BLOCKED = 0.01
"""Share of live units up to which a layer passes no signal."""

EPOCHS_TO_GAIN = 3
"""Epochs without a better validation loss or accuracy after which no more gain is expected."""

MIN_EPOCHS_GAIN = 5

OVERFITTED, EPOCHS_TO_OVERFIT = 0.2, 2
"""Gap between validation and training loss as a share of chance, and epochs since the best validation loss."""


Rule = Callable[[Sequence[EpochProgress], float], Finding | None]


def new_findings(epochs: Sequence[EpochProgress], chance: float, batches_per_epoch: int | None = None) -> list[Finding]:
    """Return the problems that appear after the last of these epochs, which are all so far, and were not found before.

    Curves are judged only after some training steps, since an epoch on small data may have four. Without
    `batches_per_epoch`, epochs alone count. For `chance` see `curves`.
    """
    known = {finding.name for epoch in epochs for finding in epoch.findings}
    steps = inf if batches_per_epoch is None else batches_per_epoch * epochs[-1].epoch
    found = (rule(epochs, chance) for rule in RULES if steps >= LEAST_STEPS.get(rule, 0))
    return [finding for finding in found if finding is not None and finding.name not in known]


def lasting_findings(findings: Sequence[Finding], best_epoch: int | None) -> tuple[Finding, ...]:
    """Return the findings of a trial without a "no more gain" after which the trial did gain."""
    best = best_epoch or 0
    return tuple(finding for finding in findings if finding.name != "no_more_gain" or finding.epoch >= best)


def divergence_finding(epoch: int, evidence: str) -> Finding:
    """Return the finding for a loss or weights that were not finite in this epoch."""
    return Finding(name="divergence", epoch=epoch, evidence=evidence, hopeless=True)


def _vanishing(epochs: Sequence[EpochProgress], chance: float) -> Finding | None:
    layers = _layers(epochs)
    severities = vanishing(layers)
    if not severities or max(severities) < VANISHED:
        return None
    worst = max(range(len(severities)), key=severities.__getitem__)
    gradients = [math.nan if layer.gradient is None else layer.gradient for layer in layers]
    strongest = max((gradient for gradient in gradients if gradient > 0), default=0.0)
    share = f"{gradients[worst] / strongest:.1e} of the strongest layer's" if strongest else "0, as in all layers"
    return _finding(
        "vanishing_gradients", epochs, f"the gradient of {layers[worst].layer_id} is {share}", layers[worst]
    )


def _exploding(epochs: Sequence[EpochProgress], chance: float) -> Finding | None:
    loss = epochs[-1].train.loss
    if loss > LOSS_EXPLODED * chance:
        return _finding("exploding_gradients", epochs, f"the training loss rose to {loss:.3g}; chance is {chance:.3g}")
    layers = _layers(epochs)
    severities = exploding(layers)
    if not severities or max(severities) < EXPLODED:
        return None
    worst = max(range(len(severities)), key=severities.__getitem__)
    update = layers[worst].update
    step = (
        "changed its weights to values that are not finite"
        if update is None
        else f"changed its weights by {update:.0%}"
    )
    return _finding("exploding_gradients", epochs, f"{layers[worst].layer_id}: one step {step}", layers[worst])


def _dying(epochs: Sequence[EpochProgress], chance: float) -> Finding | None:
    return _inactive_units("dying_units", "dead", MANY_DEAD, epochs)


def _saturation(epochs: Sequence[EpochProgress], chance: float) -> Finding | None:
    return _inactive_units("saturation", "saturated", MANY_SATURATED, epochs)


def _inactive_units(
    name: FindingName, kind: Literal["dead", "saturated"], least: float, epochs: Sequence[EpochProgress]
) -> Finding | None:
    shares = {
        layer.layer_id: (getattr(layer, kind) or 0.0, layer)
        for layer in _layers(epochs)
        if (layer.units or 0) >= MIN_UNITS
    }
    share, worst = max(shares.values(), key=lambda found: found[0], default=(0.0, None))
    if worst is None or share < least:
        return None
    return _finding(name, epochs, f"{share:.0%} of the {worst.units} units of {worst.layer_id} are {kind}", worst)


def _oscillating(epochs: Sequence[EpochProgress], chance: float) -> Finding | None:
    losses = [epoch.train.loss for epoch in epochs]
    stability = training_stability(losses, chance)
    if stability is None or stability >= UNSTABLE or len(losses) < MIN_EPOCHS_OSCILLATING:
        return None
    if losses[-1] > LOSS_DIVERGED * min(losses):
        return None  # it rises without falling again
    shown = ", ".join(f"{loss:.3g}" for loss in losses[-4:])
    return _finding("oscillating_loss", epochs, f"the training loss goes up and down: {shown}")


def _divergence(epochs: Sequence[EpochProgress], chance: float) -> Finding | None:
    losses = [epoch.train.loss for epoch in epochs]
    if len(losses) < 2 or losses[-1] < LOSS_DIVERGED * max(chance, min(losses)):
        return None
    evidence = f"the training loss is {losses[-1]:.3g}; chance is {chance:.3g} and its minimum was {min(losses):.3g}"
    return _finding("divergence", epochs, evidence, hopeless=True)


def _no_learning(epochs: Sequence[EpochProgress], chance: float) -> Finding | None:
    losses, now = [epoch.train.loss for epoch in epochs], epochs[-1]
    if min(losses) < AT_CHANCE * chance or min(epoch.validation.loss for epoch in epochs) < AT_CHANCE * chance:
        return None
    blocked = any((layer.units or 0) >= MIN_UNITS and live_share(layer) <= BLOCKED for layer in _layers(epochs))
    if not blocked:
        if len(epochs) < EPOCHS_TO_LEARN:
            return None
        pace = (losses[0] - losses[-1]) / (len(losses) - 1)
        if losses[-1] - pace * SPEED_UP * (now.epochs - now.epoch) < AT_CHANCE * chance:
            return None
    after = f"after epoch {now.epoch} the training loss is {now.train.loss:.3g}; chance is {chance:.3g}"
    reason = "; all units of a layer are inactive" if blocked else ""
    return _finding("no_learning", epochs, after + reason, hopeless=True)


def _no_more_gain(epochs: Sequence[EpochProgress], chance: float) -> Finding | None:
    if len(epochs) < MIN_EPOCHS_GAIN:
        return None
    before, lately = epochs[:-EPOCHS_TO_GAIN], epochs[-EPOCHS_TO_GAIN:]
    gained = max(epoch.validation.accuracy for epoch in lately) > max(epoch.validation.accuracy for epoch in before)
    fell = min(epoch.validation.loss for epoch in lately) < min(epoch.validation.loss for epoch in before)
    if gained or fell:
        return None
    best = max(before, key=lambda epoch: epoch.validation.accuracy)
    evidence = f"validation accuracy {best.validation.accuracy:.4f} not improved since epoch {best.epoch}, loss rises"
    # Not hopeless: it may be the best trial of its study. Early stopping ends it.
    return _finding("no_more_gain", epochs, evidence)


def _overfitting(epochs: Sequence[EpochProgress], chance: float) -> Finding | None:
    best, now = min(epochs, key=lambda epoch: epoch.validation.loss), epochs[-1]
    if now.epoch - best.epoch < EPOCHS_TO_OVERFIT or now.train.loss >= best.train.loss:
        return None
    memorised = best.validation.loss >= AT_CHANCE * chance > now.train.loss  # nothing else was learned
    if now.validation.loss - now.train.loss < OVERFITTED * chance and not memorised:
        return None
    evidence = (
        f"the validation loss has risen from {best.validation.loss:.3g} to {now.validation.loss:.3g} since epoch "
        f"{best.epoch}, while the training loss fell to {now.train.loss:.3g}"
    )
    return _finding("overfitting", epochs, evidence)


RULES: tuple[Rule, ...] = (
    _divergence,
    _no_learning,
    _vanishing,
    _exploding,
    _dying,
    _saturation,
    _oscillating,
    _overfitting,
    _no_more_gain,
)


LEAST_STEPS: Mapping[Rule, int] = {
    _no_learning: STEPS_TO_LEARN,
    **dict.fromkeys((_divergence, _oscillating, _overfitting, _no_more_gain), STEPS_TO_JUDGE),
}
"""Training steps before which a rule is not applied; 0 for those that look at layers alone."""


def _layers(epochs: Sequence[EpochProgress]) -> Sequence[LayerHealth]:
    signs = epochs[-1].vital_signs
    return () if signs is None else signs.layers


def _finding(
    name: FindingName,
    epochs: Sequence[EpochProgress],
    evidence: str,
    layer: LayerHealth | None = None,
    *,
    hopeless: bool = False,
) -> Finding:
    return Finding(
        name=name, epoch=epochs[-1].epoch, evidence=evidence, layer_id=layer and layer.layer_id, hopeless=hopeless
    )
