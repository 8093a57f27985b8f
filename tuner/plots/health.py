"""The figure of a study with measured health: accuracy and health of all trials, and the best trial's metrics."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tuner.health.health_text import METRICS, metric_values, percent
from tuner.plots.figures import save
from tuner.spec_parts import HealthWeights
from tuner.store import TrialRow

SIZE_INCHES = (11.0, 4.4)


def draw_health(folder: Path, weights: HealthWeights, trials: Sequence[TrialRow], best: int | None) -> Path | None:
    """Draw `health.png` into `folder`, which is created, and return the file; None if no health was measured."""
    if not any(_measured(trial) for trial in trials):
        return None
    return save(health_figure(weights, trials, best), folder, "health.png")


def health_figure(weights: HealthWeights, trials: Sequence[TrialRow], best: int | None) -> Any:
    """The figure: every measured trial on the left, the six metrics of the best trial on the right."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE_INCHES, layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(1.1, 1))
    measured = [trial for trial in trials if _measured(trial)]
    best_trial = next((trial for trial in measured if trial.trial_number == best), None)
    _draw_trials(figure, left, measured, best_trial)
    _draw_metrics(right, weights, best_trial)
    return figure


def _measured(trial: TrialRow) -> bool:
    return trial.health_metrics is not None and trial.performance is not None


def _draw_trials(figure: Any, axes: Any, trials: Sequence[TrialRow], best: TrialRow | None) -> None:
    """Draw the trials coloured by score; squares mark trials with metrics of too few epochs, which count as 0.5."""
    scores = [trial.performance.total_score for trial in trials if trial.performance]
    shades = {"cmap": "viridis", "vmin": min(scores), "vmax": max(scores) if max(scores) > min(scores) else 1.0}
    image = None
    for marker, label, insufficient in (
        ("o", "all metrics known", False),
        ("s", "too few epochs for some metrics", True),
    ):
        kind = [
            trial
            for trial in trials
            if bool(trial.health_metrics and trial.health_metrics.insufficient) == insufficient
        ]
        if kind:
            colours = [trial.performance.total_score for trial in kind if trial.performance]
            image = axes.scatter(*zip(*map(_point, kind), strict=True), c=colours, marker=marker, label=label, **shades)
    if best is not None:
        label = f"best: trial {best.trial_number}"
        ring = {"marker": "o", "s": 160, "facecolors": "none", "edgecolors": "tab:red", "linewidths": 1.5}
        axes.scatter(*zip(_point(best), strict=True), label=label, **ring)
    figure.colorbar(image, ax=axes, label="total_score")
    axes.legend(loc="best", fontsize=8)
    axes.set(xlabel="val_accuracy", ylabel="overall_health", title="Accuracy and health of all trials")


def _point(trial: TrialRow) -> tuple[float, float]:
    assert trial.performance is not None
    assert trial.health_metrics is not None
    return trial.performance.accuracy, trial.health_metrics.overall_health


def _draw_metrics(axes: Any, weights: HealthWeights, best: TrialRow | None) -> None:
    names = [f"{name}\n{percent(weights.shares[name])}" for name in METRICS]
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set(xlim=(0, 1.15), ylim=(len(names) - 0.5, -0.5), xlabel="0 to 1 (healthy)")
    axes.set_title("Metrics of the best trial")
    if best is None or best.health_metrics is None:
        axes.text(0.5, 0.5, "not known", ha="center", va="center", transform=axes.transAxes)
        return
    for row, (name, value) in enumerate(metric_values(best.health_metrics).items()):
        insufficient = name in best.health_metrics.insufficient
        style = {"color": "none", "edgecolor": "tab:gray", "hatch": "///"} if insufficient else {"color": "tab:blue"}
        axes.barh(row, value, **style)
        text = "too few epochs: 0.5" if insufficient else f"{value:.2f}"
        background = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        axes.text(value + 0.02, row, text, va="center", fontsize=8, bbox=background)
    axes.axvline(best.health_metrics.overall_health, color="tab:green", linestyle="--", linewidth=1)
    axes.set_title(f"Best trial {best.trial_number}: health {best.health_metrics.overall_health:.2f} (dashed)")
