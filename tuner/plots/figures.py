"""Figures of a study: objective by trial and by epoch, confusion matrix of the best model, importance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

from tuner.data import Array
from tuner.objectives import Monitored, Objective, maximised
from tuner.store import EpochRow, TrialRow

SIZE_INCHES = (7.0, 4.2)
DPI = 150
MAX_LABELLED_CLASSES = 50


def draw_study(
    folder: Path,
    objective: Objective,
    monitor: Monitored,
    trials: Sequence[TrialRow],
    epochs: Sequence[EpochRow],
    confusion: Array | None,
    labels: Sequence[str],
    importance: Mapping[str, float] | None = None,
) -> list[Path]:
    """Draw the study's figures into `folder`, which is created, and return the files.

    `history.png`: each trial's objective and the best so far. `curves.png`: the monitored objective by epoch of each
    trial. `confusion.png`: test samples by true and predicted class, if `confusion` of shape (classes, classes) is
    given. `importance.png`: the importance of each hyperparameter, if `importance` (by name, in [0, 1]) is given.
    """
    figures = {"history.png": _history(objective, trials), "curves.png": _curves(objective, monitor, trials, epochs)}
    if confusion is not None:
        figures["confusion.png"] = _confusion(confusion, labels)
    if importance:
        figures["importance.png"] = _importance(objective, importance)
    return [save(figure, folder, name) for name, figure in figures.items()]


def save(figure: Any, folder: Path, name: str) -> Path:
    """Write a figure into `folder`, which is created, and return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / name, dpi=DPI)
    return folder / name


def new_figure(width: float = SIZE_INCHES[0], height: float = SIZE_INCHES[1]) -> tuple[Any, Any]:
    """An empty figure and its axes, without pyplot, whose global state is not thread-safe."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


def _history(objective: Objective, trials: Sequence[TrialRow]) -> Any:
    figure, axes = new_figure()
    styles = {"completed": ("o", "tab:blue"), "pruned": ("x", "tab:gray"), "cancelled": ("d", "tab:orange")}
    for status, (marker, colour) in styles.items():
        points = [(t.trial_number, t.objective) for t in trials if t.status == status and t.objective is not None]
        if points:
            axes.scatter(*zip(*points, strict=True), marker=marker, color=colour, label=status)
    scored = [(t.trial_number, t.objective) for t in trials if t.objective is not None]
    if scored:
        numbers, values = zip(*scored, strict=True)
        best = list(accumulate(values, max if maximised(objective) else min))
        axes.step(numbers, best, where="post", color="tab:green", label="best so far")
        axes.legend(loc="best")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set(xlabel="trial", ylabel=objective, title="Objective by trial")
    return figure


def _curves(objective: Objective, monitor: Monitored, trials: Sequence[TrialRow], epochs: Sequence[EpochRow]) -> Any:
    figure, axes = new_figure()
    scored = [t for t in trials if t.objective is not None]
    pick = max if maximised(objective) else min
    best_trial = pick(scored, key=lambda t: t.objective or 0.0).trial_number if scored else None
    for trial in trials:
        curve = [(e.epoch, e.objective) for e in epochs if e.trial_number == trial.trial_number]
        if not curve:
            continue
        is_best = trial.trial_number == best_trial
        axes.plot(
            *zip(*curve, strict=True),
            marker="." if len(curve) < 20 else None,
            color="tab:green" if is_best else "tab:gray",
            linewidth=2 if is_best else 1,
            alpha=1 if is_best else 0.5,
            zorder=3 if is_best else 2,
            label=f"best: trial {trial.trial_number}" if is_best else None,
        )
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="best")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set(xlabel="epoch", ylabel=monitor, title="Objective by epoch")
    return figure


def _importance(objective: Objective, importance: Mapping[str, float]) -> Any:
    names = [_short(name, 24) for name in importance]
    positions = range(len(names))
    figure, axes = new_figure(height=1.2 + 0.28 * len(names))
    bars = axes.barh(positions, list(importance.values()), color="tab:blue")
    axes.bar_label(bars, fmt="%.2f", padding=3, fontsize=8)
    axes.set_yticks(positions, names)
    axes.invert_yaxis()
    axes.margins(x=0.1)
    axes.set(xlabel=f"share of the explained variance of {objective}", title="Importance of hyperparameters")
    return figure


def _confusion(confusion: Array, labels: Sequence[str]) -> Any:
    import numpy as np

    counts = np.asarray(confusion, dtype=np.float64)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = min(12.0, 3.5 + 0.35 * len(labels))
    figure, axes = new_figure(side + 1, side)
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    figure.colorbar(image, ax=axes, label="share of the true class")
    if len(labels) <= MAX_LABELLED_CLASSES:
        short = [_short(label, 16) for label in labels]
        axes.set_xticks(range(len(labels)), short, rotation=90 if max(map(len, short)) > 2 else 0)
        axes.set_yticks(range(len(labels)), short)
    if len(labels) <= 12:
        for row, column in np.ndindex(*shares.shape):
            if counts[row, column]:
                colour = "white" if shares[row, column] > 0.5 else "black"
                axes.text(
                    column, row, f"{int(counts[row, column])}", ha="center", va="center", color=colour, fontsize=8
                )
    accuracy = np.trace(counts) / max(counts.sum(), 1)
    axes.set(xlabel="predicted", ylabel="true", title=f"Test samples, accuracy {accuracy:.4f}")
    return figure


def _short(name: str, width: int) -> str:
    """A name cut to `width` characters, with dollar signs escaped, which would start a formula."""
    return (name if len(name) <= width else name[: width - 1] + "…").replace("$", r"\$")
