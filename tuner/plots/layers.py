"""Figures of a trial's layers over its epochs: gradients, weights and biases, dead and saturated units.

All are made from the summaries that were kept during the training. Epochs without a measurement of the layers are left
out; without any, the figure says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from tuner.events import LayerSummary, TrainingSummary
from tuner.health.health_text import percent
from tuner.plots.layer_values import (
    drift_verdict,
    gradient_verdict,
    layer_names,
    layers_by_epoch,
    some,
    table,
    unit_verdict,
)
from tuner.plots.style import (
    BLACK,
    BLUE,
    LABEL_SIZE,
    ORANGE,
    SHADES,
    SMALL_SIZE,
    Caption,
    finish,
    line_style,
    new_axes,
    new_figure,
    nothing,
    say,
    shorten,
)
from tuner.plots.training import epoch_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NOT_KEPT = (
    "The layers were not measured while this trial trained: it ran with plot_generation=none, or its epochs were too "
    "short to measure them. plot_generation=best or all measures them in longer epochs."
)

MOST_LINES = 7
"""Number of layers up to which each one is a line; more are rows of shades."""

MOST_ROWS = 8
"""Number of layers whose weights are drawn; of more layers, the first, the last, and some between."""

MOST_COLUMNS, MOST_NUMBERED = 40, 14
"""Number of epochs in a table of shades: all of them, and with a number in each cell."""


def gradients_figure(summaries: Mapping[int, TrainingSummary], caption: Caption) -> Figure:
    """Size of the loss's gradient at each layer by epoch: lines up to 7 layers, shades for more.

    The size is the root mean square over the kernel weights, on a logarithmic axis; 0 and values that are not finite
    are left out and named in the title.
    """
    layers = layers_by_epoch(summaries, "gradient")
    if not layers:
        return nothing("Gradients by layer", NOT_KEPT, caption)
    names, epochs = layer_names(layers), sorted(layers)
    values = table(layers, names, "gradient")
    visible = np.where(values > 0, values, np.nan)
    title = f"Gradients by layer: {gradient_verdict(values, names, epochs)}"
    unit = "root mean square gradient"
    if len(names) > MOST_LINES and np.isfinite(visible).any():
        figure, axes = new_figure(_table_width(len(epochs)), 1.8 + 0.26 * len(names), grid=False)
        _shade_gradients(figure, axes, visible, names, epochs, unit)
        return finish(figure, title, caption)
    figure, axes = new_figure(8.0, 4.4)
    for row, name in enumerate(names[:MOST_LINES]):
        axes.plot(epochs, visible[row], label=shorten(name, 22), **line_style(row, len(epochs)))
    axes.set_ylabel(unit)
    epoch_axis(axes, epochs[0], epochs[-1])
    if not np.isfinite(visible).any():
        say(axes, "All gradients are 0.", 5)
        return finish(figure, title, caption)
    axes.set_yscale("log")
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), fontsize=SMALL_SIZE, frameon=False, title="input to output")
    return finish(figure, title, caption)


def weights_figure(summaries: Mapping[int, TrainingSummary], caption: Caption) -> Figure:
    """Distribution of each layer's weights and biases by epoch, and the drift of its weights since the start."""
    layers = layers_by_epoch(summaries)
    all_names = layer_names(layers)
    if not all_names:
        return nothing("Weights and biases by layer", NOT_KEPT, caption)
    names = some(all_names, MOST_ROWS)
    epochs = sorted(layers)
    figure, axes = new_axes(len(names), 3, 9.0, 1.3 + 1.35 * len(names))
    drifts = table(layers, names, "drift")
    finite = drifts[np.isfinite(drifts)]
    highest = float(finite.max()) if finite.size else 0.0
    for row, name in enumerate(names):
        weights, biases, drift = axes[row]
        of_layer = {epoch: found[name] for epoch, found in layers.items() if name in found}
        _draw_quantiles(weights, {epoch: layer.weights for epoch, layer in of_layer.items()}, BLUE)
        known = {epoch: layer.biases for epoch, layer in of_layer.items() if layer.biases is not None}
        _draw_quantiles(biases, known, ORANGE)
        drift.plot(epochs, drifts[row], **line_style(2, len(epochs)))
        drift.set_ylim(0, 1.1 * highest or 1.0)
        if not known:
            say(biases, "no biases", 2)
        if not np.isfinite(drifts[row]).any():
            say(drift, "not known", 2)
        titles = (f"{shorten(name, 22)}: weights", "biases", "drift of the weights")
        for one, title in zip(axes[row], titles, strict=True):
            one.set_title(title, loc="left", fontsize=SMALL_SIZE + 0.5)
            epoch_axis(one, epochs[0], epochs[-1])
            if row < len(names) - 1:
                one.tick_params(labelbottom=False)
                one.set_xlabel("")
    note = "line: median; bands: middle half, 5 to 95 %; dots: extremes; drift: change relative to the start"
    if len(names) < len(all_names):
        note = f"{len(names)} of {len(all_names)} layers; {note}"
    return finish(figure, f"Weights and biases: {drift_verdict(drifts, names, epochs)}", _with_note(caption, note))


def units_figure(summaries: Mapping[int, TrainingSummary], caption: Caption) -> Figure:
    """Share of dead and of saturated units of each layer by epoch, as shades and numbers.

    The saturated ones are left out if no layer has any.
    """
    layers = layers_by_epoch(summaries, "dead", "saturated")
    names = [name for name in layer_names(layers) if any(_measured(found.get(name)) for found in layers.values())]
    if not names:
        why = "This network has no layer with hidden units." if layers_by_epoch(summaries, "gradient") else NOT_KEPT
        return nothing("Dead and saturated units", why, caption)
    epochs = some(sorted(layers), MOST_COLUMNS)
    layers = {epoch: layers[epoch] for epoch in epochs}
    dead, saturated = table(layers, names, "dead"), table(layers, names, "saturated")
    tables = {"dead": dead} | ({"saturated": saturated} if np.nansum(saturated) > 0 else {})
    width = _table_width(len(epochs)) + (len(tables) - 1) * (_table_width(len(epochs)) - 2)
    figure, axes = new_axes(1, len(tables), width, max(2.6, 1.9 + 0.32 * len(names)), grid=False)
    labels = [_unit_label(name, layers) for name in names]
    for column, (kind, shares) in enumerate(tables.items()):
        one = axes[0, column]
        image = _shade(one, shares, epochs, labels if column == 0 else None, cmap="Blues", vmin=0, vmax=1)
        one.set_title(f"{kind} units", loc="left", fontsize=LABEL_SIZE)
        if len(epochs) <= MOST_NUMBERED:
            _write_shares(one, shares)
    bar = figure.colorbar(image, ax=list(axes.flat), label="share of the units", format=lambda share, _: percent(share))
    bar.ax.tick_params(labelsize=SMALL_SIZE)
    meanings = ["dead: same output for all samples", "saturated: output at a bound"]
    note = "; ".join(meanings[: len(tables)])
    title = f"Dead and saturated units: {unit_verdict(dead, saturated, names, epochs)}"
    return finish(figure, title, _with_note(caption, note))


def _draw_quantiles(axes: Axes, quantiles: Mapping[int, Sequence[float]], colour: str) -> None:
    """Draw the distribution of values by epoch: median, two bands, smallest and largest."""
    epochs = sorted(quantiles)
    if not epochs:
        return
    values = np.array([quantiles[epoch] for epoch in epochs], dtype=np.float64).T
    if not np.isfinite(values).any():
        say(axes, "not finite", 2)
        return
    low, q05, q25, median, q75, q95, high = values
    marker = "o" if len(epochs) <= 30 else None
    if len(epochs) == 1:  # a band needs two epochs
        axes.vlines(epochs, q05, q95, color=colour, alpha=0.25, linewidth=16)
        axes.vlines(epochs, q25, q75, color=colour, alpha=0.45, linewidth=16)
    axes.fill_between(epochs, q05, q95, color=colour, alpha=0.25, linewidth=0)
    axes.fill_between(epochs, q25, q75, color=colour, alpha=0.45, linewidth=0)
    for edge in (low, high):
        axes.plot(epochs, edge, color=colour, linestyle=":", linewidth=1, marker=".", markersize=3)
    axes.plot(epochs, median, color=BLACK, marker=marker, markersize=3, linewidth=1.3)
    axes.locator_params(axis="y", nbins=4)


def _shade_gradients(
    figure: Figure, axes: Axes, values: Any, names: Sequence[str], epochs: Sequence[int], unit: str
) -> None:
    """Draw the gradients of many layers as shades on a logarithmic scale. A layer without a value is blank."""
    from matplotlib.colors import LogNorm

    shown = some(range(len(epochs)), MOST_COLUMNS)
    finite = values[np.isfinite(values)]
    scale = LogNorm(finite.min(), finite.max()) if finite.size and finite.min() < finite.max() else None
    labels = [shorten(name, 22) for name in names]
    image = _shade(axes, values[:, shown], [epochs[column] for column in shown], labels, cmap=SHADES, norm=scale)
    axes.set_ylabel("input (top) to output")
    figure.colorbar(image, ax=axes, label=unit).ax.tick_params(labelsize=SMALL_SIZE)


def _shade(axes: Axes, values: Any, epochs: Sequence[int], labels: Sequence[str] | None, **shades: Any) -> Any:
    """Draw a table of shape (layers, epochs) as shades, with the layers' names at the left."""
    image = axes.imshow(values, aspect="auto", interpolation="nearest", **shades)
    columns = range(0, len(epochs), -(-len(epochs) // MOST_NUMBERED))
    axes.set_xticks(columns, [str(epochs[column]) for column in columns])
    axes.set_yticks(range(len(values)), labels if labels is not None else [""] * len(values))
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlabel("epoch")
    return image


def _write_shares(axes: Axes, shares: Any) -> None:
    """Write each share into its cell, white on dark shades; a dash where it is not known."""
    for (row, column), share in np.ndenumerate(shares):
        text = f"{100 * share:.0f}" if isfinite(share) else "-"
        colour = "white" if isfinite(share) and share > 0.5 else "black"
        axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=SMALL_SIZE)


def _table_width(epochs: int) -> float:
    """Inches for the names at the left, that many columns, and a scale at the right."""
    return max(6.0, 3.0 + 0.42 * min(epochs, MOST_NUMBERED))


def _unit_label(name: str, layers: Mapping[int, Mapping[str, LayerSummary]]) -> str:
    units = next((found[name].units for found in layers.values() if name in found and found[name].units), None)
    return f"{shorten(name, 20)} ({units:,})" if units else shorten(name, 20)


def _measured(layer: LayerSummary | None) -> bool:
    return layer is not None and (layer.dead is not None or layer.saturated is not None)


def _with_note(caption: Caption, note: str) -> Caption:
    return replace(caption, note=" · ".join(part for part in (caption.note, note) if part))
