"""How the learning rate changes while a trial trains: `learning_rate_schedule`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import cos, pi
from typing import Any

from tuner.events import Scalar
from tuner.objectives import Monitored, better

WARM_UP = 0.05
"""Share of all steps in which the rate rises from 0 (cosine), so that the first steps of new weights are small."""

PATIENCE, FACTOR = 2, 0.5
"""Epochs without a better objective after which the rate falls, and to which share of it (plateau)."""


def falls_to_zero(hyperparameters: Mapping[str, Scalar]) -> bool:
    """Return whether the rate falls to 0 over the epochs that a trial may train (cosine)."""
    return hyperparameters.get("learning_rate_schedule", "constant") == "cosine"


def scheduled(hyperparameters: Mapping[str, Scalar], learning_rate: float, steps: int) -> Any:
    """Return what an optimizer takes as the learning rate of a training of so many steps.

    `cosine` falls to 0 along half a cosine after a linear rise (Loshchilov and Hutter, SGDR, 2017; Goyal et al.,
    Accurate, Large Minibatch SGD, 2017). The rates of `plateau` change after an epoch, by `lowered`.
    """
    from keras import optimizers

    if not falls_to_zero(hyperparameters):
        return learning_rate
    rising = max(1, round(WARM_UP * steps))
    return optimizers.schedules.CosineDecay(
        0.0, max(1, steps - rising), warmup_target=learning_rate, warmup_steps=rising
    )


def current_rate(optimizer: Any, rate: Any) -> float:
    """Return the learning rate of the next step of an optimizer that was made with this rate of `scheduled`."""
    if isinstance(rate, (int, float)):
        return float(optimizer.learning_rate.numpy())
    # As CosineDecay, which would take TensorFlow 10 ms the first time.
    of, done = rate.get_config(), int(getattr(optimizer, "inner_optimizer", optimizer).iterations.numpy())
    highest, rising, falling = float(of["warmup_target"]), int(of["warmup_steps"]), int(of["decay_steps"])
    if done < rising:
        return highest * done / rising
    return highest * (1 + cos(pi * min(1.0, (done - rising) / falling))) / 2


def lowered(hyperparameters: Mapping[str, Scalar], monitor: Monitored, objectives: Sequence[float]) -> bool:
    """Return whether the rate falls now, after epochs with these values of the monitored objective."""
    if hyperparameters.get("learning_rate_schedule", "constant") != "plateau":
        return False
    best = 0
    for epoch, value in enumerate(objectives):
        if better(monitor, value, objectives[best]):
            best = epoch
    since = len(objectives) - 1 - best
    return since > 0 and since % PATIENCE == 0
