"""Looks after the health of one training: measures it after each epoch and at the end, and tells what is unwell."""

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
"""Nats: where nearly all samples are of one class."""


class HealthMonitor:
    """The health of one network while it trains.

    Args:
        spec: What is asked for.
        x, y: Validation data as the network takes them.
        classes: Of the training samples, which say how frequent each class is.
        seed: Of the sample that is looked at: the same for all trials of a study, which are compared.
    """

    def __init__(self, spec: HealthSpec, network: Any, x: Array, y: Array, classes: Array, seed: int) -> None:
        self._spec = spec
        self._probe = Probe(network, x, y, seed)
        self._parameters = network.count_params()
        self._chance = max(_entropy(classes), LEAST_CHANCE)
        self.before_step, self.after_step = self._probe.before_step, self._probe.after_step

    def after_epoch(self, before: Sequence[EpochProgress], epoch: EpochProgress) -> EpochProgress:
        """The epoch with its health and its findings; `before` are those before it."""
        norm, layers = self._probe.look(first=epoch.epoch == 1)
        seen = self._examined([*before, epoch], norm, layers)
        return seen.model_copy(update={"findings": tuple(new_findings([*before, seen], self._chance))})

    def at_end(self, epochs: Sequence[EpochProgress]) -> EpochProgress:
        """The last of these epochs, whose weights the network has, with its health looked at thoroughly."""
        signs = epochs[-1].vital_signs
        norm, layers = self._probe.look(thorough=True)
        if signs is not None:  # of the epoch that led here, not of the one that the training ended with
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
    """Of the frequencies of the classes, in nats."""
    shares = np.unique(classes, return_counts=True)[1] / len(classes)
    return float(-np.sum(shares * np.log(shares)))
