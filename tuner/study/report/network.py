"""The best network of a study: its layers, its hyperparameters, and where it trained."""

from __future__ import annotations

from collections.abc import Sequence

from tuner.events import Architecture, Layer
from tuner.health.health_text import percent
from tuner.store import TrialRow
from tuner.study.device_text import precision, trained_on, used
from tuner.study.event_text import words
from tuner.study.report.shares import whole_percent
from tuner.study.report.tables import Table
from tuner.study.wording import clean, counted, scalar

KINDS = {
    "cnn": "a convolutional network for images (CNN)",
    "conv1d": "a convolutional network over words (1D CNN)",
    "lstm": "a recurrent network (LSTM)",
    "gru": "a recurrent network (GRU)",
    "ngram": "an average of words and word sequences (n-grams)",
    "own": "your own network",
}
"""What each type of network is."""


def network_sentences(trial: TrialRow) -> list[str]:
    """What kind of network a trial trained, how it was found, and where it trained."""
    found = []
    built = trial.architecture
    if built is not None:
        weighted = sum(1 for layer in built.layers if layer.parameters)
        kind = KINDS.get(built.type, built.type)
        found.append(
            f"Trial {trial.trial_number} is {kind} with {built.total_parameters:,} weights in "
            f"{counted(weighted, 'layer')} of {len(built.layers):,}; the others have none."
        )
    if trial.suggested_by is not None:
        found.append(f"Its hyperparameters were suggested by: {words(trial.suggested_by)}.")
    if trial.devices is not None:
        text = f"It trained on {trained_on(trial.devices)} with {precision(trial.devices)}"
        found.append(f"{text} and used {used(trial.resources)}." if trial.resources else f"{text}.")
    return found


def layer_table(built: Architecture) -> Table:
    """A row for each layer, in the order of the network."""
    rows = tuple(
        (
            clean(layer.layer_id),
            layer.layer_type,
            _details(layer),
            _shape(layer.output_shape),
            f"{layer.parameters:,}",
            percent(layer.parameters / built.total_parameters) if built.total_parameters else "-",
        )
        for layer in built.layers
    )
    note = "Shapes are without the axis of the samples; * is any length."
    return Table("Layers", ("Layer", "Type", "Settings", "Output shape", ">Weights", ">Share"), rows, note)


def hyperparameter_table(trial: TrialRow, importance: dict[str, float] | None) -> Table:
    """A row for each hyperparameter, with its importance for the study's objective if that is known."""
    names = list(trial.hyperparameters)
    if importance is None:
        values = tuple((clean(name), scalar(trial.hyperparameters[name])) for name in names)
        return Table("Hyperparameters", ("Name", ">Value"), values)
    names.sort(key=lambda name: -importance.get(name, 0.0))
    rows = tuple((clean(name), scalar(trial.hyperparameters[name]), _share(importance.get(name))) for name in names)
    note = "Importance: share of the differences between trials that the hyperparameter explains by itself."
    return Table("Hyperparameters", ("Name", ">Value", ">Importance"), rows, note)


def _share(importance: float | None) -> str:
    return "-" if importance is None else whole_percent(importance)


def _details(layer: Layer) -> str:
    """Such as `16 filters of 3 x 3, relu`."""
    parts = []
    if layer.filters is not None:
        size = f" of {' x '.join(map(str, layer.kernel_size))}" if layer.kernel_size else ""
        parts.append(f"{counted(layer.filters, 'filter')}{size}")
    elif layer.units is not None:
        parts.append(counted(layer.units, "unit"))
    if layer.activation:
        parts.append(layer.activation)
    return ", ".join(parts)


def _shape(shape: Sequence[int | None]) -> str:
    return " x ".join("*" if size is None else f"{size:,}" for size in shape) or "-"
