"""The figure of a study with measured health: accuracy and health of all trials, and the best trial's metrics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tuner.health.health_text import METRICS, metric_values, percent
from tuner.plots.style import BLACK, BLUE, LINE_GREY, RED, SHADES, SMALL_SIZE, Caption, finish, new_axes, nothing
from tuner.plots.trial_style import MOST_VECTORS, legend_above
from tuner.spec_parts import HealthWeights
from tuner.store import TrialRow

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE_INCHES = (10.5, 4.6)


def health_figure(weights: HealthWeights, trials: Sequence[TrialRow], best: int | None, caption: Caption) -> Figure:
    """Every measured trial on the left, the six metrics of the best trial on the right.

    Args:
        best: Number of the study's best trial; None: it has none.
    """
    title = "Accuracy and health of all trials"
    measured = [trial for trial in trials if trial.health_metrics is not None and trial.performance is not None]
    if not measured:
        return nothing(title, "No trial's health was measured: mode=health or mode=pareto measures it.", caption)
    figure, panels = new_axes(1, 2, *SIZE_INCHES)
    best_trial = next((trial for trial in measured if trial.trial_number == best), None)
    _draw_trials(figure, panels[0, 0], measured, best_trial)
    _draw_metrics(panels[0, 1], weights, best_trial)
    if best_trial is not None and best_trial.health_metrics is not None:
        title = f"{title}: the best, trial {best}, has health {best_trial.health_metrics.overall_health:.2f}"
    return finish(figure, title, caption)


def _draw_trials(figure: Figure, axes: Axes, trials: Sequence[TrialRow], best: TrialRow | None) -> None:
    """Draw the trials coloured by score; squares mark trials with metrics of too few epochs, which count as 0.5."""
    scores = [trial.performance.total_score for trial in trials if trial.performance]
    # Dark is good, as in print.
    highest = max(scores) if max(scores) > min(scores) else min(scores) + 1.0
    shades: dict[str, Any] = {"cmap": f"{SHADES}_r", "vmin": min(scores), "vmax": highest}
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
            size = 36 if len(kind) <= 300 else 14
            xs, ys = zip(*map(_point, kind), strict=True)
            image = axes.scatter(
                xs, ys, c=colours, marker=marker, s=size, edgecolors="#666666",
                linewidths=0.5, label=label, rasterized=len(kind) > MOST_VECTORS, **shades,
            )  # fmt: skip
    if best is not None:
        ring: dict[str, Any] = {"s": 190, "facecolors": "none", "edgecolors": RED, "linewidths": 2}
        x, y = _point(best)
        axes.scatter([x], [y], label=f"best: trial {best.trial_number}", **ring)
    assert image is not None
    figure.colorbar(image, ax=axes, label="total score")
    legend_above(axes, columns=2)
    axes.margins(0.09)
    axes.set(xlabel="validation accuracy, higher is better", ylabel="overall health, higher is better")


def _point(trial: TrialRow) -> tuple[float, float]:
    assert trial.performance is not None
    assert trial.health_metrics is not None
    return trial.performance.accuracy, trial.health_metrics.overall_health


def _draw_metrics(axes: Axes, weights: HealthWeights, best: TrialRow | None) -> None:
    names = [f"{name.replace('_', ' ')}\n(weight {percent(weights.shares[name])})" for name in METRICS]
    axes.set_yticks(range(len(names)), names, fontsize=SMALL_SIZE)
    axes.set(xlim=(0, 1.18), ylim=(len(names) - 0.5, -0.5), xlabel="0 to 1, higher is healthier")
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
    axes.grid(axis="y", visible=False)
    if best is None or best.health_metrics is None:
        text = "The health of the best trial\nwas not measured."
        axes.text(0.5, 0.5, text, ha="center", va="center", transform=axes.transAxes)
        return
    for row, (name, value) in enumerate(metric_values(best.health_metrics).items()):
        insufficient = name in best.health_metrics.insufficient
        style: dict[str, Any] = (
            {"color": "white", "edgecolor": LINE_GREY, "hatch": "///"} if insufficient else {"color": BLUE}
        )
        axes.barh(row, value, height=0.7, **style)
        text = "too few epochs: 0.5" if insufficient else f"{value:.2f}"
        background = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        axes.text(value + 0.02, row, text, va="center", fontsize=SMALL_SIZE, bbox=background)
    overall = best.health_metrics.overall_health
    axes.axvline(overall, color=BLACK, linestyle="--", linewidth=1.3, label=f"overall health {overall:.2f}")
    axes.plot([], [], color=BLUE, linewidth=6, label=f"metrics of trial {best.trial_number}")
    legend_above(axes, columns=2)
