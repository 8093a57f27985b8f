"""What the summaries of a trial say of its layers: tables by layer and epoch, and one sentence on each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tuner.events import LayerSummary, TrainingSummary
from tuner.health.gradients import HEALTHY_GRADIENT
from tuner.health.health_text import percent

T = TypeVar("T")

Layers = Mapping[int, Mapping[str, LayerSummary]]
"""The measured layers by epoch and name."""

Table = NDArray[np.float64]
"""Values of shape (layers, epochs); NaN: not known or not finite."""


def layers_by_epoch(summaries: Mapping[int, TrainingSummary], *fields: str) -> dict[int, dict[str, LayerSummary]]:
    """The layers by epoch and name, of the epochs in which at least one layer has a value in one of the fields.

    Without fields: of all epochs with layers. Epochs ascend, layers are in the order of the network.
    """

    def measured(layer: LayerSummary) -> bool:
        return not fields or any(getattr(layer, field) is not None for field in fields)

    return {
        epoch: {layer.layer_id: layer for layer in summaries[epoch].layers}
        for epoch in sorted(summaries)
        if any(measured(layer) for layer in summaries[epoch].layers)
    }


def layer_names(layers: Layers) -> list[str]:
    """Names of all layers, in the order of the network."""
    return list(dict.fromkeys(name for found in layers.values() for name in found))


def table(layers: Layers, names: Sequence[str], field: str) -> Table:
    """One value of each layer and epoch."""
    rows = [[getattr(layers[epoch].get(name), field, None) for epoch in sorted(layers)] for name in names]
    return np.array(rows, dtype=np.float64).reshape(len(names), len(layers))


def some(items: Sequence[T], most: int) -> list[T]:
    """At most that many of the items at even distances, with the first and the last one."""
    if len(items) <= most:
        return list(items)
    return [items[round(index * (len(items) - 1) / (most - 1))] for index in range(most)]


def gradient_verdict(gradients: Table, names: Sequence[str], epochs: Sequence[int]) -> str:
    """The worst that the gradients show: not finite in any epoch, else the weakest layer in the last one."""
    broken = ~np.isfinite(gradients)
    if broken.any():
        row = int(broken.any(axis=1).argmax())
        return f"not finite at {names[row]} in {broken[row].sum()} of {len(epochs)} measured epochs"
    last, epoch = gradients[:, -1], epochs[-1]
    weakest, strongest = int(last.argmin()), float(last.max())
    if strongest == 0:
        return f"0 in all layers at epoch {epoch}, so nothing is learned"
    share = float(last[weakest]) / strongest
    if share == 0:
        return f"0 at {names[weakest]} at epoch {epoch}, so it does not learn"
    if share < HEALTHY_GRADIENT:
        part = f"1/{float(f'{1 / share:.1e}'):,.0f}"
        return f"{names[weakest]} has {part} of the strongest layer's at epoch {epoch}, so it hardly learns"
    if len(names) == 1:
        return f"{last[0]:.2g} at epoch {epoch}"
    return f"none vanishes (weakest: {names[weakest]})"


def drift_verdict(drifts: Table, names: Sequence[str], epochs: Sequence[int]) -> str:
    """The layer whose weights changed most since the trial's start."""
    last = drifts[:, -1]
    if not np.isfinite(last).any():
        return f"change since the start not known at epoch {epochs[-1]}"
    row = int(np.nanargmax(last))
    return f"{names[row]} changed most, by {last[row]:.2g} times its norm at the start"


def unit_verdict(dead: Table, saturated: Table, names: Sequence[str], epochs: Sequence[int]) -> str:
    """The layer with the largest share of dead or saturated units in the last measured epoch."""
    inactive = {"dead": dead[:, -1], "saturated": saturated[:, -1]}
    kind, shares = max(inactive.items(), key=lambda item: float(np.nan_to_num(item[1]).max()))
    row = int(np.nan_to_num(shares).argmax())
    if not shares[row] > 0:
        return f"none at epoch {epochs[-1]}"
    noun = "filters" if "conv" in names[row] else "units"
    return f"{percent(float(shares[row]))} of {names[row]}'s {noun} are {kind} at epoch {epochs[-1]}"
