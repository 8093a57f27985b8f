"""The pictures of an animated training: curves, weights by layer, and confusion or recalls, one epoch after another.

The layout is computed once, for the last epoch. Between two pictures only the data change, so that a picture takes a
few milliseconds instead of a few tenths of a second.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from tuner.data import Array
from tuner.events import TrainingSummary
from tuner.plots.layer_values import layer_names, layers_by_epoch, some
from tuner.plots.style import BLACK, BLUE, LABEL_SIZE, SMALL_SIZE, Caption, finish, new_axes, percent_ticks, shorten
from tuner.plots.training import draw_accuracy, draw_loss, epoch_axis, percent_text
from tuner.store import EpochRow

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GRIDS = {2: (1, 2), 3: (1, 3), 4: (2, 2)}
"""Rows and columns for that many panels."""

PANEL_INCHES = (3.9, 3.1)
MOST_LAYERS = 10
MOST_NAMED = 24
"""Number of classes up to which each one has its name."""

MOST_NUMBERED = 5
"""Number of classes up to which the confusion shows its shares as numbers."""


class Panel(Protocol):
    """A part of the picture that changes from epoch to epoch."""

    @property
    def artists(self) -> Sequence[Artist]:
        """What is drawn anew for each picture, in this order."""

    def show(self, epoch: int) -> None:
        """Set the artists to the values of that epoch, or of the last one before it that is known."""


def frames(
    rows: Sequence[EpochRow],
    epochs: Sequence[int],
    summaries: Mapping[int, TrainingSummary],
    labels: Sequence[str],
    caption: Caption,
    dpi: int,
) -> Iterator[Array]:
    """Yield a picture of shape (height, width, 3), uint8, both sides even, for each of the epochs.

    `rows` holds at least one epoch of one trial; rows and epochs ascend.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    confusions = {epoch: found.confusion for epoch, found in summaries.items() if found.confusion}
    recalls = {epoch: found.recalls for epoch, found in summaries.items() if found.recalls}
    layers = layers_by_epoch(summaries)
    grid = GRIDS[2 + bool(layers) + bool(confusions or recalls)]
    figure, axes = new_axes(*grid, grid[1] * PANEL_INCHES[0], grid[0] * PANEL_INCHES[1] + 0.7)
    canvas: Any = FigureCanvasAgg(figure)
    figure.set_dpi(dpi)
    left = list(axes.flat)
    panels: list[Panel] = [CurvePanel(left.pop(0), rows, loss=False), CurvePanel(left.pop(0), rows, loss=True)]
    if layers:
        panels.append(WeightPanel(left.pop(0), layers))
    if confusions:
        panels.append(ConfusionPanel(left.pop(0), confusions, labels))
    elif recalls:
        panels.append(RecallPanel(left.pop(0), recalls, labels))
    finish(figure, _title(rows, rows[-1].epoch), caption)
    title = next(text for text in figure.texts if text.get_text() == figure.get_suptitle())
    moving = [title, *(artist for panel in panels for artist in panel.artists)]
    for panel in panels:
        panel.show(rows[-1].epoch)
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for artist in moving:
        artist.set_animated(True)
    canvas.draw()
    background = canvas.copy_from_bbox(figure.bbox)
    for epoch in epochs:
        canvas.restore_region(background)
        title.set_text(_title(rows, epoch))
        for panel in panels:
            panel.show(epoch)
        for artist in moving:
            artist.draw(canvas.get_renderer())
        yield _even_sides(canvas)


def drawn_picture(figure: Figure, dpi: int) -> Array:
    """The picture of a figure that does not change."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas: Any = FigureCanvasAgg(figure)
    figure.set_dpi(dpi)
    canvas.draw()
    return _even_sides(canvas)


def _even_sides(canvas: Any) -> Array:
    """A copy of what was drawn, without the last row or column if their number is odd: video needs even sides."""
    picture = np.asarray(canvas.buffer_rgba())[..., :3]
    return picture[: picture.shape[0] // 2 * 2, : picture.shape[1] // 2 * 2].copy()


class CurvePanel:
    """Loss or accuracy of training and validation, up to an epoch."""

    def __init__(self, axes: Axes, rows: Sequence[EpochRow], *, loss: bool) -> None:
        if loss:
            draw_loss(axes, rows)
        else:
            draw_accuracy(axes, rows, None)
        axes.set_title("Loss" if loss else "Accuracy", loc="left", fontsize=LABEL_SIZE)
        epoch_axis(axes, rows[0].epoch, rows[-1].epoch)
        axes.autoscale(enable=False)
        if axes.axison:
            axes.legend(loc="best", fontsize=SMALL_SIZE)
        self.artists = list(axes.lines)
        self._points = [np.asarray(line.get_xydata(), dtype=np.float64) for line in axes.lines]

    def show(self, epoch: int) -> None:
        for line, points in zip(self.artists, self._points, strict=True):
            line.set_data(*points[points[:, 0] <= epoch].T)


class WeightPanel:
    """Distribution of each layer's weights: bars from 5 to 95 %, the middle half, the median."""

    def __init__(self, axes: Axes, layers: Mapping[int, Mapping[str, Any]]) -> None:
        from matplotlib.collections import LineCollection

        self._layers = layers
        self._names = some(layer_names(layers), MOST_LAYERS)
        self._title = axes.set_title("", loc="left", fontsize=LABEL_SIZE)
        width = min(14.0, 110 / len(self._names))
        self._wide = LineCollection([], colors=BLUE, alpha=0.3, linewidths=width, capstyle="butt")
        self._half = LineCollection([], colors=BLUE, alpha=0.6, linewidths=width, capstyle="butt")
        (self._median,) = axes.plot([], [], color=BLACK, marker="|", markersize=width, linestyle="")
        for collection in (self._wide, self._half):
            axes.add_collection(collection, autolim=False)
        self.artists: list[Artist] = [self._title, self._wide, self._half, self._median]
        inner = np.array([layer.weights[1:6] for found in layers.values() for layer in found.values()])
        reach = float(np.nanmax(np.abs(inner), initial=0.0, where=np.isfinite(inner)))
        axes.set(xlim=(-1.1 * reach or -1, 1.1 * reach or 1), ylim=(len(self._names) - 0.5, -0.5), xlabel="weight")
        axes.set_yticks(range(len(self._names)), [shorten(name, 16) for name in self._names])

    def show(self, epoch: int) -> None:
        at = _latest(self._layers, epoch)
        found = self._layers[at] if at is not None else {}
        rows = [(row, found[name].weights) for row, name in enumerate(self._names) if name in found]
        self._wide.set_segments([np.array([(values[1], row), (values[5], row)]) for row, values in rows])
        self._half.set_segments([np.array([(values[2], row), (values[4], row)]) for row, values in rows])
        self._median.set_data([values[3] for _, values in rows], [row for row, _ in rows])
        self._title.set_text(_heading("Weights: 5 to 95 %, middle half", at))


class ConfusionPanel:
    """Shares of each true class by predicted class."""

    def __init__(self, axes: Axes, confusions: Mapping[int, Any], labels: Sequence[str]) -> None:
        from matplotlib.colors import PowerNorm

        self._shares = {epoch: _shares(counts) for epoch, counts in confusions.items()}
        size = self._size = len(next(iter(self._shares.values())))
        scale = PowerNorm(0.5, vmin=0, vmax=1)  # a hundredth of a class can be seen too
        self._image = axes.imshow(np.zeros((size, size)), cmap="Blues", norm=scale, aspect="auto")
        self._title = axes.set_title("", loc="left", fontsize=LABEL_SIZE)
        self._numbers = [
            axes.text(column, row, "", ha="center", va="center", fontsize=SMALL_SIZE)
            for row, column in np.ndindex(size, size)
            if size <= MOST_NUMBERED
        ]
        self.artists: list[Artist] = [self._title, self._image, *self._numbers]
        names = [shorten(name, 10) for name in labels[:size]]
        axes.set_xticks(range(size), names, rotation=90 if max(map(len, names)) > 2 else 0)
        axes.set_yticks(range(size), names)
        axes.grid(visible=False)
        axes.set(xlabel="predicted", ylabel="true")
        assert axes.figure is not None
        bar = axes.figure.colorbar(self._image, ax=axes)
        percent_ticks(bar.ax.yaxis)
        bar.ax.tick_params(labelsize=SMALL_SIZE)

    def show(self, epoch: int) -> None:
        at = _latest(self._shares, epoch)
        shares = self._shares[at] if at is not None else np.full((self._size, self._size), np.nan)
        self._image.set_data(shares)
        for number, share in zip(self._numbers, shares.flat, strict=False):
            number.set_text(percent_text(share) if np.isfinite(share) else "")
            number.set_color("white" if share > 0.3 else "black")
        self._title.set_text(_heading("Share of each true class", at))


class RecallPanel:
    """Recall of each class as bars; of many classes, their recalls in ascending order as a line."""

    def __init__(self, axes: Axes, recalls: Mapping[int, Sequence[float]], labels: Sequence[str]) -> None:
        self._recalls = recalls
        size = len(next(iter(recalls.values())))
        self._title = axes.set_title("", loc="left", fontsize=LABEL_SIZE)
        self._sorted = size > MOST_NAMED
        if self._sorted:
            (self._line,) = axes.plot([], [], color=BLUE, linewidth=2)
            self.artists: list[Artist] = [self._title, self._line]
            axes.set(xlim=(1, size), ylim=(0, 1.02), xlabel="classes, the worst first")
            percent_ticks(axes.yaxis)
        else:
            self._bars = axes.barh(range(size), [0.0] * size, color=BLUE)
            self.artists = [self._title, *self._bars]
            names = [shorten(name, 14) for name in labels[:size]]
            axes.set_yticks(range(size), names, fontsize=SMALL_SIZE if size < 16 else 7)
            axes.set(xlim=(0, 1.02), ylim=(size - 0.5, -0.5))
            percent_ticks(axes.xaxis)

    def show(self, epoch: int) -> None:
        at = _latest(self._recalls, epoch)
        values = list(self._recalls[at]) if at is not None else []
        if self._sorted:
            self._line.set_data(range(1, len(values) + 1), sorted(values))
        else:
            for bar, value in zip(self._bars, values or [0.0] * len(self._bars), strict=True):
                bar.set_width(value)
        self._title.set_text(_heading("Right answers by class", at))


def _title(rows: Sequence[EpochRow], epoch: int) -> str:
    row = next(row for row in rows if row.epoch == epoch)
    return f"Epoch {epoch} of {rows[-1].epoch}: {percent_text(row.val_accuracy)} validation accuracy"


def _heading(text: str, at: int | None) -> str:
    return f"{text}, epoch {at}" if at is not None else f"{text}: not measured yet"


def _latest(known: Mapping[int, object], epoch: int) -> int | None:
    """The last known epoch up to that one."""
    return max((one for one in known if one <= epoch), default=None)


def _shares(counts: Sequence[Sequence[int]]) -> Any:
    """Each row divided by its sum; NaN for a class without samples."""
    table = np.asarray(counts, dtype=np.float64)
    sums = table.sum(axis=1, keepdims=True)
    return np.divide(table, sums, out=np.full_like(table, np.nan), where=sums > 0)
