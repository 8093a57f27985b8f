"""Measures the health of one training after each epoch and at its end, and finds training problems."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tuner.data import Array
from tuner.events import EpochProgress, LayerHealth, VitalSigns
from tuner.health.diagnosis import new_findings
from tuner.health.metrics import health_metrics
from tuner.spec_parts import HealthSpec
from tuner.training.probe import Probe

LEAST_CHANCE = 1e-3
"""In nats: smallest loss of guessing, for data that are nearly all of one class."""


class HealthMonitor:
    """The health of one network while it trains.

    It is measured on a sample of the validation data (x, y), drawn by `seed`, which is the same for all trials of a
    study, so that they can be compared. `classes` are those of the training samples, for the frequency of each class;
    an epoch has `batches` training steps.
    """

    def __init__(
        self, spec: HealthSpec, network: Any, x: Array, y: Array, classes: Array, seed: int, batches: int
    ) -> None:
        self._spec, self._batches = spec, batches
        self._probe = Probe(network, x, y, seed)
        self._parameters = network.count_params()
        self._chance = max(_entropy(classes), LEAST_CHANCE)
        self.before_step, self.after_step = self._probe.before_step, self._probe.after_step

    def after_epoch(self, before: Sequence[EpochProgress], epoch: EpochProgress) -> EpochProgress:
        """Return the epoch with its health and its new findings; `before` are the earlier epochs."""
        norm, layers = self._probe.measure(first=epoch.epoch == 1)
        seen = self._examined([*before, epoch], norm, layers)
        findings = new_findings([*before, seen], self._chance, self._batches)
        return seen.model_copy(update={"findings": tuple(findings)})

    def at_end(self, epochs: Sequence[EpochProgress]) -> EpochProgress:
        """Return the last of these epochs, whose weights the network has, with its health from a larger sample."""
        signs = epochs[-1].vital_signs
        norm, layers = self._probe.measure(thorough=True)
        if signs is not None:  # of the best epoch, not of the last one
            updates = {layer.layer_id: layer.update for layer in signs.layers}
            layers = [layer.model_copy(update={"update": updates[layer.layer_id]}) for layer in layers]
        return self._examined(epochs, norm, layers)

    def _examined(
        self, epochs: Sequence[EpochProgress], norm: float | None, layers: Sequence[LayerHealth]
    ) -> EpochProgress:
        last = epochs[-1]
        metrics = None
        if self._spec.accuracy_weight is not None:
            metrics = health_metrics(
                epochs, layers, parameters=self._parameters, chance=self._chance, weights=self._spec.weights
            )
        gap = last.train.accuracy - last.validation.accuracy
        signs = VitalSigns(gradient_norm=norm, train_validation_gap=gap, layers=tuple(layers))
        return last.model_copy(update={"health_metrics": metrics, "vital_signs": signs})


def _entropy(classes: Array) -> float:
    """Return the entropy of the frequencies of the classes, in nats."""
    shares = np.unique(classes, return_counts=True)[1] / len(classes)
    return float(-np.sum(shares * np.log(shares)))
