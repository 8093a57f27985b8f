"""Keeps what the figures of a training need of each epoch, while the network that they show still exists.

A summary changes nothing of the training: it draws no random numbers, and the network runs as for prediction. It takes
at most about `SHARE` of the trial's time, however short its epochs are. The learning rate is known after every epoch,
and so are the answers of the validation, which counts them itself. Weights, and then gradients and units, are left out
of the epochs that are too short for them, so that a trial of short epochs has them every few epochs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import ceil, gcd
from typing import Any

import numpy as np

from tuner import models
from tuner.data import Array
from tuner.events import QUANTILES, LayerHealth, LayerSummary, TrainingSummary, VitalSigns
from tuner.training.learning_rate import current_rate
from tuner.training.probe import Probe

SHARE, WEIGHTS_SHARE = 0.025, 0.0125
"""Largest share of a trial's time that its summaries may take, and that reading its weights may take of it."""
MOST_WEIGHTS = 10_000
"""Weights of a layer whose distribution is kept."""
MOST_CONFUSED, MOST_RECALLED = 12, 200
"""Largest number of classes whose confusion, and whose recalls, are kept."""

WEIGHTS_S, GRADIENTS_S, COMPILED_GRADIENTS_S = 0.005, 0.1, 1.0
"""Assumed time of the first reading of the weights, and of the first measurement of gradients and units (that of a
recurrent network is compiled first)."""
LATER_SHARE = 0.25
"""Share of the first measurement's time that the second one takes at most: TensorFlow is then ready for it."""


class TrainingSummaries:
    """The summaries of one training. Made before the first step, and before an earlier state is restored.

    Args:
        network: Compiled, with the weights that the trial starts from.
        x, y: Validation samples as the network takes them, and their classes.
        rate: The learning rate that the network was compiled with: a number or a Keras schedule.
        seed: Draws the samples on which gradients and units are measured, as for health.
        continues: Whether the weights will be those of another trial, so that there is no drift since the start.
        clock: Returns seconds.
    """

    def __init__(
        self,
        network: Any,
        x: Array,
        y: Array,
        rate: Any,
        seed: int,
        *,
        continues: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._network, self._rate = network, rate
        self._samples = (x, y, seed)
        self.with_confusion: bool = network.outputs[0].shape[-1] <= MOST_RECALLED
        """Whether it needs the confusion matrix of each validation."""
        self._layers = [_LayerWeights(layer, drifts=not continues) for layer in kernel_layers(network)]
        self._weights, self._gradients = _Cost(WEIGHTS_S, clock), _Cost(GRADIENTS_S, clock)
        self._probe: Probe | None = None
        self._was_measured = False

    def after_epoch(self, confusion: Array | None, signs: VitalSigns | None) -> TrainingSummary:
        """Return the summary of the epoch that has just ended.

        Args:
            confusion: Validation samples by class and by prediction; None: too many classes.
            signs: What health checks measured after this epoch; None: there are none.
        """
        recalls = matrix = None
        if confusion is not None:
            recalls = tuple(_short(share) for share in np.diagonal(confusion) / np.maximum(confusion.sum(axis=1), 1))
            if len(confusion) <= MOST_CONFUSED:
                matrix = tuple(tuple(row) for row in confusion.tolist())
        return TrainingSummary(
            learning_rate=float(f"{current_rate(self._network.optimizer, self._rate):.6g}"),
            recalls=recalls,
            confusion=matrix,
            layers=self._summarised(signs),
        )

    def _summarised(self, signs: VitalSigns | None) -> tuple[LayerSummary, ...]:
        measured = signs.layers if signs is not None else self._measured()
        if signs is None and not measured and not self._weights.allowed(WEIGHTS_SHARE):
            return ()
        with self._weights.timed():
            known = {layer.layer_id: layer for layer in measured}
            return tuple(layer.summary(known.get(layer.layer_id)) for layer in self._layers)

    def _measured(self) -> Sequence[LayerHealth]:
        """Return each layer's gradient and units; empty: the trial has had no time for it yet."""
        if not self._affordable():
            return ()
        if self._probe is None:
            with self._gradients.timed():
                self._probe = Probe(self._network, *self._samples)
            self._gradients.next_s = COMPILED_GRADIENTS_S if self._probe.recurrent else GRADIENTS_S
            if not self._affordable():
                return ()
        with self._gradients.timed():
            # Without compiling, which takes ten times as long as one measurement.
            layers = self._probe.measure(first=True)[1]
        if not self._was_measured:
            self._gradients.next_s *= LATER_SHARE
            self._was_measured = True
        return layers

    def _affordable(self) -> bool:
        """Return whether there is time for gradients and units, beside the weights of this epoch."""
        return self._gradients.allowed(SHARE, self._weights.spent_s + self._weights.next_s)


class _Cost:
    """The time that one kind of measurement takes, and the time since its creation."""

    def __init__(self, first_s: float, clock: Callable[[], float]) -> None:
        self._clock, self._began = clock, clock()
        self.spent_s = 0.0
        self.next_s = first_s
        """Expected time of the next measurement: that of the latest one."""

    def allowed(self, share: float, others_s: float = 0.0) -> bool:
        """Return whether the measurements and other costs keep to a share of the time, with one more measurement."""
        return self.spent_s + self.next_s + others_s <= share * (self._clock() - self._began)

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Context manager for a measurement, whose time counts."""
        began = self._clock()
        yield
        self.next_s = self._clock() - began
        self.spent_s += self.next_s


class _LayerWeights:
    """The kernel weights and biases of one layer, as a sample of at most MOST_WEIGHTS each."""

    def __init__(self, layer: Any, *, drifts: bool) -> None:
        self.layer_id: str = layer.name
        self._kernels, self._biases = _kernels_and_biases(layer)
        self._start = sample(self._kernels) if drifts else None

    def summary(self, measured: LayerHealth | None) -> LayerSummary:
        """Return the layer's summary, with what the probe measured of it."""
        weights = sample(self._kernels)
        values: dict[str, Any] = {}
        if measured is not None:
            values = {name: _rounded(getattr(measured, name)) for name in ("dead", "saturated", "gradient")}
            values["units"] = measured.units
        return LayerSummary(
            layer_id=self.layer_id,
            weights=quantiles(weights),
            biases=quantiles(sample(self._biases)) if self._biases else None,
            drift=None if self._start is None else _rounded(_drift(self._start, weights)),
            **values,
        )


def kernel_layers(network: Any) -> list[Any]:
    """Return the layers with kernel weights, in the order of the network."""
    known = {layer.layer_id for layer in models.kernel_weights(network)}
    return [layer for layer in models.flat_layers(network) if layer.name in known]


def _kernels_and_biases(layer: Any) -> tuple[list[Any], list[Any]]:
    """Return the weight matrices of a layer, and its biases, which have two axes in a GRU."""
    biases = [variable for variable in layer.trainable_variables if variable.name == "bias"]
    known = {id(variable) for variable in biases}
    kernels = [one for one in layer.trainable_variables if len(one.shape) >= 2 and id(one) not in known]
    return kernels, biases


def sample(variables: Sequence[Any]) -> Array:
    """Return at most MOST_WEIGHTS of the numbers of some variables, evenly spread, always the same ones."""
    step = ceil(sum(int(np.prod(variable.shape)) for variable in variables) / MOST_WEIGHTS)
    return np.concatenate([_every(step, variable.numpy()) for variable in variables])


def _every(step: int, values: Array) -> Array:
    """Return about each `step`-th number; never always those of the same few units (the last axis)."""
    units = values.shape[-1]
    while step > 1 and gcd(step, units) > 1:
        step += 1
    return values.ravel()[::step]


def quantiles(values: Array) -> tuple[float, ...]:
    """Return the QUANTILES of some numbers, linear between two of them, as NumPy's."""
    ordered = np.sort(values).astype(np.float64)
    places = np.multiply(QUANTILES, len(ordered) - 1)
    return tuple(map(_short, np.interp(places, np.arange(len(ordered)), ordered)))


def _drift(start: Array, weights: Array) -> float | None:
    before, after = start.astype(np.float64), weights.astype(np.float64)
    size = float(np.linalg.norm(before))
    return float(np.linalg.norm(after - before)) / size if size > 0 else None


def _short(value: float) -> float:
    """Return a number with 4 significant digits."""
    return float(f"{value:.4g}")


def _rounded(value: float | None) -> float | None:
    return None if value is None else _short(value)
