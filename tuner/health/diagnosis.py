"""What is unwell with a training, told from its epochs so far: one rule per finding, each with its evidence.

The rules follow the symptoms of AutoTrainer (Zhang et al., An Automatic DNN Training Problem Detection and Repair
System, ICSE 2021); their thresholds were set on the development seeds of `tests/benchmarks/bench_diagnosis.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tuner.events import EpochProgress, Finding, FindingName, LayerHealth
from tuner.health.assess import gradient_flows, known_units
from tuner.health.curves import training_stability
from tuner.health.gradients import exploding, vanishing

VANISHED, EXPLODED = 0.6, 0.7
"""Of a layer, on the scales of `vanishing` and `exploding`, from which on it is a finding."""

SHOT_UP = 5.0
"""Times chance that the mean training loss of an epoch is at only if steps went far astray."""

MANY_DEAD, MANY_SATURATED = 0.5, 0.3
"""Share of a layer's units. Fewer dead ones come by chance in networks that learn well: told at the end (`advice`)."""

FEWEST_UNITS = 8
"""A layer of fewer says little by a share."""

UNQUIET, FEWEST_TO_OSCILLATE = 0.5, 4
"""Training stability below which the loss oscillates, and the epochs it takes to say so."""

BLOWN_UP = 2.0
"""Times chance, and times its best, that a training loss is at where it diverges."""

AT_CHANCE = 0.98
"""Share of chance from which on a loss shows no learning."""

EPOCHS_TO_LEARN = 3
"""Epochs after which a training that stands where it began will not learn; one, if a layer lets nothing through."""

PICKS_UP = 4.0
"""Times its mean pace so far that a slow beginner may learn in the epochs that are left."""

NEARLY_NONE = 0.01
"""Share of a layer's units that live, where it lets nothing through."""

EPOCHS_TO_GAIN = 3
"""Epochs without any gain, neither in validation loss nor in accuracy, after which there will be none."""

FEWEST_TO_GAIN = 5

OVERFITTED, EPOCHS_TO_OVERFIT = 0.2, 2
"""Share of chance by which the validation loss is above the training loss, and epochs since it was at its best."""


def diagnose(epochs: Sequence[EpochProgress], chance: float) -> list[Finding]:
    """What shows after the last of these epochs and did not show before.

    Args:
        epochs: All epochs so far, from the first one on; the findings of earlier ones are in them.
        chance: Cross-entropy of a network that knows nothing but how frequent each class is, in nats, above 0.
    """
    told = {finding.name for epoch in epochs for finding in epoch.findings}
    found = (rule(epochs, chance) for rule in RULES)
    return [finding for finding in found if finding is not None and finding.name not in told]


def diverged(epoch: int, evidence: str) -> Finding:
    """Of a training whose loss or weights were not finite in this epoch."""
    return Finding(name="divergence", epoch=epoch, evidence=evidence, hopeless=True)


def _vanishing(epochs: Sequence[EpochProgress], chance: float) -> Finding | None:
    layers = _layers(epochs)
    flows = gradient_flows(layers)
    lost = vanishing(flows)
    if not lost or max(lost) < VANISHED:
        return None
    worst = max(range(len(lost)), key=lost.__getitem__)
    strongest = max((flow.gradient for flow in flows if flow.gradient > 0), default=0.0)
    share = f"{flows[worst].gradient / strongest:.1e} of the strongest layer's" if strongest else "0, as everywhere"
    return _finding(
        "vanishing_gradients", epochs, f"the gradient of {layers[worst].layer_id} is {share}", layers[worst]
    )


def _exploding(epochs: Sequence[EpochProgress], chance: float) -> Finding | None:
    loss = epochs[-1].train.loss
    if loss > SHOT_UP * chance:
        return _finding(
            "exploding_gradients", epochs, f"the training loss shot up to {loss:.3g}, at chance {chance:.3g}"
        )
    layers = _layers(epochs)
    wild = exploding(gradient_flows(layers))
    if not wild or max(wild) < EXPLODED:
        return None
    worst = max(range(len(wild)), key=wild.__getitem__)
    update = layers[worst].update
    step = "changed it beyond all numbers" if update is None else f"changed it by {update:.0%} of its size"
    return _finding("exploding_gradients", epochs, f"{layers[worst].layer_id}: one step {step}", layers[worst])


def _dying(epochs: Sequence[EpochProgress], chance: float) -> Finding | None:
    layers = [layer for layer in _layers(epochs) if (layer.units or 0) >= FEWEST_UNITS]
    worst = max(layers, key=lambda layer: layer.dead or 0.0, default=None)
    if worst is None or (worst.dead or 0.0) < MANY_DEAD:
        return None
    return _finding(
        "dying_units", epochs, f"{worst.dead:.0%} of the {worst.units} units of {worst.layer_id} are dead", worst
    )


def _saturation(epochs: Sequence[EpochProgress], chance: float) -> Finding | None:
    layers = [layer for layer in _layers(epochs) if (layer.units or 0) >= FEWEST_UNITS]
    worst = max(layers, key=lambda layer: layer.saturated or 0.0, default=None)
    if worst is None or (worst.saturated or 0.0) < MANY_SATURATED:
        return None
    evidence = f"{worst.saturated:.0%} of the {worst.units} units of {worst.layer_id} are saturated"
    return _finding("saturation", epochs, evidence, worst)


def _oscillating(epochs: Sequence[EpochProgress], chance: float) -> Finding | None:
    losses = [epoch.train.loss for epoch in epochs]
    stability = training_stability(losses, chance)
    if stability is None or stability >= UNQUIET or len(losses) < FEWEST_TO_OSCILLATE:
        return None
    if losses[-1] > BLOWN_UP * min(losses):
        return None  # it rises and does not come back
    shown = ", ".join(f"{loss:.3g}" for loss in losses[-4:])
    return _finding("oscillating_loss", epochs, f"the training loss goes up and down: {shown}")


def _divergence(epochs: Sequence[EpochProgress], chance: float) -> Finding | None:
    losses = [epoch.train.loss for epoch in epochs]
    if len(losses) < 2 or losses[-1] < BLOWN_UP * max(chance, min(losses)):
        return None
    evidence = (
        f"the training loss is {losses[-1]:.3g}, at chance it is {chance:.3g}, at its best it was {min(losses):.3g}"
    )
    return _finding("divergence", epochs, evidence, hopeless=True)


def _no_learning(epochs: Sequence[EpochProgress], chance: float) -> Finding | None:
    losses, now = [epoch.train.loss for epoch in epochs], epochs[-1]
    if min(losses) < AT_CHANCE * chance or min(epoch.validation.loss for epoch in epochs) < AT_CHANCE * chance:
        return None
    blocked = any(units.count >= FEWEST_UNITS and units.live <= NEARLY_NONE for units in known_units(_layers(epochs)))
    if not blocked:
        if len(epochs) < EPOCHS_TO_LEARN:
            return None
        pace = (losses[0] - losses[-1]) / (len(losses) - 1)
        if losses[-1] - pace * PICKS_UP * (now.epochs - now.epoch) < AT_CHANCE * chance:
            return None
    after = f"after epoch {now.epoch} the training loss is {now.train.loss:.3g}, at chance it is {chance:.3g}"
    through = "; a layer lets nothing through" if blocked else ""
    return _finding("no_learning", epochs, after + through, hopeless=True)


def _no_more_gain(epochs: Sequence[EpochProgress], chance: float) -> Finding | None:
    if len(epochs) < FEWEST_TO_GAIN:
        return None
    before, lately = epochs[:-EPOCHS_TO_GAIN], epochs[-EPOCHS_TO_GAIN:]
    gained = max(epoch.validation.accuracy for epoch in lately) > max(epoch.validation.accuracy for epoch in before)
    fell = min(epoch.validation.loss for epoch in lately) < min(epoch.validation.loss for epoch in before)
    if gained or fell:
        return None
    best = max(before, key=lambda epoch: epoch.validation.accuracy)
    evidence = f"validation accuracy {best.validation.accuracy:.4f} since epoch {best.epoch}, and its loss rises"
    # Not hopeless: it may be the best of its study. Early stopping ends it, with what it has.
    return _finding("no_more_gain", epochs, evidence)


def _overfitting(epochs: Sequence[EpochProgress], chance: float) -> Finding | None:
    best, now = min(epochs, key=lambda epoch: epoch.validation.loss), epochs[-1]
    if now.epoch - best.epoch < EPOCHS_TO_OVERFIT or now.train.loss >= best.train.loss:
        return None
    by_heart = best.validation.loss >= AT_CHANCE * chance > now.train.loss  # all that it learned
    if now.validation.loss - now.train.loss < OVERFITTED * chance and not by_heart:
        return None
    evidence = (
        f"since epoch {best.epoch} the validation loss does not fall ({best.validation.loss:.3g}, now "
        f"{now.validation.loss:.3g}) while the training loss does (now {now.train.loss:.3g})"
    )
    return _finding("overfitting", epochs, evidence)


Rule = Callable[[Sequence[EpochProgress], float], Finding | None]
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
        name=name,
        epoch=epochs[-1].epoch,
        evidence=evidence,
        layer_id=layer and layer.layer_id,
        hopeless=hopeless,
    )
